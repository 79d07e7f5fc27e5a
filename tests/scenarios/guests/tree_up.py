import os, psycopg2
con = psycopg2.connect(os.environ["SCENARIO_DB"]); cur = con.cursor()
def path_of(depot):
    names = []
    cur.execute("SELECT city, parent_id FROM depots WHERE id = %s", (depot,))  # @tree_up_y
    city, up = cur.fetchone()
    names.append(city)
    while up:
        cur.execute("SELECT city, parent_id FROM depots WHERE id = %s", (up,))  # @tree_up_z
        city, up = cur.fetchone()
        names.append(city)
    return "/".join(reversed(names))
cur.execute("SELECT d.id FROM depots d WHERE d.city LIKE 'City1%'")
for d, in cur.fetchall():
    print(path_of(d))