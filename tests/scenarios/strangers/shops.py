"""Multiprocessing: ids listed in the parent, one look-up each in workers; then a chunked variant that is right."""
import os
import multiprocessing
import sqlite3
import sys

PATH = os.environ["SCENARIO_DB"]


def init():
    global db
    db = sqlite3.connect(PATH)


def stats(shop):
    return db.execute("SELECT sum(cents) FROM sale WHERE shop_id = ?", (shop,)).fetchone()[0]  # @shops_1


def many(shops):
    return db.execute(f"SELECT shop_id, max(cents) FROM sale WHERE shop_id IN ({','.join('?' * len(shops))}) GROUP BY shop_id", shops).fetchall()


if __name__ == "__main__":
    m = sqlite3.connect(PATH)
    m.executescript("CREATE TABLE shop(id INTEGER PRIMARY KEY, city TEXT); CREATE TABLE sale(id INTEGER PRIMARY KEY, shop_id INT, cents INT);")
    m.executemany("INSERT INTO shop VALUES (?,?)", [(i, f"c{i % 5}") for i in range(1, 41)])
    m.executemany("INSERT INTO sale(shop_id, cents) VALUES (?,?)", [(i % 40 + 1, i * 13 % 997) for i in range(400)])
    m.commit()
    shops = [r[0] for r in m.execute("SELECT id FROM shop ORDER BY city")]
    with multiprocessing.Pool(3, init) as pool:
        print(sum(pool.map(stats, shops)))
        print(len(pool.map(many, [shops[i : i + 8] for i in range(0, 40, 8)])))
