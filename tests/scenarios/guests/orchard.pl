package Farm::Grower; use base 'DBIx::Class::Core';
__PACKAGE__->table('grower'); __PACKAGE__->add_columns(qw(id name)); __PACKAGE__->set_primary_key('id');
__PACKAGE__->might_have(permit => 'Farm::Permit', 'grower_id');
package Farm::Permit; use base 'DBIx::Class::Core';
__PACKAGE__->table('permit'); __PACKAGE__->add_columns(qw(id grower_id number)); __PACKAGE__->set_primary_key('id');
package Farm::Orchard; use base 'DBIx::Class::Core';
__PACKAGE__->table('orchard'); __PACKAGE__->add_columns(qw(id grower_id acres)); __PACKAGE__->set_primary_key('id');
__PACKAGE__->belongs_to(grower => 'Farm::Grower', 'grower_id'); __PACKAGE__->has_many(trees => 'Farm::Tree', 'orchard_id');
package Farm::Tree; use base 'DBIx::Class::Core';
__PACKAGE__->table('tree'); __PACKAGE__->add_columns(qw(id orchard_id sort)); __PACKAGE__->set_primary_key('id');
package Farm; use base 'DBIx::Class::Schema';
Farm->register_class($_ => "Farm::$_") for qw(Grower Permit Orchard Tree);
package main;
use strict; use warnings;
my $farm = Farm->connect("dbi:SQLite:$ENV{SCENARIO_DB}");
for my $g ($farm->resultset('Grower')->search({}, { order_by => 'name' })->all) {
    my $permit = $g->permit; # @orchard_x
    print $g->name, " ", ($permit ? $permit->number : "no permit"), "\n";
}
my $big = $farm->resultset('Orchard')->search({ acres => { '>' => 6 } });
while (my $o = $big->next) {
    my $n = $o->trees->count; # @orchard_y
    print $o->acres, " acres, ", $n, " trees, of ";
    print $o->grower->name, "\n"; # @orchard_z
}
