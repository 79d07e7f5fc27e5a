"""A small library with everything that makes queries hard: NULLs, a self reference, nullable keys, a table in between,
a one-to-one, decimals, dates, texts with %, _ and \\. The same rows on SQLite and PostgreSQL; nothing random."""
import datetime
import decimal
import json
import os
import sqlite3
import subprocess
import uuid

D = decimal.Decimal
TYPES = {  # neutral name: (SQLite, PostgreSQL)
    "key": ("integer NOT NULL PRIMARY KEY AUTOINCREMENT", "bigserial NOT NULL PRIMARY KEY"),
    "bool": ("bool", "boolean"),
    "int": ("integer", "integer"),
    "bigint": ("bigint", "bigint"),
    "text": ("text", "text"),
    "real": ("real", "double precision"),
    "decimal": ("decimal(8, 2)", "numeric(8, 2)"),
    "date": ("date", "date"),
    "time": ("time", "time"),
    "moment": ("datetime", "timestamp with time zone"),
    "uuid": ("char(32)", "uuid"),
    "name": ("varchar(100)", "varchar(100)"),
    "duration": ("bigint", "interval"),
    "bytes": ("BLOB", "bytea"),
    "json": ('text CHECK ((JSON_VALID("{0}") OR "{0}" IS NULL))', "jsonb"),
}
TABLES = {  # column: type, or type of a table pointed at; '?' behind: may be NULL; '!': unique
    "lib_publisher": {"id": "key", "name": "name", "country": "name?", "founded": "int?"},
    "lib_editor": {"id": "key", "name": "name", "desk": "name?"},
    "lib_writer": {"id": "key", "name": "name", "email": "text?", "born": "date?", "rating": "decimal?",
                   "mentor_id": "lib_writer?", "active": "bool"},
    "lib_profile": {"id": "key", "writer_id": "lib_writer!", "bio": "text?", "followers": "bigint"},
    "lib_book": {"id": "key", "title": "name", "pages": "int", "sold": "int?", "price": "decimal?", "score": "real?",
                 "published": "bool", "featured": "bool?", "released": "date?", "created": "moment", "opens": "time?",
                 "isbn": "uuid?", "writer_id": "lib_writer", "editor_id": "lib_editor?",
                 "publisher_id": "lib_publisher?"},
    "lib_tag": {"id": "key", "name": "name!"},
    "lib_booktag": {"id": "key", "book_id": "lib_book", "tag_id": "lib_tag", "weight": "int"},
    "lib_review": {"id": "key", "book_id": "lib_book?", "stars": "int", "note": "text?", "written": "moment",
                   "spent": "duration?"},
    "lib_doc": {"id": "key", "name": "name", "data": "json?", "writer_id": "lib_writer?"},
}


def utc(*args):
    return datetime.datetime(*args, tzinfo=datetime.timezone.utc)


