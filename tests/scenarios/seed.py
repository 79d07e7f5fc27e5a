"""The tables that the scenarios' programs share, in three spellings, filled with rows that depend on nothing but the size.

Keys are the small integers that a fresh database hands out: the hardest case for whoever links by values.
"""
import sqlite3

STYLES = {"plain": lambda name: name, "blog": lambda name: "blog_" + name,
          "plural": lambda name: {"country": "countries", "category": "categories", "activity": "activities",
                                  "post_tag": "posts_tags", "reply": "replies"}.get(name, name + "s")}

TABLES = [
    ("country", "code TEXT PRIMARY KEY, name TEXT NOT NULL"),
    ("author", "id SERIAL PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, country_code TEXT, boss_id INTEGER"),
    ("profile", "id SERIAL PRIMARY KEY, author_id INTEGER NOT NULL UNIQUE, bio TEXT NOT NULL"),
    ("post", "id SERIAL PRIMARY KEY, author_id INTEGER, title TEXT NOT NULL, body TEXT NOT NULL, views INTEGER NOT NULL"),
    ("comment", "id SERIAL PRIMARY KEY, post_id INTEGER, author_id INTEGER, body TEXT NOT NULL, stars INTEGER NOT NULL"),
    ("tag", "id SERIAL PRIMARY KEY, name TEXT NOT NULL"),
    ("post_tag", "id SERIAL PRIMARY KEY, post_id INTEGER NOT NULL, tag_id INTEGER NOT NULL"),
    ("category", "id SERIAL PRIMARY KEY, parent_id INTEGER, name TEXT NOT NULL"),
    ("document", "uuid TEXT PRIMARY KEY, title TEXT NOT NULL"),
    ("revision", "id SERIAL PRIMARY KEY, document_uuid TEXT NOT NULL, note TEXT NOT NULL"),
    ("line", "id SERIAL PRIMARY KEY, product_code TEXT NOT NULL, region_no INTEGER NOT NULL, quantity INTEGER NOT NULL"),
    ("price", "product_code TEXT NOT NULL, region_no INTEGER NOT NULL, cents INTEGER NOT NULL, PRIMARY KEY (product_code, region_no)"),
    ("activity", "id SERIAL PRIMARY KEY, target_type TEXT NOT NULL, target_id INTEGER NOT NULL"),
    ("setting", "name TEXT PRIMARY KEY, value TEXT NOT NULL"),
    ("account", "id SERIAL PRIMARY KEY, owner TEXT NOT NULL, balance INTEGER NOT NULL, version INTEGER NOT NULL"),
    ("job", "id SERIAL PRIMARY KEY, state TEXT NOT NULL, payload TEXT NOT NULL"),
    ("entry", "id SERIAL PRIMARY KEY, post_id INTEGER, note TEXT NOT NULL"),
]


def rows_of(table, n):
    authors, countries = (n if n < 10 else n * 2 // 3), ["de", "fr", "in", "pe", "vn", "za", "jp"]
    some = range(1, n + 1) if n else range(0)
    return {
        "country": [(c, c.upper() + "-land") for c in countries],
        "author": [(i, f"Author {i}", f"a{i}@example.org", countries[i * 5 % 7], i // 2 or None)
                   for i in range(1, authors + 1)] if n else [],
        "profile": [(i, authors + 1 - i, f"bio {i}") for i in range(1, authors + 1)] if n else [],
        "post": [(i, i * 7 % authors + 1, f"Post {i}", f"Body of {i}", i * 37 % 1000) for i in some],
        "comment": [(i, i * 3 % n + 1, i * 11 % authors + 1, f"Comment {i}", i % 5 + 1)
                    for i in range(1, 3 * n + 1)] if n else [],
        "tag": [(i, f"tag{i}") for i in range(1, 13)],
        "post_tag": [(2 * i + k, i, (i * 5 + k * 3) % 12 + 1) for i in some for k in (0, 1)],
        "category": [(i, None if i == 1 else i // 3 + (i < 3), f"Category {i}") for i in some],
        "document": [(f"{i * 2654435761 % 2**32:08x}-0000-4000-8000-{i * 40503:012x}", f"Document {i}") for i in some],
        "revision": [(i, f"{j * 2654435761 % 2**32:08x}-0000-4000-8000-{j * 40503:012x}", f"note {i}")
                     for i in some for j in [i * 3 % n + 1]],
        "line": [(i, f"P{100 + i * 13 % 17}", i % 3 + 1, i) for i in some],
        "price": [(f"P{100 + p}", r, p * 100 + r) for p in range(17) for r in (1, 2, 3)],
        "activity": [(i, "post" if i % 2 else "author", (i * 5 % (n if i % 2 else authors)) + 1) for i in some],
        "setting": [("currency", "EUR"), ("language", "de"), ("theme", "dark"), ("page_size", "20")],
        "account": [(i, f"owner {i}", 1000 + i * 17, 1) for i in some],
        "job": [(i, "new", f"payload {i}") for i in some],
        "entry": [],
    }[table]


def fill(db, style, n, mark):
    spell = STYLES[style]
    is_sqlite = mark == "?"
    cursor = db.cursor()
    for table, columns in TABLES:
        if is_sqlite:
            columns = columns.replace("id SERIAL", "id INTEGER")
        cursor.execute(f"CREATE TABLE {spell(table)} ({columns})")
        rows = rows_of(table, n)
        if rows:
            cursor.executemany(f"INSERT INTO {spell(table)} VALUES ({', '.join([mark] * len(rows[0]))})", rows)
        if not is_sqlite and columns.startswith("id SERIAL"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{spell(table)}', 'id'), {len(rows) + 1})")
    cursor.execute(f"CREATE VIEW post_view AS SELECT id, title, author_id FROM {spell('post')}")
    db.commit()


def fill_sqlite(path, style, n):
    db = sqlite3.connect(path)
    fill(db, style, n, "?")
    db.close()


def fill_postgres(dsn, style, n):
    import psycopg2
    db = psycopg2.connect(dsn)
    fill(db, style, n, "%s")
    db.close()
