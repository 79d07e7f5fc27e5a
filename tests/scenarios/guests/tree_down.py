import os, sqlite3
con = sqlite3.connect(os.environ["SCENARIO_DB"])
def show(gid, name, depth=0):
    print("  " * depth + name)
    for cid, cname in con.execute("SELECT id, name FROM genres WHERE parent_id = ? ORDER BY name", (gid,)).fetchall():  # @tree_down_x
        show(cid, cname, depth + 1)
for g in con.execute("SELECT id, name FROM genres WHERE parent_id IS NULL").fetchall():
    show(*g)
