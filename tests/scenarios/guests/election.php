<?php // a reference of two columns, and a sum, by statements that are prepared once
$db = new SQLite3(getenv("SCENARIO_DB"));
$seat = $db->prepare("SELECT name FROM district WHERE state = :s AND number = :n");
$total = $db->prepare("SELECT SUM(votes) FROM tally WHERE candidate_id = :c");
$list = $db->query("SELECT id, name, party, state, number FROM candidate ORDER BY name");
while ($c = $list->fetchArray(SQLITE3_ASSOC)) {
    $seat->bindValue(":s", $c["state"]);
    $seat->bindValue(":n", $c["number"]);
    $d = $seat->execute()->fetchArray(SQLITE3_ASSOC); // @election_x
    $seat->reset();
    $total->bindValue(":c", $c["id"]);
    $sum = $total->execute()->fetchArray(SQLITE3_NUM)[0]; // @election_y
    $total->reset();
    echo "$c[name] ($c[party]) $d[name]: $sum\n";
}
