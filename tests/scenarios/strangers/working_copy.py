"""After Subversion: one row's key stands in all writes. That row is their setting; no list of it is what they walk."""
import os
import sqlite3

db = sqlite3.connect(os.environ["SCENARIO_DB"])
db.executescript("""CREATE TABLE repository(id INTEGER PRIMARY KEY, root TEXT);
CREATE TABLE nodes(repository_id INTEGER, path TEXT, size INTEGER, seen INTEGER, PRIMARY KEY (repository_id, path));
INSERT INTO repository VALUES (1, 'file:///one'), (2, 'file:///two'), (3, 'file:///three')""")
db.executemany("INSERT INTO nodes(repository_id, path) VALUES (2, ?)", [(f"trunk/file {i:03}",) for i in range(40)])
db.commit()
roots = dict(db.execute("SELECT root, id FROM repository").fetchall())
for i in range(40):
    db.execute("UPDATE nodes SET size = ?, seen = 1 WHERE repository_id = ? AND path = ?",  # @working_copy_1
               (i * 100, roots["file:///two"], f"trunk/file {i:03}"))
db.commit()
