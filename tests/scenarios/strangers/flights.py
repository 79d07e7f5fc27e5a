"""Offset pagination over an API-like function; a loop over a page's rows for one report; composite keys; self relation."""
import os
import sqlite3
import sys

db = sqlite3.connect(os.environ["SCENARIO_DB"])
db.executescript(
    """CREATE TABLE flight(no TEXT, day INT, plane_id INT, PRIMARY KEY(no, day)); CREATE TABLE seat(flight_no TEXT, flight_day INT, label TEXT, passenger_id INT);
CREATE TABLE plane(id INTEGER PRIMARY KEY, model TEXT); CREATE TABLE emp(id INTEGER PRIMARY KEY, boss_id INT, name TEXT); CREATE TABLE passenger(id INTEGER PRIMARY KEY, name TEXT)"""
)
db.executemany("INSERT INTO flight VALUES (?,?,?)", [(f"LH{i % 9 + 100}", i // 9, i % 5 + 1) for i in range(36)])
db.executemany("INSERT INTO plane VALUES (?,?)", [(i, f"m{i}") for i in range(1, 6)])
db.executemany("INSERT INTO seat VALUES (?,?,?,?)", [(f"LH{i % 9 + 100}", i // 9 % 4, f"{i}A", i % 50 + 1) for i in range(180)])
db.executemany("INSERT INTO emp VALUES (?,?,?)", [(i, i // 4 or None, f"e{i}") for i in range(1, 31)])
db.executemany("INSERT INTO passenger VALUES (?,?)", [(i, f"n{i}") for i in range(1, 51)])


def page(n, size=12):
    return db.execute("SELECT no, day, plane_id FROM flight ORDER BY no, day LIMIT ? OFFSET ?", (size, n * size)).fetchall()


def seats(no, day):
    return db.execute("SELECT label, passenger_id FROM seat WHERE flight_no = ? AND flight_day = ?", (no, day)).fetchall()  # @flights_1


def export():
    n = 0
    while rows := page(n):
        for no, day, plane in rows:
            print(no, day, len(seats(no, day)), db.execute("SELECT model FROM plane WHERE id = ?", (plane,)).fetchone())  # @flights_2
        n += 1


def titles():
    n = 0
    while rows := page(n, 10):
        n += 1


def chart():
    for eid, boss, name in db.execute("SELECT id, boss_id, name FROM emp WHERE boss_id IS NOT NULL").fetchall():
        print(name, db.execute("SELECT name FROM emp WHERE id = ?", (boss,)).fetchone())  # @flights_3


def manifest(no, day):
    for label, pid in seats(no, day):
        print(label, db.execute("SELECT name FROM passenger WHERE id = ?", (pid,)).fetchone())  # @flights_4


export()
titles()
chart()
manifest("LH103", 2)
