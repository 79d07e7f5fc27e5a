<?php // French names: the noun stands first (pays_origine of pays), each country is asked for once; a reference to the importer by number
$db = new PDO("pgsql:" . str_replace(" ", ";", getenv("SCENARIO_DB")));
function one(PDO $db, string $sql, array $args): array {
    $st = $db->prepare($sql);
    $st->execute($args);
    return $st->fetch(PDO::FETCH_ASSOC);
}
$pays = [];
foreach ($db->query("SELECT num_declaration, id_importateur, pays_origine FROM declaration ORDER BY num_declaration")->fetchAll(PDO::FETCH_ASSOC) as $d) {
    $pays[$d["pays_origine"]] ??= one($db, "SELECT libelle FROM pays WHERE code_iso = ?", [$d["pays_origine"]]); // @customs_x
    $importer = one($db, "SELECT raison FROM importateur WHERE id_importateur = ?", [$d["id_importateur"]]); // @customs_y
    $items = one($db, "SELECT COUNT(*) AS n FROM article WHERE num_declaration = ?", [$d["num_declaration"]]); // @customs_z
    echo $d["num_declaration"], " ", $pays[$d["pays_origine"]]["libelle"], " ", $importer["raison"], " ", $items["n"], "\n";
}
