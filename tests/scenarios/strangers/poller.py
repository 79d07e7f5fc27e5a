"""A daemon that polls, handles what it finds with single look-ups, and at the end of the day makes a report."""
import os
import sqlite3
import sys
import time

db = sqlite3.connect(os.environ["SCENARIO_DB"])
db.executescript(
    "CREATE TABLE event(id INTEGER PRIMARY KEY, device_id INT, kind TEXT); CREATE TABLE device(id INTEGER PRIMARY KEY, name TEXT, owner TEXT); CREATE TABLE alarm(id INTEGER PRIMARY KEY, device_id INT, note TEXT)"
)
db.executemany("INSERT INTO device VALUES (?,?,?)", [(i, f"d{i}", f"o{i % 4}") for i in range(1, 31)])
last = 0


def poll():
    global last
    rows = db.execute("SELECT id, device_id, kind FROM event WHERE id > ? ORDER BY id", (last,)).fetchall()
    if rows:
        last = rows[-1][0]
    return rows


for tick in range(25):
    if tick % 2:
        db.execute("INSERT INTO event(device_id, kind) VALUES (?, ?)", (tick * 7 % 30 + 1, "hot" if tick % 3 else "cold"))
    for _, device, kind in poll():
        name = db.execute("SELECT name, owner FROM device WHERE id = ?", (device,)).fetchone()
        if kind == "hot":
            db.execute("INSERT INTO alarm(device_id, note) VALUES (?,?)", (device, name[0]))
    db.commit()
    time.sleep(0.012)


def report():
    for device, note in db.execute("SELECT device_id, note FROM alarm").fetchall():
        owner = db.execute("SELECT owner FROM device WHERE id = ?", (device,)).fetchone()[0]  # @poller_1
        time.sleep(0.03)
        print(device, note, owner)


report()
