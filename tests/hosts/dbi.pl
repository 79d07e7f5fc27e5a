# What DBI with DBD::SQLite or DBD::Pg does, said aloud: dbi.pl DSN. run.py compares the output with and without the profiler.
use strict;
use warnings;
use utf8;
use DBI qw(:sql_types);
use POSIX ();

binmode STDOUT, ':encoding(UTF-8)';
binmode STDERR, ':encoding(UTF-8)';
$| = 1;
my ($dsn) = @ARGV;
my $is_pg = $dsn =~ /^dbi:Pg/;

sub spell {
    my ($v) = @_;
    return 'undef' unless defined $v;
    return '[' . join(', ', map { spell($_) } @$v) . ']' if ref $v eq 'ARRAY';
    return '{' . join(', ', map { "$_: " . spell($v->{$_}) } sort keys %$v) . '}' if ref $v eq 'HASH';
    return "'$v'";
}

sub say { print join(' ', map { spell($_) } @_), "\n" }

sub mask {
    my $set = POSIX::SigSet->new;
    POSIX::sigprocmask(POSIX::SIG_BLOCK(), POSIX::SigSet->new, $set);
    return join ',', grep { $set->ismember($_) } 1 .. 31;
}

# The result, or the error with its state; the signal mask as it was.
sub tried {
    my ($db, $code) = @_;
    my $mask = mask();
    my @got = eval { $code->() };
    if ($@) {
        (my $error = $@) =~ s/ at \S+ line \d+\.?\s*$//;
        say('dies', $error, $db->err, $db->state);
    } else {
        say('gives', \@got);
    }
    say('mask changed') if mask() ne $mask;
}

sub connected {
    my $db = DBI->connect($dsn, '', '', { RaiseError => 1, PrintError => 0, AutoCommit => 1, @_ });
    $is_pg ? $db->do('SET client_min_messages = error') : ($db->{sqlite_unicode} = 1);
    return $db;
}

my $db = connected();
my $key = $is_pg ? 'serial PRIMARY KEY' : 'INTEGER PRIMARY KEY';
my $blob = $is_pg ? 'bytea' : 'BLOB';

print "# values\n";
$db->do("CREATE TABLE v (id $key, t text, n integer, r double precision, b $blob)");
my $insert = $db->prepare('INSERT INTO v (t, n, r, b) VALUES (?, ?, ?, ?)');
my @rows = (
    ['Asha', 1, 1.5, "\0\1\xff"], ['', 0, -0.25, ''], [undef, undef, undef, undef], ["caf\x{e9} \x{1f40d}", -5, 1e300, 'x'],
    ["it's \\ \"q\" ?", 2147483647, 3, "\\x41"], ["line\nline\t", '12', '2.5', 'z' x 300],
);
for my $row (@rows) {
    $insert->bind_param(1, $row->[0]);
    $insert->bind_param(2, $row->[1], SQL_INTEGER);
    $insert->bind_param(3, $row->[2]);
    $insert->bind_param(4, $row->[3], $is_pg ? { pg_type => DBD::Pg::PG_BYTEA() } : SQL_BLOB);
    tried($db, sub { $insert->execute });
}
tried($db, sub { $insert->execute('a', 'not a number', 'b', undef) }) if $is_pg;
say($db->last_insert_id(undef, undef, 'v', undef));
for my $row (@{ $db->selectall_arrayref('SELECT id, t, n, r, b FROM v ORDER BY id') }) {
    say(@$row[0 .. 3], defined $row->[4] ? unpack('H*', $row->[4]) : undef);
}
say($db->quote("it's"), $db->quote(undef), $db->quote_identifier('a "b"'));

