import os, sqlite3
con = sqlite3.connect(os.environ["SCENARIO_DB"])
LOAD = {"page": "SELECT title FROM pages WHERE id = ?", "asset": "SELECT path FROM assets WHERE id = ?"}
for typ, sid, author in con.execute("SELECT subject_type, subject_id, author FROM comments ORDER BY id DESC").fetchall():
    what = con.execute(LOAD[typ], (sid,)).fetchone()  # @polymorphic_x
    print(author, "on", what and what[0])
