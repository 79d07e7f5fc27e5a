"""A nightly job: chunks with IN (innocent), then per chunk a loop (guilty), updates one by one (guilty) and executemany (innocent)."""
import os
import sqlite3
import sys

db = sqlite3.connect(os.environ["SCENARIO_DB"])
db.executescript(
    "CREATE TABLE member(id INTEGER PRIMARY KEY, ref TEXT, points INT, tier TEXT); CREATE TABLE visit(id INTEGER PRIMARY KEY, member_ref TEXT, day INT);"
)
db.executemany("INSERT INTO member VALUES (?,?,?,?)", [(i, f"M-{i * 7919 % 100000:06d}", i, "base") for i in range(1, 101)])
db.executemany("INSERT INTO visit(member_ref, day) VALUES (?,?)", [(f"M-{(i % 100 + 1) * 7919 % 100000:06d}", i % 30) for i in range(600)])
db.commit()


def chunked(n):
    last = 0
    while True:
        rows = db.execute("SELECT id, ref, points FROM member WHERE id > ? ORDER BY id LIMIT ?", (last, n)).fetchall()
        if not rows:
            return
        last = rows[-1][0]
        yield rows


for rows in chunked(25):
    refs = [r[1] for r in rows]
    db.execute("SELECT member_ref, count(*) FROM visit WHERE member_ref IN (%s) GROUP BY 1" % ",".join("?" * len(refs)), refs).fetchall()
for rows in chunked(30):
    for mid, ref, points in rows:
        days = db.execute("SELECT count(DISTINCT day) FROM visit WHERE member_ref = ?", (ref,)).fetchone()[0]  # @nightly_1
        if days > 2:
            db.execute("UPDATE member SET tier = ? WHERE id = ?", ("gold", mid))  # @nightly_2
    db.commit()
db.executemany("UPDATE member SET points = points + 1 WHERE id = ?", [(i,) for i in range(1, 101)])
db.commit()
