"""Psycopg2: a named cursor, generators, groupby; one look-up a group; COPY and batches beside it."""
import sys
import itertools
import psycopg2
import psycopg2.extras
import os

db = psycopg2.connect(os.environ["SCENARIO_DB"])
with db, db.cursor() as c:
    c.execute(
        "DROP TABLE IF EXISTS reading, sensor; CREATE TABLE sensor(id int primary key, label text, site_id int); CREATE TABLE reading(id serial primary key, sensor_id int, at int, value int)"
    )
    psycopg2.extras.execute_values(c, "INSERT INTO sensor VALUES %s", [(i * 37 + 1000, f"s{i}", i % 4) for i in range(25)])
    psycopg2.extras.execute_values(
        c, "INSERT INTO reading(sensor_id, at, value) VALUES %s", [((i * 7 % 25) * 37 + 1000, i, i * i % 91) for i in range(500)]
    )


def readings():
    with db.cursor("all_readings") as c:
        c.itersize = 100
        c.execute("SELECT sensor_id, at, value FROM reading ORDER BY sensor_id, at")
        yield from c


def label(sensor):
    with db.cursor() as c:
        c.execute("SELECT label FROM sensor WHERE id = %s", (sensor,))  # @sensors_1
        return c.fetchone()[0]


for sensor, group in itertools.groupby(readings(), key=lambda r: r[0]):
    print(label(sensor), max(r[2] for r in group))


def sites():
    with db.cursor(cursor_factory=psycopg2.extras.DictCursor) as c:
        for site in range(4):
            c.execute("SELECT count(*) AS n FROM sensor WHERE site_id = %s", (site,))
            print(site, c.fetchone()["n"])


sites()
with db.cursor() as c:
    c.execute("SELECT id FROM sensor ORDER BY id")
    ids = [r[0] for r in c]
    for part in (ids[i : i + 10] for i in range(0, len(ids), 10)):
        c.execute("SELECT sensor_id, max(value) FROM reading WHERE sensor_id = ANY(%s) GROUP BY 1", (part,))
        print(len(c.fetchall()))
    for part in (ids[i : i + 10] for i in range(0, len(ids), 10)):
        c.execute("SELECT sensor_id, min(value) FROM reading WHERE sensor_id IN %s GROUP BY 1", (tuple(part),))
db.close()
