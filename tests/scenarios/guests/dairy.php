<?php // a class for all tables: find() is used for two of them, where() for one; keys with the word for "key" in front, text keys
class Connection {
    private PDO $pdo;
    public function __construct() { $this->pdo = new PDO("pgsql:" . str_replace(" ", ";", getenv("SCENARIO_DB"))); }
    public function execute(string $sql, array $args): PDOStatement {
        $st = $this->pdo->prepare($sql);
        $st->execute($args);
        return $st;
    }
}
class Table {
    public function __construct(private Connection $c, private string $name, private string $key) {}
    public function find(string $id): ?array { return $this->c->execute("SELECT * FROM {$this->name} WHERE {$this->key} = ?", [$id])->fetch() ?: null; }
    public function where(string $column, $value): array { return $this->c->execute("SELECT * FROM {$this->name} WHERE $column = ?", [$value])->fetchAll(); }
    public function all(): array { return $this->c->execute("SELECT * FROM {$this->name} ORDER BY {$this->key}", [])->fetchAll(); }
}
$c = new Connection;
$forme = new Table($c, "forma", "matricola");
$lattai = new Table($c, "lattaio", "cod_lattaio");
$scaffali = new Table($c, "scaffale", "sigla");
$assaggi = new Table($c, "assaggio", "id_assaggio");
foreach ($forme->all() as $f) {
    $l = $lattai->find($f["cod_lattaio"]); // @dairy_x
    $s = $scaffali->find($f["scaffale"]); // @dairy_y
    $a = $assaggi->where("matricola", $f["matricola"]); // @dairy_z
    echo $f["matricola"], " ", $l["nome"], " ", $s["cantina"], " ", max([0, ...array_column($a, "voto")]), "\n";
}
