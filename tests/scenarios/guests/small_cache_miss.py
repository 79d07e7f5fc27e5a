import os, sqlite3, functools
con = sqlite3.connect(os.environ["SCENARIO_DB"])
@functools.lru_cache(maxsize=16)
def track(tid):
    return con.execute("SELECT title, seconds FROM tracks WHERE id = ?", (tid,)).fetchone()  # @small_cache_miss_x
secs = 0
for tid, in con.execute("SELECT track_id FROM plays ORDER BY at, id").fetchall():
    secs += track(tid)[1]
print(secs)
