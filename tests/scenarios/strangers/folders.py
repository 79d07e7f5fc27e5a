"""Trees: recursion down, comment thread, ancestors walk; recursive CTE beside it."""
import os
import sqlite3
import sys

db = sqlite3.connect(os.environ["SCENARIO_DB"])
db.executescript(
    "CREATE TABLE folder(id INTEGER PRIMARY KEY, parent_id INT, name TEXT); CREATE TABLE file(id INTEGER PRIMARY KEY, folder_id INT, bytes INT);"
)
db.executemany("INSERT INTO folder VALUES (?,?,?)", [(i, i // 3 or None, f"d{i}") for i in range(1, 41)])
db.executemany("INSERT INTO file(folder_id, bytes) VALUES (?,?)", [(i * 7 % 40 + 1, i * 31) for i in range(150)])


def size_of(folder):
    own = db.execute("SELECT coalesce(sum(bytes), 0) FROM file WHERE folder_id = ?", (folder,)).fetchone()[0]  # @folders_1
    return own + sum(size_of(k) for (k,) in db.execute("SELECT id FROM folder WHERE parent_id = ?", (folder,)).fetchall())  # @folders_2


def path_of(folder):
    parts = []
    while folder:
        name, folder = db.execute("SELECT name, parent_id FROM folder WHERE id = ?", (folder,)).fetchone()  # @folders_3
        parts.append(name)
    return "/".join(reversed(parts))


print(size_of(1))
for (f,) in [(38,), (39,), (27,), (31,), (20,)]:
    print(path_of(f))
print(
    len(db.execute("WITH RECURSIVE t(id) AS (SELECT 1 UNION ALL SELECT f.id FROM folder f JOIN t ON f.parent_id = t.id) SELECT id FROM t").fetchall())
)
