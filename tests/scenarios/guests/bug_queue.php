<?php // a worker that takes the next row, an upsert of many rows, polling
$c = pg_connect(getenv("SCENARIO_DB"));
function take($c) {
    pg_query($c, "BEGIN");
    $bug = pg_fetch_assoc(pg_query($c, "SELECT id, reporter_id FROM bug WHERE state = 'new' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"));
    if ($bug)
        pg_query_params($c, "UPDATE bug SET state = 'seen' WHERE id = $1", [$bug["id"]]);
    pg_query($c, "COMMIT");
    return $bug;
}
$seen = [];
while ($bug = take($c))
    $seen[$bug["reporter_id"]] = ($seen[$bug["reporter_id"]] ?? 0) + 1;
$marks = $args = [];
foreach ($seen as $k => $n) {
    $marks[] = "($" . (count($args) + 1) . ", $" . (count($args) + 2) . ")";
    array_push($args, "member $k", $n);
}
pg_query_params($c, "INSERT INTO meter(name, value) VALUES " . implode(", ", $marks) . " ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value", $args);
for ($t = 0; $t < 4; $t++) {
    pg_fetch_result(pg_query($c, "SELECT count(*) FROM bug WHERE state = 'new'"), 0, 0);
    usleep(60000);
}
