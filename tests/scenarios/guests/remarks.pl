# remarks on orders or on translators: the column beside the key has a name of its own
use strict; use warnings; use DBI;
my $dsn = $ENV{SCENARIO_DB} =~ s/ /;/gr;
my $dbh = DBI->connect("dbi:Pg:$dsn", "", "", { RaiseError => 1 });
my %label = (agency_order => "title", translator => "name");
my $remarks = $dbh->selectall_arrayref("SELECT id, about, about_id, body FROM remark_on ORDER BY id", { Slice => {} });
for my $r (@$remarks) {
    my ($name) = $dbh->selectrow_array("SELECT $label{$r->{about}} FROM $r->{about} WHERE id = ?", undef, $r->{about_id}); # @remarks_x
    print "$r->{body} on $name\n";
}