print "# fetching\n";
my $all = $db->prepare('SELECT id, t FROM v WHERE id > ? ORDER BY id');
$all->execute(2);
say($all->{NUM_OF_FIELDS}, $all->{NAME_lc}, $all->{NUM_OF_PARAMS}, $all->{Active} ? 1 : 0);
say($all->fetchrow_array);
say($all->fetchrow_hashref);
say($all->fetchall_arrayref);
say($all->{Active} ? 1 : 0, $all->rows);
$all->execute(5);
$all->bind_columns(\my ($id, $t));
say($id, $t) while $all->fetch;
say($db->selectcol_arrayref('SELECT id FROM v WHERE id < 4 ORDER BY id'));
say($db->selectall_hashref('SELECT id, n FROM v WHERE id < 3', 'id'));
say($db->selectrow_array('SELECT count(*) FROM v WHERE n IS NOT NULL'));
say($db->selectall_arrayref('SELECT t FROM v ORDER BY id', { Slice => {}, MaxRows => 2 }));
my $one = $db->prepare_cached('SELECT t FROM v WHERE id = ?');
for my $number (1 .. 6) {
    $one->execute($number);
    say($number, $one->fetchrow_array);
    $one->finish;
}
$all->execute(0);
while (my ($number) = $all->fetchrow_array) {
    say($number, $db->selectrow_array('SELECT n FROM v WHERE id = ?', undef, $number));
    last if $number == 4;
}
$all->finish;
my $array = $db->prepare('INSERT INTO v (t, n) VALUES (?, ?)');
my @status;
tried($db, sub { $array->execute_array({ ArrayTupleStatus => \@status }, [map { "a$_" } 1 .. 8], [1 .. 8]) });
say(\@status);

print "# errors\n";
for my $sql ('SELEC 1', 'SELECT * FROM missing', 'INSERT INTO v (id) VALUES (1)', 'SELECT 1/0', "SELECT 'unclosed", '', '-- nothing',
    'CREATE TABLE v (id integer)', 'INSERT INTO v (nothing) VALUES (1)') {
    tried($db, sub { $db->do($sql) });
    tried($db, sub { $db->selectall_arrayref($sql) });
}
tried($db, sub { $one->execute });
tried($db, sub { $one->execute(1, 2) });
tried($db, sub { $one->fetchrow_array });
{
    my @warnings;
    local $SIG{__WARN__} = sub { push @warnings, @_ };
    local $db->{RaiseError} = 0;
    local $db->{PrintError} = 1;
    say($db->do('SELECT * FROM missing'), $db->errstr);
    say(scalar @warnings);
}
say($db->do('UPDATE v SET n = 1 WHERE id = 99999'), $db->do('UPDATE v SET n = n WHERE id < 4'));

print "# transactions\n";
$db->begin_work;
$db->do('DELETE FROM v WHERE id = 1');
say($db->{AutoCommit} ? 1 : 0, $db->selectrow_array('SELECT count(*) FROM v'));
$db->rollback;
say($db->selectrow_array('SELECT count(*) FROM v'));
$db->{AutoCommit} = 0;
$db->do('SAVEPOINT a');
tried($db, sub { $db->do('INSERT INTO v (id) VALUES (2)') });
$db->do('ROLLBACK TO SAVEPOINT a');
tried($db, sub { $db->selectrow_array('SELECT count(*) FROM v') });
$db->commit;
$db->{AutoCommit} = 1;
tried($db, sub { $db->begin_work; $db->begin_work });
$db->rollback;

