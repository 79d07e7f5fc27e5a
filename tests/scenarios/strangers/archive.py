"""ATTACHed databases: a list in one, look-ups in the other, both spelled with their schema."""
import os
import sqlite3
import sys

db = sqlite3.connect(os.environ["SCENARIO_DB"])
db.execute("ATTACH ? AS archive", (os.environ["SCENARIO_DB"] + ".2",))
db.executescript(
    "CREATE TABLE main.orders(id INTEGER PRIMARY KEY, buyer_id INT); CREATE TABLE archive.buyer(id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE archive.orders(id INTEGER PRIMARY KEY, buyer_id INT)"
)
db.executemany("INSERT INTO archive.buyer VALUES (?,?)", [(i, f"b{i}") for i in range(1, 20)])
db.executemany("INSERT INTO main.orders VALUES (?,?)", [(i, i * 5 % 19 + 1) for i in range(1, 26)])
db.executemany("INSERT INTO archive.orders VALUES (?,?)", [(i + 500, i * 3 % 19 + 1) for i in range(1, 26)])
for oid, buyer in db.execute("SELECT id, buyer_id FROM main.orders").fetchall():
    db.execute("SELECT name FROM archive.buyer WHERE id = ?", (buyer,)).fetchone()  # @archive_1
for oid, buyer in db.execute("SELECT id, buyer_id FROM archive.orders").fetchall():
    db.execute("SELECT name FROM archive.buyer WHERE id = ?", (buyer,)).fetchone()  # @archive_2
print(len(db.execute("SELECT o.id, b.name FROM orders o JOIN archive.buyer b ON b.id = o.buyer_id").fetchall()))
