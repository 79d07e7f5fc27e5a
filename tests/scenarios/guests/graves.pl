# a key of three columns, of which the outer loop's list gives one; a spouse in the same table
use strict; use warnings; use DBI;
my $dbh = DBI->connect("dbi:SQLite:$ENV{SCENARIO_DB}", "", "", { RaiseError => 1 });
sub rows_of { my ($sql, @args) = @_; return @{ $dbh->selectall_arrayref($dbh->prepare_cached($sql), { Slice => {} }, @args) } }
sub row_of { return (rows_of(@_))[0] }
for my $quarter (rows_of("SELECT id, symbol FROM quarter ORDER BY symbol")) {
    for my $grave (rows_of("SELECT quarter_id, lane, spot FROM grave WHERE quarter_id = ? ORDER BY lane, spot", $quarter->{id})) { # @graves_x
        my @place = @$grave{qw(quarter_id lane spot)};
        my $paid = row_of("SELECT MAX(until) AS year FROM grave_fee WHERE quarter_id = ? AND lane = ? AND spot = ?", @place); # @graves_y
        for my $dead (rows_of("SELECT surname, spouse_id FROM buried WHERE quarter_id = ? AND lane = ? AND spot = ? ORDER BY id", @place)) { # @graves_z
            my $spouse = defined $dead->{spouse_id} ? row_of("SELECT surname FROM buried WHERE id = ?", $dead->{spouse_id}) : undef; # @graves_s
            my $beside = $spouse ? $spouse->{surname} : "nobody";
            print "$quarter->{symbol} $grave->{lane}/$grave->{spot} $dead->{surname} beside $beside until ", $paid->{year} // "?", "\n";
        }
    }
}
