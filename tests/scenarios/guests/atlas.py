import os, psycopg
con = psycopg.connect(os.environ["SCENARIO_DB"])
def atlas(number, name, depth=0):
    out = ["  " * depth + name]
    for child, label in con.execute("SELECT id, name FROM region WHERE parent_id = %s ORDER BY id", (number,)).fetchall():  # @atlas_x
        out += atlas(child, label, depth + 1)
    return out
print("\n".join(atlas(*con.execute("SELECT id, name FROM region WHERE parent_id IS NULL").fetchone())))
for number, name in con.execute("SELECT id, name FROM region ORDER BY name").fetchall():
    top = con.execute("SELECT kind, level FROM monster WHERE region_id = %s ORDER BY level DESC LIMIT 1", (number,)).fetchone()  # @atlas_y
    print(name, top)
