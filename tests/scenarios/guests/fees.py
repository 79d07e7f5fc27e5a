import os, sqlite3
con = sqlite3.connect(os.environ["SCENARIO_DB"])
def plan():
    return [titel for _, titel in con.execute("select kurs_id, titel from kurs order by titel")]
def collect():
    with con:
        for kurs, schueler in con.execute("select kurs_id, schueler_id from anmeldung where bezahlt = 0").fetchall():
            con.execute("update anmeldung set bezahlt = 1 where kurs_id = ? and schueler_id = ?", (kurs, schueler))  # @fees_x
print(plan())
collect()
