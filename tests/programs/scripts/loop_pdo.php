<?php
// The N+1 by PDO: loop_pdo.php DSN [emulate]
$db = new PDO($argv[1], null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
$db->exec("CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE book(id INTEGER PRIMARY KEY, author_id INTEGER, title TEXT)");
for ($i = 1; $i <= 12; $i++) {
    $db->exec("INSERT INTO author VALUES ($i, 'author $i')");
    $db->exec("INSERT INTO book VALUES (100 + $i, 13 - $i, 'book $i')");
}
$author = $db->prepare("SELECT name FROM author WHERE id = ?");
foreach ($db->query("SELECT id, author_id, title FROM book ORDER BY id")->fetchAll() as $book) {
    $author->execute([$book["author_id"]]);
    echo $book["title"], " by ", $author->fetchColumn(), "\n";
    $author->closeCursor();
}
