<?php
// PDO scenarios: main.php SCENARIO, over the plain tables, with the database in SCENARIO_DB.
$url = getenv('SCENARIO_DB');
if (str_contains($url, '=')) {
    parse_str(str_replace(' ', '&', $url), $words);
    $db = new PDO("pgsql:host={$words['host']};port={$words['port']};dbname={$words['dbname']}", $words['user']);
} else {
    $db = new PDO("sqlite:$url");
}

class AuthorRepository
{
    public function __construct(private PDO $db)
    {
    }

    public function find(int $id): array
    {
        $statement = $this->db->prepare('SELECT id, name FROM author WHERE id = ?');
        $statement->execute([$id]);  // @php_repository
        return $statement->fetch(PDO::FETCH_ASSOC);
    }
}

function forward(PDO $db)
{
    $author = $db->prepare('SELECT name FROM author WHERE id = :id');
    foreach ($db->query('SELECT id, title, author_id FROM post ORDER BY id')->fetchAll() as $post) {
        $author->execute(['id' => $post['author_id']]);  // @php_forward
        echo $post['title'], $author->fetchColumn(), "\n";
    }
}

function forward_joined(PDO $db)
{
    foreach ($db->query('SELECT p.title, a.name FROM post p JOIN author a ON a.id = p.author_id') as $row) {
        echo implode(' ', $row), "\n";
    }
}

function repository(PDO $db)
{
    $authors = new AuthorRepository($db);
    foreach ($db->query('SELECT title, author_id FROM post')->fetchAll() as $post) {
        echo $post['title'], $authors->find($post['author_id'])['name'], "\n";
    }
}

function reverse_key(PDO $db)
{
    $posts = $db->prepare('SELECT title FROM post WHERE author_id = ?');
    foreach ($db->query('SELECT id, name FROM author')->fetchAll() as $author) {
        $posts->execute([$author['id']]);  // @php_reverse_key
        echo count($posts->fetchAll()), "\n";
    }
}

function reverse_in(PDO $db)
{
    $ids = $db->query('SELECT id FROM author')->fetchAll(PDO::FETCH_COLUMN);
    if ($ids) {
        $posts = $db->prepare('SELECT author_id, title FROM post WHERE author_id IN (' . implode(', ', array_fill(0, count($ids), '?')) . ')');
        $posts->execute($ids);
        echo count($posts->fetchAll());
    }
}

function literal(PDO $db)
{
    foreach ($db->query('SELECT id FROM post')->fetchAll() as $post) {
        echo $db->query("SELECT count(*) FROM comment WHERE post_id = {$post['id']}")->fetchColumn(), "\n";  // @php_literal
    }
}

$argv[1]($db);
