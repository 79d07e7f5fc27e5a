"""A script that visits its own site with Flask's test client: a list, then each page behind it. Only /authors has a fault."""
import os
import sqlite3

import flask

app = flask.Flask(__name__)
db = sqlite3.connect(os.environ["SCENARIO_DB"])


@app.before_request
def who():
    flask.g.user = db.execute("SELECT login FROM sessions WHERE sid = ?", (flask.request.headers["X-Sid"],)).fetchone()


@app.route("/pages")
def pages():
    return flask.jsonify([row[0] for row in db.execute("SELECT id FROM pages ORDER BY id")])


@app.route("/page/<int:number>")
def page(number):
    title, login = db.execute("SELECT title, author_login FROM pages WHERE id = ?", (number,)).fetchone()
    (name,) = db.execute("SELECT display FROM staff WHERE login = ?", (login,)).fetchone()
    return f"{title} by {name}"


@app.route("/revision/<int:number>")
def revision(number):
    return str(db.execute("SELECT body FROM revisions WHERE id = ?", (number,)).fetchone())


@app.route("/authors")
def authors():
    found = []
    for number, login in db.execute("SELECT id, author_login FROM pages ORDER BY id").fetchall():
        found.append(db.execute("SELECT display FROM staff WHERE login = ?", (login,)).fetchone()[0])  # @client_links_x
    return ", ".join(found)


client = app.test_client()
sids = [row[0] for row in db.execute("SELECT sid FROM sessions ORDER BY sid LIMIT 1")] or ["none"]
me = {"X-Sid": sids[0]}
for number in client.get("/pages", headers=me).json:
    print(client.get(f"/page/{number}", headers=me).text)
for number in range(1, 16):
    print(client.get(f"/revision/{number}", headers=me).text)
print(client.get("/authors", headers=me).text)
