"""A small GraphQL-like executor: resolvers per field, without and with a data loader."""
import os
import sqlite3
import sys

db = sqlite3.connect(os.environ["SCENARIO_DB"])
db.row_factory = sqlite3.Row
db.executescript(
    """CREATE TABLE movie(id INTEGER PRIMARY KEY, title TEXT, director_id INT);
CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT, born_in INT); CREATE TABLE city(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE casting(movie_id INT, person_id INT, role TEXT);"""
)
db.executemany("INSERT INTO city VALUES (?,?)", [(i, f"city {i}") for i in range(1, 8)])
db.executemany("INSERT INTO person VALUES (?,?,?)", [(i, f"person {i}", i % 7 + 1) for i in range(1, 31)])
db.executemany("INSERT INTO movie VALUES (?,?,?)", [(i, f"movie {i}", i * 7 % 30 + 1) for i in range(1, 21)])
db.executemany("INSERT INTO casting VALUES (?,?,?)", [(i % 20 + 1, i * 11 % 30 + 1, "r") for i in range(60)])


def one(sql, *a):
    return db.execute(sql, a).fetchone()


def all_(sql, *a):
    return db.execute(sql, a).fetchall()


class Loader:
    def __init__(self, table):
        self.table, self.keys, self.got = table, [], None

    def load(self, key):
        self.keys.append(key)

        def get():
            if self.got is None:
                ks = list(dict.fromkeys(self.keys))
                self.got = {r["id"]: r for r in all_(f"SELECT * FROM {self.table} WHERE id IN ({','.join('?' * len(ks))})", *ks)}
            return self.got[key]

        return get


CAST = "SELECT p.* FROM person p JOIN casting c ON c.person_id = p.id WHERE c.movie_id = ?"
NAIVE = {
    ("Query", "movies"): lambda o, c: all_("SELECT * FROM movie"),
    ("movies", "director"): lambda o, c: one("SELECT * FROM person WHERE id = ?", o["director_id"]),  # @resolvers_1
    ("director", "city"): lambda o, c: one("SELECT * FROM city WHERE id = ?", o["born_in"]),  # @resolvers_2
    ("movies", "cast"): lambda o, c: all_(CAST, o["id"]),  # @resolvers_3
}
LOADED = dict(NAIVE)
LOADED[("movies", "director")] = lambda o, c: c["person"].load(o["director_id"])
LOADED.pop(("director", "city"))
LOADED.pop(("movies", "cast"))


def resolve(kind, obj, fields, table, ctx):
    out = {}
    for f, sub in fields.items():
        r = table.get((kind, f))
        v = r(obj, ctx) if r else obj[f]
        out[f] = (f, v, sub)
    for f, (name, v, sub) in out.items():
        v = v() if callable(v) else v
        out[f] = [resolve(name, x, sub, table, ctx) for x in v] if isinstance(v, list) else resolve(name, v, sub, table, ctx) if sub else v
    return out


print(
    len(
        resolve("Query", None, {"movies": {"title": None, "director": {"name": None, "city": {"name": None}}, "cast": {"name": None}}}, NAIVE, {})[
            "movies"
        ]
    )
)


def levels():
    ctx = {"person": Loader("person")}
    movies = all_("SELECT * FROM movie")
    waiting = [(m, LOADED[("movies", "director")](m, ctx)) for m in movies]
    print([w()["name"] for _, w in waiting])


levels()
