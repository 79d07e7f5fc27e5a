<?php // PDO repositories with an identity map; hydrators; a report
$pdo = new PDO("sqlite:" . getenv("SCENARIO_DB")); $pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
$pdo->exec("CREATE TABLE book(isbn TEXT PRIMARY KEY, title TEXT, publisher_id INT); CREATE TABLE publisher(id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE review(id INTEGER PRIMARY KEY, book_isbn TEXT, stars INT); CREATE TABLE shelf(id INTEGER PRIMARY KEY, code TEXT)");
$pdo->beginTransaction();
for ($i = 1; $i <= 30; $i++) $pdo->exec(sprintf("INSERT INTO book VALUES ('978-%07d', 't%d', %d)", $i * 7919 % 10000000, $i, $i % 7 + 1)); // @books_1
$pdo->exec("INSERT INTO publisher VALUES (1,'a'),(2,'b'),(3,'c'),(4,'d'),(5,'e'),(6,'f'),(7,'g')");
$s = $pdo->prepare("INSERT INTO review(book_isbn, stars) VALUES (?,?)");
for ($i = 0; $i < 90; $i++) $s->execute([sprintf("978-%07d", ($i % 30 + 1) * 7919 % 10000000), $i % 5 + 1]); // @books_2
$pdo->commit();
abstract class Repo { protected array $known = []; function __construct(protected PDO $pdo) {}
  abstract function table(): string;
  function find($id) { return $this->known[$id] ??= $this->one("SELECT * FROM {$this->table()} WHERE id = ?", [$id]); }
  protected function one($sql, $args) { $s = $this->pdo->prepare($sql); $s->execute($args); return $s->fetch(PDO::FETCH_ASSOC); }
  protected function all($sql, $args = []) { $s = $this->pdo->prepare($sql); $s->execute($args); return $s->fetchAll(PDO::FETCH_ASSOC); } }
class Publishers extends Repo { function table(): string { return "publisher"; } }
class Books extends Repo { function table(): string { return "book"; }
  function list() { return $this->all("SELECT isbn, title, publisher_id FROM book ORDER BY title"); } }
class Reviews extends Repo { function table(): string { return "review"; }
  function stars(string $isbn) { return $this->one("SELECT avg(stars) AS a FROM review WHERE book_isbn = ?", [$isbn])["a"]; } // @books_4
  function hasBad(string $isbn) { return (bool) $this->one("SELECT EXISTS(SELECT 1 FROM review WHERE book_isbn = :b AND stars < 2) AS e", ["b" => $isbn])["e"]; } } // @books_5
$books = new Books($pdo); $pubs = new Publishers($pdo); $reviews = new Reviews($pdo);
foreach ($books->list() as $b) {
  echo $b["title"], " ", $pubs->find($b["publisher_id"])["name"], " ", $reviews->stars($b["isbn"]), " ", $reviews->hasBad($b["isbn"]) ? "!" : "", "\n"; // @books_3
}
$names = $pdo->query("SELECT id, name FROM publisher")->fetchAll(PDO::FETCH_KEY_PAIR);
foreach ($books->list() as $b) echo $names[$b["publisher_id"]];
