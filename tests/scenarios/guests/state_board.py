import os, sqlite3
con = sqlite3.connect(os.environ["SCENARIO_DB"])
for row in con.execute("SELECT id, stage, kg FROM consignments ORDER BY id").fetchall():
    print(*row)
for stage in ("booked", "in_transit", "delivered", "lost"):
    print(stage, *con.execute("SELECT count(*), sum(kg) FROM consignments WHERE stage = ?", (stage,)).fetchone())
