<?php // a key of two numbers, in each place where it may stand, through helpers that each ask one thing
class Office {
    function __construct(public SQLite3 $db) {}
    function parties(int $year, int $no): array {
        $st = $this->db->prepare("SELECT rank, client_ref, role FROM party WHERE deed_year = :y AND deed_no = :n ORDER BY rank");
        $st->bindValue(":y", $year);
        $st->bindValue(":n", $no);
        $found = $st->execute(); // @deeds_x
        for ($all = []; $row = $found->fetchArray(SQLITE3_ASSOC); $all[] = $row);
        return $all;
    }
    function client(string $ref): array {
        return $this->db->querySingle("SELECT * FROM client WHERE ref = '" . SQLite3::escapeString($ref) . "'", true); // @deeds_y
    }
    function folio(array $deed): ?array {
        return $this->db->querySingle("SELECT folio, box FROM folio WHERE deed_year = {$deed["deed_year"]} AND deed_no = {$deed["deed_no"]}", true); // @deeds_z
    }
}
$office = new Office(new SQLite3(getenv("SCENARIO_DB"), SQLITE3_OPEN_READONLY));
$deeds = $office->db->query("SELECT deed_year, deed_no, subject FROM deed WHERE subject <> 'lease' ORDER BY signed");
while ($deed = $deeds->fetchArray(SQLITE3_ASSOC)) {
    $f = $office->folio($deed);
    echo "{$deed["deed_year"]}/{$deed["deed_no"]} {$deed["subject"]} {$f["box"]}/{$f["folio"]}\n";
    foreach ($office->parties($deed["deed_year"], $deed["deed_no"]) as $p) {
        $c = $office->client($p["client_ref"]);
        echo "   {$p["role"]}: {$c["name"]}\n";
    }
}
