#!/usr/bin/perl
# DBIx::Class: accessor chains, prefetch, search_related, count per row, find in loop over ids given
package S::Track; use base 'DBIx::Class::Core'; __PACKAGE__->table('track'); __PACKAGE__->add_columns(qw(id cd title)); __PACKAGE__->set_primary_key('id'); BEGIN{$INC{'S/Track.pm'}=1}
package S::Cd; use base 'DBIx::Class::Core'; __PACKAGE__->table('cd'); __PACKAGE__->add_columns(qw(id artist title year)); __PACKAGE__->set_primary_key('id'); BEGIN{$INC{'S/Cd.pm'}=1}
package S::Artist; use base 'DBIx::Class::Core'; __PACKAGE__->table('artist'); __PACKAGE__->add_columns(qw(id name)); __PACKAGE__->set_primary_key('id'); BEGIN{$INC{'S/Artist.pm'}=1}
package S::Track;  __PACKAGE__->belongs_to(cd => 'S::Cd');
package S::Cd;  __PACKAGE__->belongs_to(artist => 'S::Artist'); __PACKAGE__->has_many(tracks => 'S::Track', 'cd');
package S::Artist;  __PACKAGE__->has_many(cds => 'S::Cd', 'artist');
package S; use base 'DBIx::Class::Schema'; __PACKAGE__->register_class(Track => 'S::Track'); __PACKAGE__->register_class(Cd => 'S::Cd'); __PACKAGE__->register_class(Artist => 'S::Artist');
package main; use strict; use warnings;
my $s = S->connect("dbi:SQLite:$ENV{SCENARIO_DB}"); my $d = $s->storage->dbh;
$d->do($_) for "CREATE TABLE artist(id INTEGER PRIMARY KEY, name TEXT)", "CREATE TABLE cd(id INTEGER PRIMARY KEY, artist INT, title TEXT, year INT)", "CREATE TABLE track(id INTEGER PRIMARY KEY, cd INT, title TEXT)";
$s->resultset('Artist')->populate([map { { id => $_, name => "a$_" } } 1..9]);
$s->resultset('Cd')->populate([map { { id => $_, artist => $_ * 5 % 9 + 1, title => "c$_", year => 1990 + $_ % 9 } } 1..27]);
$s->resultset('Track')->populate([map { { id => $_, cd => $_ % 27 + 1, title => "t$_" } } 1..108]);
for my $cd ($s->resultset('Cd')->search({ year => { '>' => 1992 } }, { order_by => 'title' })->all) {
  print $cd->title, " ", $cd->artist->name, "\n"; # @discs_1
  print "  ", $_->title, "\n" for $cd->tracks; # @discs_2
}
print $_->artist->name, scalar(@{[ $_->tracks ]}), "\n" for $s->resultset('Cd')->search({}, { prefetch => ['artist', 'tracks'] });
my $rs = $s->resultset('Artist')->search;
while (my $a = $rs->next) { print $a->name, $a->cds->count, "\n" } # @discs_3
my $c = $s->resultset('Cd')->find(4); print $c->artist->name, join(",", map { $_->title } $c->tracks), "\n";
