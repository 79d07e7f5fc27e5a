"""The N+1 by ctypes: loop_ctypes.py LIBRARY... (each of them has a database of its own)"""
import ctypes
import sys


def load(name):
    library = ctypes.CDLL(name)
    for function in ("sqlite3_open", "sqlite3_exec", "sqlite3_prepare_v2", "sqlite3_step", "sqlite3_bind_int64"):
        getattr(library, function).restype = ctypes.c_int
    library.sqlite3_bind_int64.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int64]
    library.sqlite3_column_text.restype = ctypes.c_char_p
    library.sqlite3_libversion.restype = ctypes.c_char_p
    return library


def prepare(library, db, sql):
    statement = ctypes.c_void_p()
    assert library.sqlite3_prepare_v2(db, sql, -1, ctypes.byref(statement), None) == 0, sql
    return statement


libraries = [load(name if name != "None" else None) for name in sys.argv[1:]]
databases = []
for library in libraries:
    db = ctypes.c_void_p()
    assert library.sqlite3_open(b":memory:", ctypes.byref(db)) == 0
    databases.append(db)
    script = ["CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT)",
              "CREATE TABLE book(id INTEGER PRIMARY KEY, author_id INT, title TEXT)"]
    for i in range(1, 13):
        script += [f"INSERT INTO author VALUES ({i}, 'author {i}')", f"INSERT INTO book VALUES ({100 + i}, {13 - i}, 'book {i}')"]
    for sql in script:
        assert library.sqlite3_exec(db, sql.encode(), None, None, None) == 0

for library, db in zip(libraries, databases):
    books, author = prepare(library, db, b"SELECT id, author_id, title FROM book ORDER BY id"), None
    rows = []
    while library.sqlite3_step(books) == 100:
        rows.append((library.sqlite3_column_int(books, 1), library.sqlite3_column_text(books, 2).decode()))
    author = prepare(library, db, b"SELECT name FROM author WHERE id = ?")
    for key, title in rows:
        library.sqlite3_bind_int64(author, 1, key)
        assert library.sqlite3_step(author) == 100
        print(title, "by", library.sqlite3_column_text(author, 0).decode())
        library.sqlite3_reset(author)
    library.sqlite3_finalize(author)
    library.sqlite3_finalize(books)
    assert library.sqlite3_close(db) == 0
