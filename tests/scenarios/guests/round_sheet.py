import os, sqlite3
con = sqlite3.connect(os.environ["SCENARIO_DB"])
con.row_factory = sqlite3.Row
for a in con.execute("SELECT id, patient, attending FROM admissions WHERE discharged = 0 ORDER BY patient"):
    who = con.execute("SELECT full_name FROM medics WHERE badge = ?", (a["attending"],)).fetchone()  # @round_sheet_x
    urgent = con.execute("SELECT count(*) FROM lab_orders WHERE admission_id = ? AND urgent = 1", (a["id"],)).fetchone()  # @round_sheet_y
    print(a["patient"], who[0], urgent[0])
