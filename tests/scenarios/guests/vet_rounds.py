import os, sqlite3
db = sqlite3.connect(os.environ["SCENARIO_DB"])
def visits():
    yield from db.execute("select id, tier_id, datum from behandlung where kosten > ? order by datum", (20,))
for _, tier_id, datum in visits():
    rufname, besitzer = db.execute("select rufname, besitzer from tier where tier_id = ?", (tier_id,)).fetchone()  # @vet_rounds_x
    name, ort = db.execute("select name, ort from tierhalter where halter_nr = ?", (besitzer,)).fetchone()  # @vet_rounds_y
    print(datum, rufname, name, ort)
