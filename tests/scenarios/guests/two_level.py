import os, sqlite3
con = sqlite3.connect(os.environ["SCENARIO_DB"])
def manifest():
    for sid, state in con.execute("SELECT id, state FROM shipments ORDER BY booked").fetchall():
        parcels = con.execute("SELECT id, label FROM parcels WHERE shipment_id = ?", (sid,)).fetchall()  # @two_level_x
        for pid, label in parcels:
            trail = con.execute("SELECT at FROM scans WHERE parcel_id = ? ORDER BY at", (pid,)).fetchall()  # @two_level_y
            print(sid[:6], state, label, len(trail))
manifest()
