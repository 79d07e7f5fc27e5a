# Perl DBI scenarios: main.pl SCENARIO, over the plain tables, with the database in SCENARIO_DB.
use strict;
use warnings;
use DBI;

my $url = $ENV{SCENARIO_DB};
my $db;
if ($url =~ /=/) {
    my %words = map { split /=/ } split / /, $url;
    $db = DBI->connect("dbi:Pg:dbname=$words{dbname};host=$words{host};port=$words{port}", $words{user}, '', { RaiseError => 1 });
} else {
    $db = DBI->connect("dbi:SQLite:dbname=$url", '', '', { RaiseError => 1 });
}

sub forward {
    for my $post (@{ $db->selectall_arrayref('SELECT id, title, author_id FROM post ORDER BY id') }) {
        my ($name) = $db->selectrow_array('SELECT name FROM author WHERE id = ?', undef, $post->[2]);  # @pl_forward
        print "$post->[1] $name\n";
    }
}

sub forward_prepared {
    my $posts = $db->prepare('SELECT id, title, author_id FROM post');
    my $author = $db->prepare('SELECT name FROM author WHERE id = ?');
    $posts->execute;
    while (my $post = $posts->fetchrow_hashref) {
        $author->execute($post->{author_id});  # @pl_forward_prepared
        print $post->{title}, ' ', $author->fetchrow_array, "\n";
    }
}

sub forward_joined {
    for my $row (@{ $db->selectall_arrayref('SELECT p.title, a.name FROM post p JOIN author a ON a.id = p.author_id') }) {
        print "@$row\n";
    }
}

sub reverse_key {
    for my $author (@{ $db->selectall_arrayref('SELECT id, name FROM author', { Slice => {} }) }) {
        my $posts = $db->selectcol_arrayref('SELECT title FROM post WHERE author_id = ?', undef, $author->{id});  # @pl_reverse_key
        print "$author->{name}: @$posts\n";
    }
}

sub reverse_in {
    my $ids = $db->selectcol_arrayref('SELECT id FROM author');
    return unless @$ids;
    my $marks = join ', ', ('?') x @$ids;
    print scalar @{ $db->selectall_arrayref("SELECT author_id, title FROM post WHERE author_id IN ($marks)", undef, @$ids) };
}

sub count_each {
    for my $post (@{ $db->selectall_arrayref('SELECT id, title FROM post') }) {
        my ($n) = $db->selectrow_array('SELECT COUNT(*) FROM comment WHERE post_id = ?', undef, $post->[0]);  # @pl_count_each
        print "$post->[1] $n\n";
    }
}

sub insert_each {
    my $insert = $db->prepare('INSERT INTO entry (note) VALUES (?)');
    $insert->execute("note $_") for 1 .. 20;  # @pl_insert_each
}

sub insert_array {
    my $insert = $db->prepare('INSERT INTO entry (post_id, note) VALUES (?, ?)');
    $insert->execute_array({}, [1 .. 20], [map { "note $_" } 1 .. 20]);  # @pl_insert_array
}

sub one_page {
    my ($title, $author) = $db->selectrow_array('SELECT title, author_id FROM post WHERE id = 1');
    print $db->selectrow_array('SELECT name FROM author WHERE id = ?', undef, $author);
}

no strict 'refs';
&{ $ARGV[0] }();
$db->disconnect;
