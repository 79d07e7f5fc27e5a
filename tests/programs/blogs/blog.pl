# A blog on DBI: blog.pl DSN USER PAGE
use strict;
use warnings;
use DBI;

package Blog::Store {
    sub new {
        my ($class, $database) = @_;
        return bless {database => $database}, $class;
    }

    sub posts {
        my ($self) = @_;
        return $self->{database}->selectall_arrayref('SELECT id, title, author_id FROM posts ORDER BY id', {Slice => {}});
    }

    sub author_of {
        my ($self, $post) = @_;
        my ($name) = $self->{database}->selectrow_array('SELECT name FROM authors WHERE id = ?', undef, $post->{author_id});
        return $name;
    }

    sub titles_of {
        my ($self, $author) = @_;
        my $statement = $self->{titles} //= $self->{database}->prepare('SELECT title FROM posts WHERE author_id = ? ORDER BY id');
        $statement->execute($author);
        return map { $_->[0] } @{$statement->fetchall_arrayref};
    }
}

package main;

sub seed {
    my ($database) = @_;
    $database->do('CREATE TABLE authors(id INTEGER PRIMARY KEY, name TEXT)');
    $database->do('CREATE TABLE posts(id INTEGER PRIMARY KEY, title TEXT, author_id INTEGER REFERENCES authors(id))');
    $database->begin_work;
    $database->do("INSERT INTO authors VALUES ($_, 'author $_')") for 1 .. 20;
    $database->do("INSERT INTO posts VALUES (100 + $_, 'post $_', 1 + $_ * 7 % 20)") for 1 .. 100;
    $database->commit;
}

sub print_posts {
    my ($store) = @_;
    for my $post (@{$store->posts}) {
        my $author = $store->author_of($post);
        print "$post->{title} by $author\n";
    }
}

sub print_joined {
    my ($database) = @_;
    my $sql = 'SELECT p.title, a.name FROM posts p JOIN authors a ON a.id = p.author_id ORDER BY p.id';
    print "$_->[0] by $_->[1]\n" for @{$database->selectall_arrayref($sql)};
}

sub print_authors {
    my ($store, $database) = @_;
    my $authors = $database->selectall_arrayref('SELECT id, name FROM authors ORDER BY id');
    my @lines = map {
        my ($id, $name) = @$_;
        "$name: " . join(', ', $store->titles_of($id)) . "\n"
    } @$authors;
    print @lines;
}

sub print_grouped {
    my ($database) = @_;
    my $authors = $database->selectall_arrayref('SELECT id, name FROM authors ORDER BY id');
    my $places = join ', ', map { '?' } @$authors;
    my $sql = "SELECT author_id, title FROM posts WHERE author_id IN ($places) ORDER BY id";
    my %titles;
    push @{$titles{$_->[0]}}, $_->[1] for @{$database->selectall_arrayref($sql, undef, map { $_->[0] } @$authors)};
    print "$_->[1]: " . join(', ', @{$titles{$_->[0]} || []}) . "\n" for @$authors;
}

my ($dsn, $user, $page) = @ARGV;
my $database = DBI->connect($dsn, $user, '', {RaiseError => 1, AutoCommit => 1});
my $store = Blog::Store->new($database);
my %pages = (
    seed => sub { seed($database) },
    slow_forward => sub { print_posts($store) },
    fast_forward => sub { print_joined($database) },
    slow_reverse => sub { print_authors($store, $database) },
    fast_reverse => sub { print_grouped($database) },
);
$pages{$page}->();
undef $store;
$database->disconnect;
