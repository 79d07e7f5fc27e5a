"""After Orthanc: a key of two columns by one of them, the rows that refer to the one asked for, a row by its parent's number."""
import os
import sqlite3

db = sqlite3.connect(os.environ["SCENARIO_DB"])
db.executescript("""CREATE TABLE resources(internalId INTEGER PRIMARY KEY AUTOINCREMENT, publicId TEXT,
    parentId INTEGER REFERENCES resources(internalId));
CREATE TABLE metadata(id INTEGER REFERENCES resources(internalId), type INTEGER, value TEXT, PRIMARY KEY (id, type))""")
for i in range(1, 17):
    db.execute("INSERT INTO resources VALUES (?, ?, ?)", (700 + i, f"study-{i * 7919 % 1000:04}", None))  # @pictures_4
for i in range(1, 17):
    db.execute("INSERT INTO resources VALUES (?, ?, ?)", (1500 + i, f"series-{i * 6101 % 1000:04}", 700 + i))  # @pictures_5
db.executemany("INSERT INTO metadata VALUES (?, 3, 'received')", [(700 + i,) for i in range(1, 17)])
db.commit()
studies = db.execute("SELECT internalId, publicId FROM resources WHERE parentId IS NULL ORDER BY publicId").fetchall()
for key, name in studies:
    print(name, db.execute("SELECT type, value FROM metadata WHERE id = ?", (key,)).fetchall())  # @pictures_1
    below = "SELECT a.publicId FROM resources AS a, resources AS b WHERE a.parentId = b.internalId AND b.internalId = ?"
    print(*db.execute(below, (key,)).fetchall())  # @pictures_2
for key, parent in db.execute("SELECT internalId, parentId FROM resources WHERE parentId IS NOT NULL ORDER BY publicId").fetchall():
    print(key, *db.execute("SELECT publicId FROM resources WHERE internalId = ?", (parent,)).fetchone())  # @pictures_3
