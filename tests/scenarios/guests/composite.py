import os, sqlite3
con = sqlite3.connect(os.environ["SCENARIO_DB"])
tests = con.execute("SELECT visit_id, seq, kind FROM lab_tests WHERE kind <> 'k9' ORDER BY kind").fetchall()
for visit, seq, kind in tests:
    tubes = con.execute("SELECT tube FROM lab_samples WHERE visit_id = ? AND seq = ?", (visit, seq)).fetchall()  # @composite_x
    print(visit, seq, kind, [t for t, in tubes])
