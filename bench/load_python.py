"""load_python.py COUNT: sqlite3's execute(...).fetchone() by key in memory, below 30 Python frames; a line of figures."""
import json
import re
import sqlite3
import sys
import time

DEPTH = 28  # and <module> above, work below


def work(db, count):
    total = 0
    for i in range(count):
        total += len(db.execute("SELECT name FROM item WHERE id = ?", (i * 7919 % 10000 + 1,)).fetchone()[0])
    return total


def descend(db, count, level):
    if level == 0:
        return work(db, count)
    return descend(db, count, level - 1) + 1


db = sqlite3.connect(":memory:")
db.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT)")
db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
           " INSERT INTO item SELECT i, 'item ' || i FROM n")
count = int(sys.argv[1])
descend(db, count // 10, DEPTH)
cpu_ns, wall_ns = time.thread_time_ns(), time.monotonic_ns()
descend(db, count, DEPTH)
cpu_ns, wall_ns = time.thread_time_ns() - cpu_ns, time.monotonic_ns() - wall_ns
with open("/proc/self/status", encoding="ascii") as status:
    peak_rss_kb = int(re.search(r"VmHWM:\s*(\d+)", status.read()).group(1))
print(json.dumps({"statements": count, "cpu_ns": cpu_ns, "wall_ns": wall_ns, "peak_rss_kb": peak_rss_kb}))
