<?php // a copy of the rows, sorted by the reference; keys marked "fk" and tables marked "tbl"; a sum beside constants
$db = new PDO("sqlite:" . getenv("SCENARIO_DB"));
$open = $db->query("SELECT ClaimID, fkPolicyNo, fkAdjusterID FROM tblClaim WHERE Status = 'open'")->fetchAll(PDO::FETCH_ASSOC);
$lines = array_map(function (array $c) use ($db): string {
    $policy = $db->query("SELECT HolderName FROM tblPolicy WHERE PolicyNo = " . $db->quote($c["fkPolicyNo"]))->fetchColumn(); // @claims_x
    $paid = $db->query("SELECT SUM(Cents) AS paid, 0, 'EUR' FROM tblPayment WHERE fkClaimID = {$c["ClaimID"]}")->fetch(); // @claims_y
    return "{$c["ClaimID"]} $policy " . ($paid[0] ?? $paid[1]) . " {$paid[2]}";
}, $open);
echo implode("\n", $lines), "\n";
usort($open, fn($a, $b) => $a["fkAdjusterID"] <=> $b["fkAdjusterID"]);
array_walk($open, function (array $c) use ($db) {
    $who = $db->query("SELECT FullName FROM tblAdjuster WHERE AdjusterID = " . (int) $c["fkAdjusterID"])->fetchColumn(); // @claims_z
    echo "$who: {$c["ClaimID"]}\n";
});
