import os, psycopg2
con = psycopg2.connect(os.environ["SCENARIO_DB"]); cur = con.cursor()
cur.execute("SELECT hwid, model_name FROM device")
fleet = cur.fetchall()
old = []
for hwid, m in fleet:
    cur.execute("SELECT firmware FROM model WHERE name = %s", (m,))  # @model_of_device_x
    if cur.fetchone()[0] < "2":
        old.append(hwid)
print(len(old))
