import os, sqlite3
con = sqlite3.connect(os.environ["SCENARIO_DB"])
def chain(cid):
    seen = []
    while cid is not None:
        title, cid = con.execute("SELECT title, prereq_id FROM course WHERE id = ?", (cid,)).fetchone()  # @prereq_chain_x
        seen.append(title)
    return seen
print(chain(4)); print(chain(8)); print(chain(12))
