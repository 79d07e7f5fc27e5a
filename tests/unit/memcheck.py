"""A loop of look-ups below classes, generators and callbacks: Python's frames are read while memcheck watches."""
import sqlite3


class Shop:
    def __init__(self):
        self.db = sqlite3.connect(":memory:")
        self.db.execute("create table item (id integer primary key, name text)")
        self.db.executemany("insert into item values (?, ?)", ((i, f"näme {i}") for i in range(20)))
        self.db.create_function("length_of", 1, lambda name: len(name))

    def names(self, ids):
        for i in ids:
            yield self.db.execute("select name, length_of(name) from item where id = ?", (i,)).fetchone()


shop = Shop()
ids = [row[0] for row in shop.db.execute("select id from item")]
assert sorted(shop.names(ids), key=lambda row: row[1])[0][0] == "näme 0"
