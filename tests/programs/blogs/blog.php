<?php
// A blog on PDO, with a repository of the kind that such programs have: blog.php DSN PAGE
declare(strict_types=1);

final class Posts
{
    public function __construct(private PDO $database)
    {
    }

    public function all(): array
    {
        return $this->database->query('SELECT id, title, author_id FROM posts ORDER BY id')->fetchAll(PDO::FETCH_ASSOC);
    }

    public function withAuthors(): array
    {
        $sql = 'SELECT p.id, p.title, a.name FROM posts p JOIN authors a ON a.id = p.author_id ORDER BY p.id';
        return $this->database->query($sql)->fetchAll(PDO::FETCH_ASSOC);
    }

    public function authorOf(array $post): array
    {
        $statement = $this->database->prepare('SELECT id, name FROM authors WHERE id = ?');
        $statement->execute([$post['author_id']]);
        return $statement->fetch(PDO::FETCH_ASSOC);
    }
}

final class Authors
{
    public function __construct(private PDO $database)
    {
    }

    public function all(): Generator
    {
        foreach ($this->database->query('SELECT id, name FROM authors ORDER BY id')->fetchAll() as $row) {
            yield $row['id'] => $row['name'];
        }
    }

    public function titlesOf(int $author): array
    {
        $statement = $this->database->prepare('SELECT title FROM posts WHERE author_id = :author ORDER BY id');
        $statement->bindValue(':author', $author, PDO::PARAM_INT);
        $statement->execute();
        return $statement->fetchAll(PDO::FETCH_COLUMN);
    }

    public function titlesOfAll(array $authors): array
    {
        $places = implode(', ', array_fill(0, count($authors), '?'));
        $statement = $this->database->prepare("SELECT author_id, title FROM posts WHERE author_id IN ($places) ORDER BY id");
        $statement->execute($authors);
        $titles = array_fill_keys($authors, []);
        foreach ($statement as $row) {
            $titles[$row['author_id']][] = $row['title'];
        }
        return $titles;
    }
}

function seed(PDO $database): void
{
    $database->exec('CREATE TABLE authors(id INTEGER PRIMARY KEY, name TEXT)');
    $database->exec('CREATE TABLE posts(id INTEGER PRIMARY KEY, title TEXT, author_id INTEGER REFERENCES authors(id))');
    $database->beginTransaction();
    for ($i = 1; $i <= 20; $i++) {
        $database->exec("INSERT INTO authors VALUES ($i, 'author $i')");
    }
    for ($i = 1; $i <= 100; $i++) {
        $database->exec("INSERT INTO posts VALUES (100 + $i, 'post $i', 1 + $i * 7 % 20)");
    }
    $database->commit();
}

function printPosts(Posts $posts): void
{
    foreach ($posts->all() as $post) {
        $author = $posts->authorOf($post);
        echo "{$post['title']} by {$author['name']}\n";
    }
}

function printAuthors(Authors $authors): void
{
    $all = iterator_to_array($authors->all());
    array_walk($all, function (string $name, int $id) use ($authors) {
        echo "$name: ", implode(', ', $authors->titlesOf($id)), "\n";
    });
}

$database = new PDO($argv[1], null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
$pages = [
    'seed' => fn () => seed($database),
    'slow_forward' => fn () => printPosts(new Posts($database)),
    'fast_forward' => function () use ($database) {
        foreach ((new Posts($database))->withAuthors() as $post) {
            echo "{$post['title']} by {$post['name']}\n";
        }
    },
    'slow_reverse' => fn () => printAuthors(new Authors($database)),
    'fast_reverse' => function () use ($database) {
        $authors = new Authors($database);
        $all = iterator_to_array($authors->all());
        foreach ($authors->titlesOfAll(array_keys($all)) as $id => $titles) {
            echo $all[$id], ': ', implode(', ', $titles), "\n";
        }
    },
];
$pages[$argv[2]]();
