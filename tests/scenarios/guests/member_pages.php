<?php // pages by key, each with one query for all of its rows; counts of different tables; pages by offset
$db = new PDO("sqlite:" . getenv("SCENARIO_DB"));
$db->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
foreach (["member", "bug", "remark"] as $t)
    echo $t, " ", $db->query("SELECT COUNT(*) FROM $t")->fetchColumn(), "\n";
$nicks = [];
$nick = function (int $id) use ($db, &$nicks) {
    $nicks = $nicks ?: $db->query("SELECT id, nick FROM member")->fetchAll(PDO::FETCH_KEY_PAIR);
    return $nicks[$id];
};
$page = $db->prepare("SELECT id, reporter_id, title FROM bug WHERE id > ? ORDER BY id LIMIT 15");
for ($last = 0; $page->execute([$last]) && ($rows = $page->fetchAll(PDO::FETCH_ASSOC)); $last = end($ids)) {
    $ids = array_column($rows, "id");
    $marks = implode(",", array_fill(0, count($ids), "?"));
    $counts = $db->prepare("SELECT bug_id, COUNT(*) FROM remark WHERE bug_id IN ($marks) GROUP BY bug_id");
    $counts->execute($ids);
    $n = $counts->fetchAll(PDO::FETCH_KEY_PAIR);
    foreach ($rows as $r)
        echo $r["title"], " ", $nick($r["reporter_id"]), " ", $n[$r["id"]] ?? 0, "\n";
}
for ($p = 0; $p < 4; $p++)
    echo count($db->query("SELECT id, body FROM remark ORDER BY body, id LIMIT 10 OFFSET " . 10 * $p)->fetchAll()), "\n";
