"""Audit trail: each change writes two rows in one transaction (no loop: a unit of work); nightly repricing reads and writes per row; counters."""
import os
import sqlite3
import sys
import random

db = sqlite3.connect(os.environ["SCENARIO_DB"], isolation_level=None)
db.executescript(
    "CREATE TABLE account(id INTEGER PRIMARY KEY, cents INT, owner TEXT); CREATE TABLE trail(id INTEGER PRIMARY KEY, account_id INT, delta INT); CREATE TABLE fee(tier TEXT PRIMARY KEY, cents INT); CREATE TABLE article(id INTEGER PRIMARY KEY, price INT, hits INT DEFAULT 0)"
)
db.executemany("INSERT INTO account VALUES (?,?,?)", [(i, 1000, f"o{i}") for i in range(1, 41)])
db.executemany("INSERT INTO article(id, price) VALUES (?,?)", [(i, i * 10) for i in range(1, 31)])


def transfer(a, b, n):
    db.execute("BEGIN IMMEDIATE")
    db.execute("UPDATE account SET cents = cents - ? WHERE id = ?", (n, a))
    db.execute("UPDATE account SET cents = cents + ? WHERE id = ?", (n, b))
    db.execute("INSERT INTO trail(account_id, delta) VALUES (?,?)", (a, -n))
    db.execute("INSERT INTO trail(account_id, delta) VALUES (?,?)", (b, n))
    db.execute("COMMIT")


r = random.Random(7)
for _ in range(15):
    transfer(r.randrange(1, 41), r.randrange(1, 41), r.randrange(1, 50))


def reprice():
    for aid, price in db.execute("SELECT id, price FROM article").fetchall():
        db.execute("UPDATE article SET price = ? WHERE id = ?", (round(price * 1.1), aid))  # @audit_1


reprice()


def statement(owner):
    (aid,) = db.execute("SELECT id FROM account WHERE owner = ?", (owner,)).fetchone()
    return db.execute("SELECT delta FROM trail WHERE account_id = ? ORDER BY id", (aid,)).fetchall()


for o in ("o3", "o17", "o8", "o22"):
    statement(o)
