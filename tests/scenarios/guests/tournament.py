import os, sqlite3, functools
con = sqlite3.connect(os.environ["SCENARIO_DB"])
@functools.lru_cache(maxsize=2)
def handle(player):
    return con.execute("SELECT handle FROM players WHERE id = ?", (player,)).fetchone()[0]  # @tournament_x
def told(function):
    def inner(*args):
        answer = function(*args)
        print("->", answer)
        return answer
    return inner
@told
def club(number):
    return con.execute("SELECT title FROM clubs WHERE id = ?", (number,)).fetchone()[0]  # @tournament_y
for match, white, result in con.execute("SELECT id, white_id, result FROM matches ORDER BY id").fetchall():
    if result != "draw":
        print(match, handle(white))
for number in sorted({c for _, c in con.execute("SELECT handle, club_id FROM players") if c is not None}):
    club(number)
