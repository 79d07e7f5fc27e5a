use strict; use warnings; use DBI;
my $dbh = DBI->connect("dbi:Pg:" . join(";", split " ", $ENV{SCENARIO_DB}), "", "", { RaiseError => 1, AutoCommit => 1 });
my ($tenant) = $dbh->selectrow_array("SELECT tenant_id FROM member ORDER BY id LIMIT 1");
my $sth = $dbh->prepare("SELECT id, title, reporter_id FROM bug WHERE tenant_id = ? AND state = 'new' ORDER BY id DESC LIMIT 25");
$sth->execute($tenant);
my @open;
while (my $row = $sth->fetchrow_hashref) { push @open, { %$row }; }
my $who = $dbh->prepare("SELECT nick FROM member WHERE tenant_id = ? AND id = ? AND deleted_at IS NULL");
foreach my $bug (@open) {
    $who->execute($tenant, $bug->{reporter_id}); # @tracker_x
    my ($nick) = $who->fetchrow_array;
    my $n = $dbh->selectrow_arrayref("SELECT count(*) FROM remark WHERE bug_id = \$1 AND deleted_at IS NULL", undef, $bug->{id})->[0]; # @tracker_y
    printf "#%d %s by %s (%d)\n", $bug->{id}, $bug->{title}, $nick // "?", $n;
}
