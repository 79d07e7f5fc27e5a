<?php // keys without their repetitions, then a look-up each; a link table, by a literal in the text
$db = new PDO("sqlite:" . getenv("SCENARIO_DB"));
$titles = $db->query("SELECT isbn, publisher_code, name FROM title")->fetchAll();
$codes = array_unique(array_column($titles, "publisher_code"));
sort($codes);
$names = array_map(function ($code) use ($db) {
    $q = $db->prepare("SELECT name FROM publisher WHERE code = ?");
    $q->execute([$code]); // @titles_x
    return $q->fetchColumn();
}, $codes);
$by_code = array_combine($codes, $names);
foreach ($titles as $t) {
    $q = $db->query("SELECT word.spelling FROM word JOIN title_word ON title_word.word_id = word.id WHERE title_word.isbn = " . $db->quote($t["isbn"])); // @titles_y
    echo $t["name"], " / ", $by_code[$t["publisher_code"]], " [", implode(" ", $q->fetchAll(PDO::FETCH_COLUMN)), "]\n";
}
