"""After PowerDNS and SpamAssassin: a row that a list gave is asked for by its name; one row counts what is learnt."""
import os
import sqlite3

db = sqlite3.connect(os.environ["SCENARIO_DB"])
db.executescript("""CREATE TABLE domains(id INTEGER PRIMARY KEY, name TEXT UNIQUE, kind TEXT, account TEXT, options TEXT);
CREATE TABLE records(id INTEGER PRIMARY KEY, domain_id INTEGER, name TEXT, content TEXT);
CREATE TABLE vars(id INTEGER PRIMARY KEY, learnt INTEGER);
INSERT INTO vars VALUES (2, 0)""")
names = ["harbour", "meadow", "orchard", "quarry", "thicket", "estuary", "moraine"]
db.executemany("INSERT INTO domains(name, kind, options) VALUES (?, 'native', 'x')", [(f"{name}.example",) for name in names])
db.executemany("INSERT INTO records(domain_id, name, content) VALUES (?, ?, 'soa')", [(i + 1, f"{n}.example") for i, n in enumerate(names)])
db.commit()
listed = db.execute("SELECT domains.id, domains.name, records.content FROM domains "
                    "LEFT JOIN records ON records.domain_id = domains.id AND records.name = domains.name").fetchall()
for _, name, content in listed:
    print(content, db.execute("SELECT id, name, kind, account, options FROM domains WHERE name = ?", (name,)).fetchone())  # @zones_1
for name in names:
    db.execute("UPDATE vars SET learnt = learnt + ? WHERE id = ?", (len(name), 2))  # @zones_2
db.commit()
