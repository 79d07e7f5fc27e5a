"""Permission checks per row behind a TTL cache; feature flags per request; both in one service."""
import os
import sqlite3
import sys
import time
import random

db = sqlite3.connect(os.environ["SCENARIO_DB"])
db.executescript(
    """CREATE TABLE doc(id INTEGER PRIMARY KEY, owner_id INT, title TEXT); CREATE TABLE grants(doc_id INT, user_id INT, level TEXT);
CREATE TABLE flag(name TEXT PRIMARY KEY, is_on INT); CREATE TABLE account(id INTEGER PRIMARY KEY, login TEXT);"""
)
db.executemany("INSERT INTO account VALUES (?,?)", [(i, f"login{i}") for i in range(1, 21)])
db.executemany("INSERT INTO doc VALUES (?,?,?)", [(i, i * 3 % 20 + 1, f"doc {i}") for i in range(1, 61)])
db.executemany("INSERT INTO grants VALUES (?,?,?)", [(i, (i * k) % 20 + 1, "read") for i in range(1, 61) for k in (1, 3)])
db.executemany("INSERT INTO flag VALUES (?,?)", [("new_ui", 1), ("beta", 0), ("dark", 1)])


class Ttl:
    def __init__(self, seconds):
        self.seconds, self.kept = seconds, {}

    def __call__(self, f):
        def inner(*key):
            hit = self.kept.get(key)
            if hit and hit[1] > time.monotonic():
                return hit[0]
            value = f(*key)
            self.kept[key] = (value, time.monotonic() + self.seconds)
            return value

        return inner


@Ttl(60)
def login(user):
    return db.execute("SELECT login FROM account WHERE id = ?", (user,)).fetchone()[0]


def is_on(name):
    return db.execute("SELECT is_on FROM flag WHERE name = ?", (name,)).fetchone()[0]


def may_read(user, doc):
    return db.execute("SELECT 1 FROM grants WHERE doc_id = ? AND user_id = ?", (doc, user)).fetchone() is not None  # @permissions_1


def handle_list(user):
    is_on("new_ui")
    return [d for d in db.execute("SELECT id, title FROM doc ORDER BY id LIMIT 20").fetchall() if may_read(user, d[0])]


def handle_one(user, doc):
    is_on("new_ui")
    is_on("dark")
    row = db.execute("SELECT id, owner_id FROM doc WHERE id = ?", (doc,)).fetchone()
    return login(user), login(row[1])


rnd = random.Random(2)
for _ in range(3):
    handle_list(7)
for _ in range(12):
    handle_one(rnd.randrange(1, 21), rnd.randrange(1, 61))
    time.sleep(0.008)
