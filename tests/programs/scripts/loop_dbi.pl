#!/usr/bin/perl
# The N+1 by DBI: loop_dbi.pl DSN
use strict;
use warnings;
use DBI;
my $db = DBI->connect($ARGV[0], $ARGV[1], "", { RaiseError => 1, PrintError => 0 });
$db->do("CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT)");
$db->do("CREATE TABLE book(id INTEGER PRIMARY KEY, author_id INTEGER, title TEXT)");
for my $i (1 .. 12) {
    $db->do("INSERT INTO author VALUES (?, ?)", undef, $i, "author $i");
    $db->do("INSERT INTO book VALUES (?, ?, ?)", undef, 100 + $i, 13 - $i, "book $i");
}
my $author = $db->prepare("SELECT name FROM author WHERE id = ?");
for my $book (@{ $db->selectall_arrayref("SELECT id, author_id, title FROM book ORDER BY id") }) {
    $author->execute($book->[1]);
    my ($name) = $author->fetchrow_array;
    $author->finish;
    print "$book->[2] by $name\n";
}
$db->disconnect;
