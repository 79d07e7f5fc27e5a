import os, json, psycopg2
con = psycopg2.connect(os.environ["SCENARIO_DB"])
cur = con.cursor()
cur.execute("SELECT id, payload FROM job WHERE status = 'ready' ORDER BY id")
for jid, payload in cur.fetchall():
    cur.execute("SELECT name, house FROM pupil WHERE id = %s", (json.loads(payload)["pupil"],))  # @job_payload_x
    print(cur.fetchone())
    cur.execute("UPDATE job SET status = 'done' WHERE id = %s", (jid,))  # @job_payload_y
con.commit()
