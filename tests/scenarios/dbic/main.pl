# DBIx::Class scenarios: main.pl SCENARIO, over the plain tables, with the database in SCENARIO_DB.
use strict;
use warnings;

package Shop::Author {
    use base 'DBIx::Class::Core';
    __PACKAGE__->table('author');
    __PACKAGE__->add_columns(qw(id name email));
    __PACKAGE__->set_primary_key('id');
    __PACKAGE__->has_many(posts => 'Shop::Post', 'author_id');
    __PACKAGE__->might_have(profile => 'Shop::Profile', 'author_id');
}

package Shop::Profile {
    use base 'DBIx::Class::Core';
    __PACKAGE__->table('profile');
    __PACKAGE__->add_columns(qw(id author_id bio));
    __PACKAGE__->set_primary_key('id');
    __PACKAGE__->belongs_to(author => 'Shop::Author', 'author_id');
}

package Shop::Post {
    use base 'DBIx::Class::Core';
    __PACKAGE__->table('post');
    __PACKAGE__->add_columns(qw(id author_id title views));
    __PACKAGE__->set_primary_key('id');
    __PACKAGE__->belongs_to(author => 'Shop::Author', 'author_id');
    __PACKAGE__->has_many(comments => 'Shop::Comment', 'post_id');
}

package Shop::Comment {
    use base 'DBIx::Class::Core';
    __PACKAGE__->table('comment');
    __PACKAGE__->add_columns(qw(id post_id body stars));
    __PACKAGE__->set_primary_key('id');
    __PACKAGE__->belongs_to(post => 'Shop::Post', 'post_id');
}

package Shop {
    use base 'DBIx::Class::Schema';
    __PACKAGE__->register_class(Author  => 'Shop::Author');
    __PACKAGE__->register_class(Profile => 'Shop::Profile');
    __PACKAGE__->register_class(Post    => 'Shop::Post');
    __PACKAGE__->register_class(Comment => 'Shop::Comment');
}

package main;

my $url  = $ENV{SCENARIO_DB};
my $shop = $url =~ /=/
    ? do { my %w = map { split /=/ } split ' ', $url; Shop->connect("dbi:Pg:dbname=$w{dbname};host=$w{host};port=$w{port}", $w{user}, '') }
    : Shop->connect("dbi:SQLite:dbname=$url", '', '');

sub forward {
    for my $post ($shop->resultset('Post')->all) {
        print $post->title, ' ', $post->author->name, "\n";    # @dx_forward
    }
}

sub forward_prefetched {
    for my $post ($shop->resultset('Post')->search({}, { prefetch => 'author' })->all) {
        print $post->title, ' ', $post->author->name, "\n";
    }
}

sub reverse_key {
    for my $author ($shop->resultset('Author')->all) {
        print join(', ', map { $_->title } $author->posts->all), "\n";    # @dx_reverse_key
    }
}

sub reverse_prefetched {
    for my $author ($shop->resultset('Author')->search({}, { prefetch => 'posts' })->all) {
        print join(', ', map { $_->title } $author->posts->all), "\n";
    }
}

sub count_each {
    for my $post ($shop->resultset('Post')->all) {
        print $post->comments->count, "\n";    # @dx_count_each
    }
}

sub while_next {
    my $posts = $shop->resultset('Post')->search({}, { order_by => 'id' });
    while (my $post = $posts->next) {
        my $title = $post->title;
        print $title, ' ', $post->author->name, "\n";    # @dx_while_next
    }
}

sub update_each {
    $_->update({ views => 0 }) for $shop->resultset('Post')->all;    # @dx_update_each
}

sub one_page {
    my $post = $shop->resultset('Post')->find(5) or return;
    print $post->title, $post->author->name, scalar($post->comments->all), "\n";
}

no strict 'refs';
&{ $ARGV[0] }();
