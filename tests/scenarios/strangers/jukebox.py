"""After beets: wide rows that are read again before they are shown, attributes behind a nested query, each row written whole."""
import os
import sqlite3

db = sqlite3.connect(os.environ["SCENARIO_DB"])
FIELDS = ["title"] + [f"field_{i}" for i in range(69)]  # more than the recorder keeps of one execution: the key is the last
db.executescript(f"""CREATE TABLE items(id INTEGER PRIMARY KEY, album_id INTEGER, {", ".join(FIELDS)});
CREATE TABLE item_attributes(id INTEGER PRIMARY KEY, entity_id INTEGER, key TEXT, value TEXT)""")
db.executemany("INSERT INTO items(id, album_id, title) VALUES (?, ?, ?)", [(i, i % 5 + 1, f"song {i}") for i in range(1, 31)])
db.executemany("INSERT INTO item_attributes(entity_id, key, value) VALUES (?, 'mood', 'calm')", [(i,) for i in range(3, 12)])
db.row_factory = sqlite3.Row

SORTED = '(CASE title WHEN NULL THEN title WHEN "" THEN title ELSE title END)'  # "" is a text to SQLite, and no column
songs = db.execute(f"SELECT * FROM items ORDER BY {SORTED} COLLATE NOCASE").fetchall()


def pristine(song):
    return db.execute("SELECT * FROM items WHERE id = ?", (song["id"],)).fetchone()  # @jukebox_1


def moods(song):
    sql = "SELECT value FROM item_attributes WHERE entity_id IN (SELECT id FROM items WHERE id = ?)"
    return [value for value, in db.execute(sql, (song["id"],))]  # @jukebox_2


for song in songs:
    print(song["title"], pristine(song)["title"], *moods(song))
written = ", ".join(f"{name} = ?" for name in FIELDS)
for song in songs:
    values = [song["title"].upper()] + [f"value {i}" for i in range(69)]
    db.execute(f"UPDATE items SET {written} WHERE id = ?", (*values, song["id"]))  # @jukebox_3
db.commit()
