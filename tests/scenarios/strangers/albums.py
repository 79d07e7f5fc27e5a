"""A threaded server with a pool: requests look up their user and settings; one request fans a list out to threads."""
import os
import sqlite3
import sys
import threading
import queue
import random
import concurrent.futures as cf

PATH = os.environ["SCENARIO_DB"]
m = sqlite3.connect(PATH)
m.executescript(
    "CREATE TABLE usr(id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE conf(k TEXT PRIMARY KEY, v TEXT); CREATE TABLE photo(id INTEGER PRIMARY KEY, usr_id INT, url TEXT); CREATE TABLE face(id INTEGER PRIMARY KEY, photo_id INT, who TEXT)"
)
m.executemany("INSERT INTO usr VALUES (?,?)", [(i, f"n{i}") for i in range(1, 31)])
m.executemany("INSERT INTO conf VALUES (?,?)", [("theme", "x"), ("lang", "de")])
m.executemany("INSERT INTO photo VALUES (?,?,?)", [(i, i % 30 + 1, f"u{i}") for i in range(1, 121)])
m.executemany("INSERT INTO face(photo_id, who) VALUES (?,?)", [(i % 120 + 1, f"w{i}") for i in range(200)])
m.commit()


class Pool:
    def __init__(self, n):
        self.q = queue.Queue()
        for _ in range(n):
            self.q.put(sqlite3.connect(PATH, check_same_thread=False))

    def query(self, sql, *args):
        db = self.q.get()
        try:
            return db.execute(sql, args).fetchall()
        finally:
            self.q.put(db)


pool = Pool(4)


def setting(name):
    return pool.query("SELECT v FROM conf WHERE k = ?", name)


def profile(user):
    setting("theme")
    setting("lang")
    pool.query("SELECT name FROM usr WHERE id = ?", user)
    return pool.query("SELECT count(*) FROM photo WHERE usr_id = ?", user)


def album(user):
    photos = pool.query("SELECT id, url FROM photo WHERE usr_id = ?", user)
    with cf.ThreadPoolExecutor(3) as ex:
        return list(ex.map(lambda p: pool.query("SELECT who FROM face WHERE photo_id = ?", p[0]), photos))  # @albums_1


rnd = random.Random(11)
with cf.ThreadPoolExecutor(5) as server:
    list(server.map(profile, [rnd.randrange(1, 31) for _ in range(20)]))
for u in (3, 9, 12):
    album(u)
