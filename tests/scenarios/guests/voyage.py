import os, sqlite3
con = sqlite3.connect(os.environ["SCENARIO_DB"])
class Manifest:
    def legs(self):
        yield from con.execute("SELECT voyage_no, seq, from_port, to_port FROM legs ORDER BY voyage_no, seq").fetchall()
    def boxes(self, voyage, seq):
        return con.execute("SELECT number, tare FROM containers WHERE voyage_no = ? AND leg_seq = ?", (voyage, seq)).fetchall()  # @voyage_x
    def port(self, code):
        return con.execute("SELECT label FROM ports WHERE code = ?", (code,)).fetchone()[0]  # @voyage_y
m = Manifest()
for voyage, seq, start, end in m.legs():
    print(voyage, seq, start, m.port(end), sum(tare for _, tare in m.boxes(voyage, seq)))
