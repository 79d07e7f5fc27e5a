import os, psycopg2, time
con = psycopg2.connect(os.environ["SCENARIO_DB"])
def take(cur):
    cur.execute("SELECT id, kind, ref_id FROM outbox WHERE state = 'new' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED")
    return cur.fetchone()
def handle(cur, job):
    jid, kind, ref = job
    cur.execute("SELECT full_name FROM patients WHERE id = %s", (ref,))
    print(kind, cur.fetchone()[0])
    cur.execute("UPDATE outbox SET state = 'sent' WHERE id = %s", (jid,))
while True:
    with con, con.cursor() as cur:
        job = take(cur)
        if job is None:
            break
        handle(cur, job)