print "# driver\n";
if ($is_pg) {
    $db->do('SELECT 1', { pg_async => DBD::Pg::PG_ASYNC() });
    1 until $db->pg_ready;
    say($db->pg_result);
    my $async = $db->prepare('SELECT t FROM v WHERE id < ? ORDER BY id', { pg_async => DBD::Pg::PG_ASYNC() });
    $async->execute(4);
    say($async->pg_result, $async->fetchall_arrayref);
    $db->do('COPY v (t, n) FROM STDIN');
    $db->pg_putcopydata("copied $_\t$_\n") for 1 .. 5;
    say($db->pg_putcopyend);
    $db->do("COPY (SELECT t FROM v WHERE t LIKE 'copied%' ORDER BY 1) TO STDOUT");
    my $line;
    say($line) while $db->pg_getcopydata($line) >= 0;
    $db->{pg_server_prepare} = 0;
    say($db->selectrow_array('SELECT ?::int + 1', undef, 41));
    $db->{pg_server_prepare} = 1;
    my $named = $db->prepare('SELECT :a::int + :b::int');
    $named->bind_param(':a', 1);
    $named->bind_param(':b', 2);
    $named->execute;
    say($named->fetchrow_array);
    say($db->selectrow_array("SELECT ARRAY[1, 2, NULL]"), $db->selectrow_array('SELECT ?::int[]', undef, [4, 5]));
    $db->do('LISTEN news');
    $db->do('NOTIFY news');
    say(($db->pg_notifies)->[0]);
    my $other = connected();
    $db->begin_work;
    $db->do('LOCK TABLE v IN ACCESS EXCLUSIVE MODE');
    $other->do("SET lock_timeout = '20ms'");
    tried($other, sub { $other->selectrow_array('SELECT count(*) FROM v') });
    $db->rollback;
    say($other->ping > 0 ? 1 : 0, $db->do('SELECT 1; SELECT 2'));
    my $cursor = $db->prepare('DECLARE c CURSOR WITH HOLD FOR SELECT id FROM v ORDER BY id');
    $cursor->execute;
    say($db->selectcol_arrayref('FETCH 3 FROM c')) for 1 .. 3;
    $db->do('CLOSE c');
    $db->begin_work;
    $db->pg_savepoint('s');
    $db->pg_rollback_to('s');
    $db->commit;
    tried($other, sub { $other->do('SELECT pg_terminate_backend(pg_backend_pid())') });
    say($other->ping ? 1 : 0);
} else {
    $db->sqlite_create_function('twice', 1, sub { $_[0] * 2 });
    $db->sqlite_create_function('asks', 1, sub { $db->selectrow_array('SELECT t FROM v WHERE id = ?', undef, $_[0]) });
    $db->sqlite_create_collation('backwards', sub { $_[1] cmp $_[0] });
    say($db->selectrow_array('SELECT twice(21), asks(1)'));
    say($db->selectcol_arrayref('SELECT t FROM v WHERE t IS NOT NULL ORDER BY t COLLATE backwards LIMIT 3'));
    local $db->{sqlite_allow_multiple_statements} = 1;
    tried($db, sub { $db->do('CREATE TABLE m (x); INSERT INTO m VALUES (1); INSERT INTO m VALUES (2)') });
    say($db->selectcol_arrayref('SELECT x FROM m'));
    $db->sqlite_busy_timeout(0);
    my $other = connected();
    $other->sqlite_busy_timeout(0);
    $db->do('BEGIN IMMEDIATE');
    tried($other, sub { $other->do('INSERT INTO m VALUES (3)') });
    $db->do('ROLLBACK');
    $db->sqlite_progress_handler(1000, sub { 1 });
    tried($db, sub { $db->selectrow_array('WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n') });
    $db->sqlite_progress_handler(0, undef);
    say($db->sqlite_backup_to_file('perl-copy.db') ? 1 : 0);
    $other->disconnect;
}

print "# signals and children\n";
my $alarms = 0;
local $SIG{ALRM} = sub { $alarms += ($db->selectrow_array('SELECT 1'))[0] };
for (1 .. 10) {
    kill ALRM => $$;
    $db->selectrow_array('SELECT count(*) FROM v');
}
say($alarms);
my $child = fork;
if (!$child) {
    $db->{InactiveDestroy} = 1;
    my $own = connected();
    my ($n) = $own->selectrow_array('SELECT count(*) FROM v');
    $own->disconnect;
    POSIX::_exit($n % 100);
}
waitpid $child, 0;
say($? >> 8, $db->selectrow_array('SELECT count(*) FROM v'));
$db->do('DROP TABLE v');
say($db->disconnect, $db->ping ? 1 : 0);
tried($db, sub { $db->do('SELECT 1') });
