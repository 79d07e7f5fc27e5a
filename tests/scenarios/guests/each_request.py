import os, threading, http.server, urllib.request, psycopg2
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        con = psycopg2.connect(os.environ["SCENARIO_DB"]); cur = con.cursor()
        cur.execute("SELECT model_name, zone_id FROM device WHERE hwid = %s", (self.path[1:],))
        row = cur.fetchone()
        cur.execute("SELECT name FROM zone WHERE id = %s", (row[1],))
        body = f"{row[0]} {cur.fetchone()[0]}".encode()
        con.close()
        self.send_response(200); self.end_headers(); self.wfile.write(body)
    def log_message(self, *a): pass
con = psycopg2.connect(os.environ["SCENARIO_DB"]); cur = con.cursor()
cur.execute("SELECT hwid FROM device ORDER BY hwid LIMIT 4")
ids = [r[0] for r in cur.fetchall()]; con.close()
srv = http.server.HTTPServer(("127.0.0.1", 0), H)
threading.Thread(target=srv.serve_forever, daemon=True).start()
for i in (ids[2], ids[0]):
    print(urllib.request.urlopen(f"http://127.0.0.1:{srv.server_port}/{i}").read())
