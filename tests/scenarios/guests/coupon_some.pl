use strict; use DBI;
my $dbh = DBI->connect("dbi:SQLite:$ENV{SCENARIO_DB}", "", "", { RaiseError => 1 });
my $orders = $dbh->selectall_arrayref('SELECT * FROM "Order" ORDER BY "OrderId"', { Slice => {} });
my $get = $dbh->prepare('SELECT "Percent" FROM "Coupon" WHERE "Code" = ?');
for my $o (@$orders) {
    next unless defined $o->{Coupon};
    $get->execute($o->{Coupon});  # @coupon_some_x
    my ($pct) = $get->fetchrow_array;
    print "$o->{OrderId} $pct\n";
}
