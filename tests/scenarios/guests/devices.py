import os, sqlite3
con = sqlite3.connect(os.environ["SCENARIO_DB"])
con.row_factory = sqlite3.Row
class Device:
    def __init__(self, row): self.__dict__.update(dict(row))
    @property
    def zone(self): return con.execute("SELECT * FROM zone WHERE id = ?", (self.zone_id,)).fetchone()  # @devices_y
    def last(self): return con.execute("SELECT * FROM reading WHERE device_hwid = ? ORDER BY taken DESC LIMIT 1", (self.hwid,)).fetchone()  # @devices_x
for d in map(Device, con.execute("SELECT * FROM device ORDER BY hwid").fetchall()):
    r = d.last()
    print(d.hwid, d.zone["name"], r and r["celsius"])
