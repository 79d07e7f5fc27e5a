"""Translations by key per label (keys from code), per product (keys from rows), prices by (sku, currency), day buckets."""
import os
import sqlite3
import sys
import datetime

db = sqlite3.connect(os.environ["SCENARIO_DB"])
db.row_factory = sqlite3.Row
db.executescript(
    """CREATE TABLE product(sku TEXT PRIMARY KEY, name_key TEXT, supplier_no INT); CREATE TABLE translation(lang TEXT, key TEXT, value TEXT, PRIMARY KEY(lang, key));
CREATE TABLE price(sku TEXT, currency TEXT, cents INT); CREATE TABLE supplier(supplier_no INT PRIMARY KEY, name TEXT); CREATE TABLE sale(id INTEGER PRIMARY KEY, sku TEXT, day TEXT, qty INT);"""
)
db.executemany("INSERT INTO product VALUES (?,?,?)", [(f"SK{i:04d}", f"prod.{i}.name", 700 + i % 8) for i in range(30)])
db.executemany(
    "INSERT INTO translation VALUES (?,?,?)",
    [(l, f"prod.{i}.name", f"{l}{i}") for l in ("de", "fr") for i in range(30)] + [("de", f"ui.{k}", k) for k in ("title", "cart", "buy", "help")],
)
db.executemany("INSERT INTO price VALUES (?,?,?)", [(f"SK{i:04d}", c, i * 10) for i in range(30) for c in ("EUR", "USD")])
db.executemany("INSERT INTO supplier VALUES (?,?)", [(700 + i, f"s{i}") for i in range(8)])
db.executemany("INSERT INTO sale(sku, day, qty) VALUES (?,?,?)", [(f"SK{i % 30:04d}", f"2024-01-{i % 28 + 1:02d}", 1) for i in range(300)])


def t(lang, key):
    row = db.execute("SELECT value FROM translation WHERE lang = ? AND key = ?", (lang, key)).fetchone()  # @catalogue_1
    return row["value"] if row else key


def header():
    return [t("de", "ui." + k) for k in ("title", "cart", "buy", "help")]


def catalogue(currency):
    for p in db.execute("SELECT sku, name_key, supplier_no FROM product ORDER BY sku"):
        cents = db.execute("SELECT cents FROM price WHERE sku = ? AND currency = ?", (p["sku"], currency)).fetchone()[0]  # @catalogue_2
        s = db.execute("SELECT name FROM supplier WHERE supplier_no = ?", (p["supplier_no"],)).fetchone()  # @catalogue_3
        print(t("de", p["name_key"]), cents, s["name"])


def week():
    d = datetime.date(2024, 1, 1)
    for i in range(7):
        print(db.execute("SELECT sum(qty) FROM sale WHERE day = ?", (str(d + datetime.timedelta(i)),)).fetchone()[0])


def best():
    top = db.execute("SELECT sku, sum(qty) AS n FROM sale GROUP BY sku ORDER BY n DESC, sku LIMIT 10").fetchall()
    for row in top:
        print(db.execute("SELECT name_key FROM product WHERE sku = ?", (row["sku"],)).fetchone()["name_key"])  # @catalogue_4


header()
catalogue("EUR")
week()
best()