def rows():
    words = ["River", "river bank", "100% Wool", "a_b", "back\\slash", "Émile", "O'Neil", "", "The Long Way", "ALPHA",
             "alphabet", "Zebra", "naïve", " padded ", "x" * 30]
    out = {t: [] for t in TABLES}
    for i, (name, country, founded) in enumerate([("Acorn", "IN", 1990), ("Birch", "DE", 1875), ("Cedar", None, None),
                                                  ("Dogwood", "IN", 2020), ("Elm", "us", 1990)], 1):
        out["lib_publisher"].append([i, name, country, founded])
    for i, (name, desk) in enumerate([("Ines", "fiction"), ("Jo", None), ("Kim", "science"), ("Lu", "fiction")], 1):
        out["lib_editor"].append([i, name, desk])
    names = ["Asha", "Bela", "Carl", "Dora", "Émile", "Fay", "asha", "Gil_x", "Hu%o", "Ida"]
    for i, name in enumerate(names, 1):
        out["lib_writer"].append([
            i, name, None if i % 3 == 0 else f"{name.lower()}@example.org",
            None if i == 4 else datetime.date(1950 + 7 * i, 1 + i % 12, 1 + 2 * i),
            None if i % 4 == 0 else D(i * 7 % 10) / 2 + D("0.25"), None if i < 4 else i // 2, i % 2 == 1])
    for i in range(1, 7):
        out["lib_profile"].append([i, 11 - i, None if i == 3 else f"Bio of {names[10 - i]}", i * 10 ** (i + 4)])
    stamps = [utc(2025, 12, 31, 23, 59, 59, 999999), utc(2026, 1, 1), utc(2026, 2, 28, 12, 30, 15, 5),
              utc(2024, 2, 29, 0, 0, 1), utc(2027, 1, 1, 6, 0), utc(2020, 12, 31, 18, 45, 30), utc(2026, 7, 15, 8, 5, 9)]
    for i in range(1, 41):
        out["lib_book"].append([
            i, words[i % len(words)] + ("" if i < 16 else f" {i % 7}"), (i * 37) % 500 + (0 if i % 9 else 700),
            None if i % 5 == 0 else (i * i * 13) % 97 - 10, None if i % 6 == 0 else D((i * 731) % 5000) / 100,
            None if i % 7 == 0 else ((i * 17) % 40) / 8 - 1, i % 3 != 0, None if i % 4 == 0 else i % 8 < 3,
            None if i % 11 == 0 else datetime.date(2018 + i % 9, 1 + i % 12, 1 + i % 28), stamps[i % 7],
            None if i % 8 == 0 else datetime.time(i % 24, (i * 7) % 60, i % 60, (i % 3) * 1000),
            None if i % 10 == 0 else uuid.UUID(int=i * 0x1234567890ABCDEF1234567890ABCDE % (1 << 128)),
            1 + (i * 7) % 9, None if i % 3 == 1 else 1 + i % 3, None if i % 4 == 2 else 1 + i % 4])
    for i, name in enumerate(["new", "old", "sale", "rare", "none"], 1):
        out["lib_tag"].append([i, name])
    for i in range(1, 61):
        out["lib_booktag"].append([i, 1 + (i * 11) % 33, 1 + i % 4, i % 6])
    for i in range(1, 71):
        out["lib_review"].append([
            i, None if i % 13 == 0 else 1 + (i * 5) % 30, 1 + i % 5, None if i % 4 == 0 else words[i % 9],
            stamps[i % 7] + datetime.timedelta(days=i * 3, seconds=i * 61),
            None if i % 6 == 0 else datetime.timedelta(minutes=i * 17, microseconds=i)])
    documents = [
        None, "null", "{}", "[]", '{"a": 1}', '{"a": 1, "b": {"c": [1, 2, {"d": "deep"}], "e": null}}', '{"a": null, "b": 2}',
        '{"a": "x", "name": "River"}', '{"a": "1"}', '{"a": 1.5, "tags": ["new", "old"]}', "[1, 2, 3]", '["a", "b"]',
        '"text"', "5", "true", '{"a": true, "b": false}', '{"0": "zero", "1": ["x", "y"]}', '{"a": {"a": {"a": 7}}}',
        '{"a b": "blank", "q\\"uote": "q", "it\'s": "s"}', '{"name": "100%_sure", "n": 10}', '{"name": "\\u00c9mile", "n": 9}',
        '{"n": -3, "list": [[1, 2], [3]]}', '{"a": [], "b": {}}', '{"n": 100, "a": "X"}', '{"b": {"c": 3}}', '[{"a": 1}, {"a": 2}]']
    for i, text in enumerate(documents, 1):
        out["lib_doc"].append([i, f"doc {i}", text, None if i % 3 == 0 else 1 + i % 9])
    return out


def create_sql(table, pg):
    lines = []
    for column, kind in TABLES[table].items():
        base = kind.rstrip("?!")
        if base in TYPES:
            text = TYPES[base][pg].format(column)
        else:
            text = f'bigint REFERENCES "{base}" ("id") DEFERRABLE INITIALLY DEFERRED'
        if base != "key":
            text += " NULL" if kind.endswith("?") else " NOT NULL"
        lines.append(f'"{column}" {text}{" UNIQUE" if kind.endswith("!") else ""}')
    return f'CREATE TABLE "{table}" ({", ".join(lines)})'


def sqlite_value(v):
    if isinstance(v, uuid.UUID):
        return v.hex
    if isinstance(v, datetime.datetime):
        return v.replace(tzinfo=None).isoformat(" ")
    if isinstance(v, (datetime.date, datetime.time)):
        return v.isoformat()
    if isinstance(v, D):
        return float(v)
    if isinstance(v, datetime.timedelta):
        return v // datetime.timedelta(microseconds=1)
    return v


def fill(execute, pg):
    for table in TABLES:
        execute(create_sql(table, pg), ())
    mark = "%s" if pg else "?"
    for table, lines in rows().items():
        columns = ", ".join(f'"{c}"' for c in TABLES[table])
        for line in lines:
            values = [str(v) if isinstance(v, uuid.UUID) else v for v in line] if pg else [sqlite_value(v) for v in line]
            execute(f'INSERT INTO "{table}" ({columns}) VALUES ({", ".join([mark] * len(line))})', values)
        if pg:
            execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {len(lines)})", ())


def make_sqlite(path, script=None):
    """The library, or what a script of statements makes."""
    if os.path.exists(path):
        os.remove(path)
    db = sqlite3.connect(path)
    if script:
        db.executescript(open(script, encoding="utf-8").read())
    else:
        fill(db.execute, 0)
    db.commit()
    db.close()
    return f"sqlite://{path}"


def make_postgres(url, name, script=None):
    """A database of its own beside the one that url names; returns its URL."""
    import psycopg2
    admin = psycopg2.connect(url)
    admin.autocommit = True
    with admin.cursor() as c:
        c.execute(f'DROP DATABASE IF EXISTS "{name}"')
        c.execute(f'CREATE DATABASE "{name}" ENCODING \'UTF8\' TEMPLATE template0')
    parts = admin.get_dsn_parameters()
    admin.close()
    db = psycopg2.connect(**{**{k: v for k, v in parts.items() if k in ("host", "port", "user")}, "dbname": name})
    with db, db.cursor() as c:
        c.execute("SET TIME ZONE 'UTC'")
        if script:
            c.execute(open(script, encoding="utf-8").read())
        else:
            fill(c.execute, 1)
    db.close()
    return parts, f"postgresql:///{name}?host={parts['host']}&port={parts['port']}&user={parts['user']}"
