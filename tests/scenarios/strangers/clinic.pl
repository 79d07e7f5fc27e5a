#!/usr/bin/perl
# DBI: prepare_cached, selectrow_hashref, a class with lazy attributes; fetchall_hashref map innocent
use strict; use warnings; use DBI;
my $dbh = DBI->connect("dbi:SQLite:dbname=$ENV{SCENARIO_DB}", "", "", { RaiseError => 1, AutoCommit => 1 });
$dbh->do($_) for "CREATE TABLE doctor(id INTEGER PRIMARY KEY, name TEXT, ward_id INT)", "CREATE TABLE ward(id INTEGER PRIMARY KEY, name TEXT)",
  "CREATE TABLE patient(id INTEGER PRIMARY KEY, doctor_id INT, name TEXT)", "CREATE TABLE visit(id INTEGER PRIMARY KEY, patient_id INT, cost INT)";
$dbh->begin_work;
my $ins = $dbh->prepare("INSERT INTO patient VALUES (?,?,?)"); $ins->execute_array({}, [1..40], [map { $_ % 9 + 1 } 1..40], [map { "p$_" } 1..40]);
$dbh->prepare("INSERT INTO doctor VALUES (?,?,?)")->execute_array({}, [1..9], [map { "d$_" } 1..9], [map { $_ % 4 + 1 } 1..9]);
$dbh->prepare("INSERT INTO ward VALUES (?,?)")->execute_array({}, [1..4], [map { "w$_" } 1..4]);
$dbh->prepare("INSERT INTO visit VALUES (?,?,?)")->execute_array({}, [1..120], [map { $_ * 7 % 40 + 1 } 1..120], [1..120]);
$dbh->commit;
package Patient;
sub new { my ($class, %a) = @_; return bless {%a}, $class }
sub doctor { my $self = shift;
  return $self->{doctor} //= do {
    my $sth = $dbh->prepare_cached("SELECT * FROM doctor WHERE id = ?");
    $sth->execute($self->{doctor_id}); # @clinic_1
    my $row = $sth->fetchrow_hashref; $sth->finish; $row } }
sub cost { my $self = shift; my ($c) = $dbh->selectrow_array("SELECT sum(cost) FROM visit WHERE patient_id = ?", undef, $self->{id}); return $c } # @clinic_2
package main;
my @patients = map { Patient->new(%$_) } @{ $dbh->selectall_arrayref("SELECT id, name, doctor_id FROM patient ORDER BY name", { Slice => {} }) };
print join("\t", $_->{name}, $_->doctor->{name}, $_->cost), "\n" for @patients;
my $wards = $dbh->selectall_hashref("SELECT id, name FROM ward", "id");
my $doctors = $dbh->selectall_arrayref("SELECT id, name, ward_id FROM doctor", { Slice => {} });
print "$_->{name} $wards->{$_->{ward_id}}{name}\n" for @$doctors;
for my $id (12, 5, 33) { my $p = $dbh->selectrow_hashref("SELECT * FROM patient WHERE id = ?", undef, $id);
  my $d = $dbh->selectrow_hashref("SELECT * FROM doctor WHERE id = ?", undef, $p->{doctor_id}); print "$p->{name} $d->{name}\n" }
my $sth = $dbh->prepare("SELECT id FROM doctor"); $sth->execute;
while (my ($id) = $sth->fetchrow_array) {
  my $names = $dbh->selectcol_arrayref("SELECT name FROM patient WHERE doctor_id = ?", undef, $id); # @clinic_3
  print "@$names\n" }
