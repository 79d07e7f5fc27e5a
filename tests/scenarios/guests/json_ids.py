import os, sqlite3, json
con = sqlite3.connect(os.environ["SCENARIO_DB"])
def producer():
    ids = [r[0] for r in con.execute("SELECT DISTINCT track_id FROM playlist_tracks")]
    return json.dumps({"job": "warm", "ids": [str(i) for i in ids]})
def consumer(payload):
    for s in json.loads(payload)["ids"]:
        row = con.execute("SELECT isrc, title FROM tracks WHERE id = ?", (int(s),)).fetchone()  # @json_ids_x
        print(*row)
consumer(producer())
