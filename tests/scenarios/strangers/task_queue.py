"""A task queue in the database: claim, do, mark; each task looks a few things up: innocent. One task type loops: guilty."""
import os
import sqlite3
import sys
import json
import random

db = sqlite3.connect(os.environ["SCENARIO_DB"], isolation_level=None)
db.executescript(
    """CREATE TABLE task(id INTEGER PRIMARY KEY, kind TEXT, args TEXT, state TEXT DEFAULT 'new');
CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT, plan_id INT); CREATE TABLE plans(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE invoice(id INTEGER PRIMARY KEY, user_id INT, cents INT);"""
)
db.executemany("INSERT INTO users VALUES (?,?,?)", [(i, f"u{i}@x.org", i % 3 + 1) for i in range(1, 51)])
db.executemany("INSERT INTO plans VALUES (?,?)", [(1, "free"), (2, "pro"), (3, "team")])
db.executemany("INSERT INTO invoice(user_id, cents) VALUES (?,?)", [(i % 50 + 1, i) for i in range(200)])
r = random.Random(8)
db.executemany(
    "INSERT INTO task(kind, args) VALUES (?,?)",
    [(k, json.dumps([r.randrange(1, 51)])) for k in ["welcome"] * 14 + ["remind"] * 11] + [("monthly", "[1]"), ("monthly", "[2]")],
)
TASKS = {}


def task(f):
    TASKS[f.__name__] = f
    return f


@task
def welcome(user):
    email, plan = db.execute("SELECT email, plan_id FROM users WHERE id = ?", (user,)).fetchone()
    (name,) = db.execute("SELECT name FROM plans WHERE id = ?", (plan,)).fetchone()
    print("welcome", email, name)


@task
def remind(user):
    (email,) = db.execute("SELECT email FROM users WHERE id = ?", (user,)).fetchone()
    (n,) = db.execute("SELECT count(*) FROM invoice WHERE user_id = ?", (user,)).fetchone()
    print("remind", email, n)


@task
def monthly(plan):
    for uid, email in db.execute("SELECT id, email FROM users WHERE plan_id = ?", (plan,)).fetchall():
        (total,) = db.execute("SELECT sum(cents) FROM invoice WHERE user_id = ?", (uid,)).fetchone()  # @task_queue_1
        print(email, total)


while True:
    db.execute("BEGIN IMMEDIATE")
    row = db.execute("SELECT id, kind, args FROM task WHERE state = 'new' ORDER BY id LIMIT 1").fetchone()
    if row is None:
        db.execute("COMMIT")
        break
    db.execute("UPDATE task SET state = 'busy' WHERE id = ?", (row[0],))
    db.execute("COMMIT")
    TASKS[row[1]](*json.loads(row[2]))
    db.execute("UPDATE task SET state = 'done' WHERE id = ?", (row[0],))
