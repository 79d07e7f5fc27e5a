import os, sqlite3
con = sqlite3.connect(os.environ["SCENARIO_DB"])
con.row_factory = sqlite3.Row
pages = con.execute("SELECT * FROM pages WHERE hidden = 0 ORDER BY id").fetchall()
def thumb(page):
    if page["cover_id"] is None:
        return "/none.png"
    return con.execute("SELECT path FROM assets WHERE id = ?", (page["cover_id"],)).fetchone()["path"]  # @some_rows_x
def card(page):
    return f"<img src={thumb(page)}>{page['title']}"
print("".join(map(card, pages)))