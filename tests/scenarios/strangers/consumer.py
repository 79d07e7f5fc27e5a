"""Threads consuming a queue of messages (keys from outside), each message several look-ups; a rebuild that loops in the consumer."""
import os
import sqlite3
import sys
import queue
import threading
import random

PATH = os.environ["SCENARIO_DB"]
m = sqlite3.connect(PATH)
m.executescript(
    "CREATE TABLE sensor(id TEXT PRIMARY KEY, site INT); CREATE TABLE site(id INTEGER PRIMARY KEY, tz TEXT); CREATE TABLE rule(id INTEGER PRIMARY KEY, site INT, lim INT)"
)
m.executemany("INSERT INTO sensor VALUES (?,?)", [(f"s-{i * 7919 % 9973:05d}", i % 6 + 1) for i in range(60)])
m.executemany("INSERT INTO site VALUES (?,?)", [(i, f"tz{i}") for i in range(1, 7)])
m.executemany("INSERT INTO rule(site, lim) VALUES (?,?)", [(i % 6 + 1, i) for i in range(18)])
m.commit()
names = [f"s-{i * 7919 % 9973:05d}" for i in range(60)]
q = queue.Queue()
r = random.Random(5)
for _ in range(60):
    q.put(("reading", r.choice(names)))
q.put(("rebuild", None))
[q.put(None) for _ in range(3)]


def worker():
    db = sqlite3.connect(PATH)
    while (item := q.get()) is not None:
        kind, key = item
        if kind == "reading":
            (site,) = db.execute("SELECT site FROM sensor WHERE id = ?", (key,)).fetchone()
            db.execute("SELECT tz FROM site WHERE id = ?", (site,)).fetchone()
            db.execute("SELECT lim FROM rule WHERE site = ?", (site,)).fetchall()
        else:
            for sid, site in db.execute("SELECT id, site FROM sensor").fetchall():
                db.execute("SELECT min(lim) FROM rule WHERE site = ?", (site,)).fetchone()  # @consumer_1


ts = [threading.Thread(target=worker) for _ in range(3)]
[t.start() for t in ts]
[t.join() for t in ts]
