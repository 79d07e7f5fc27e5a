"""An import: get-or-create per line with a cache for one table and none for the other, then a check per row."""
import os
import sqlite3
import sys
import csv
import io
import random

db = sqlite3.connect(os.environ["SCENARIO_DB"])
db.executescript(
    "CREATE TABLE vendor(id INTEGER PRIMARY KEY, code TEXT UNIQUE, name TEXT); CREATE TABLE category(id INTEGER PRIMARY KEY, label TEXT UNIQUE);"
    "CREATE TABLE item(id INTEGER PRIMARY KEY, sku TEXT UNIQUE, vendor_id INT, category_id INT, cents INT);"
)
rnd = random.Random(3)
text = "\n".join(f"SKU-{i:05d},V{rnd.randrange(14):03d},cat {rnd.randrange(6)},{rnd.randrange(9999)}" for i in range(60))


class Importer:
    def __init__(self, db):
        self.db, self.categories = db, {}

    def category(self, label):
        if label not in self.categories:
            row = self.db.execute("SELECT id FROM category WHERE label = ?", (label,)).fetchone()
            if row is None:
                row = [self.db.execute("INSERT INTO category(label) VALUES (?)", (label,)).lastrowid]  # @import_lines_1
            self.categories[label] = row[0]
        return self.categories[label]

    def vendor(self, code):
        row = self.db.execute("SELECT id FROM vendor WHERE code = ?", (code,)).fetchone()  # @import_lines_2
        if row is None:
            return self.db.execute("INSERT INTO vendor(code, name) VALUES (?, ?)", (code, code.title())).lastrowid  # @import_lines_3
        return row[0]

    def run(self, file):
        for sku, vendor, category, cents in csv.reader(file):
            v, c = self.vendor(vendor), self.category(category)
            self.db.execute("INSERT INTO item(sku, vendor_id, category_id, cents) VALUES (?,?,?,?)", (sku, v, c, int(cents)))  # @import_lines_4


Importer(db).run(io.StringIO(text))
db.commit()


def export():
    for iid, sku, vid in db.execute("SELECT id, sku, vendor_id FROM item ORDER BY sku").fetchall():
        (name,) = db.execute("SELECT name FROM vendor WHERE id = ?", (vid,)).fetchone()  # @import_lines_5
        print(sku, name)


export()
db.executemany("UPDATE item SET cents = cents + ? WHERE sku = ?", [(5, f"SKU-{i:05d}") for i in range(60)])
db.commit()
