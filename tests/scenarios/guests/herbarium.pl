use strict; use warnings; use DBI;
my $dbh = DBI->connect("dbi:SQLite:$ENV{SCENARIO_DB}", "", "", { RaiseError => 1 });
sub show {
    my ($node, $depth) = @_;
    print "  " x $depth, $node->{name}, "\n";
    my $kids = $dbh->selectall_arrayref("SELECT id, name FROM taxon WHERE parent_id = ? ORDER BY name", { Slice => {} }, $node->{id}); # @herbarium_x
    show($_, $depth + 1) for @$kids;
}
show($dbh->selectrow_hashref("SELECT id, name FROM taxon WHERE parent_id IS NULL"), 0);
my $sheets = $dbh->selectall_arrayref("SELECT id, taxon_id, drawer FROM sheet WHERE drawer IN ('D1','D2','D3')", { Slice => {} });
my %memo; # by a key that never comes again
for my $s (@$sheets) {
    my $key = "$s->{drawer}/$s->{id}";
    $memo{$key} //= $dbh->selectrow_hashref("SELECT name FROM taxon WHERE id = ?", undef, $s->{taxon_id}); # @herbarium_y
    print "$s->{drawer} $memo{$key}{name}\n";
}
