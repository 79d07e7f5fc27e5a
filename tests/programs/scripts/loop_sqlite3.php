<?php
// The N+1 by PHP's class SQLite3, whose execute() steps once, resets and steps again.
$db = new SQLite3($argv[1]);
$db->exec("CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE book(id INTEGER PRIMARY KEY, author_id INTEGER, title TEXT)");
for ($i = 1; $i <= 12; $i++) {
    $db->exec("INSERT INTO author VALUES ($i, 'author $i')");
    $db->exec("INSERT INTO book VALUES (100 + $i, 13 - $i, 'book $i')");
}
$books = [];
$result = $db->query("SELECT id, author_id, title FROM book ORDER BY id");
while ($book = $result->fetchArray(SQLITE3_ASSOC)) {
    $books[] = $book;
}
$author = $db->prepare("SELECT name FROM author WHERE id = :id");
foreach ($books as $book) {
    $author->bindValue(":id", $book["author_id"], SQLITE3_INTEGER);
    $row = $author->execute()->fetchArray(SQLITE3_NUM);
    echo $book["title"], " by ", $row[0], "\n";
    $author->reset();
}
