import os, psycopg
class Results:
    def __init__(self, dsn): self.con = psycopg.connect(dsn)
    def fetch(self, sql, **names): return self.con.execute(sql, names).fetchall()
    def legs(self): return self.fetch("select race_code, leg_no, km from leg order by race_code, leg_no")
    def best(self, race, leg):
        return self.fetch("select bib, secs from split where race_code = %(r)s and leg_no = %(n)s order by secs limit 1", r=race, n=leg)  # @fastest_x
results = Results(os.environ["SCENARIO_DB"])
for race, leg, km in results.legs():
    print(race, leg, km, results.best(race, leg))
