"""The N+1 by psycopg (3), whose pure Python form reaches libpq by ctypes: loop_psycopg.py URL"""
import sys

import psycopg

with psycopg.connect(sys.argv[1]) as db:
    db.execute("CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT)")
    db.execute("CREATE TABLE book(id INTEGER PRIMARY KEY, author_id INTEGER, title TEXT)")
    for i in range(1, 13):
        db.execute("INSERT INTO author VALUES (%s, %s)", (i, f"author {i}"))
        db.execute("INSERT INTO book VALUES (%s, %s, %s)", (100 + i, 13 - i, f"book {i}"))
    for _, key, title in db.execute("SELECT id, author_id, title FROM book ORDER BY id").fetchall():
        print(title, "by", db.execute("SELECT name FROM author WHERE id = %s", (key,)).fetchone()[0])
