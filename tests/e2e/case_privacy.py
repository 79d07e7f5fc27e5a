"""Values are evidence, not cargo: a recording holds none of them unless --values asks; its files are the owner's alone."""
import os
import stat

from harness import PYTHON, case, database_of, expect, expect_equal, load_report

SECRETS = {"bound": "bound-5aLt-91427", "literal": "literal-pEpper-33871", "cell": "cell-vaNilla-60245", "number": "8675309017"}

PROGRAM = f"""import sys
if sys.argv[1] == "postgres":
    import psycopg2
    db = psycopg2.connect(dbname=sys.argv[2]); mark = "%s"
else:
    import sqlite3
    db = sqlite3.connect(sys.argv[2]); mark = "?"
at = db.cursor()
at.execute("CREATE TABLE secret (id bigint, word text)")
at.execute("INSERT INTO secret VALUES ({SECRETS['number']}, '{SECRETS['literal']}')")
at.execute("INSERT INTO secret VALUES (" + mark + ", " + mark + ")", (1, "{SECRETS['bound']}"))
at.execute("INSERT INTO secret VALUES (2, " + mark + " || " + mark + ")", ("{SECRETS['cell'][:9]}", "{SECRETS['cell'][9:]}"))
at.execute("SELECT id, word FROM secret ORDER BY id")
for row in at.fetchall():
    at.execute("SELECT word, id FROM secret WHERE id = " + mark, (row[0],))
    at.fetchall()
    at.execute("SELECT id FROM secret WHERE word = " + mark, (row[1],))
    at.fetchall()
try:
    at.execute("SELECT nothing FROM secret WHERE word = '{SECRETS['literal']}' AND id = {SECRETS['number']}")
except Exception:
    pass
"""


def files_under(folder):
    for parent, _, names in os.walk(folder):
        for name in names:
            yield os.path.join(parent, name)


def found_in(paths):
    """Which secrets stand in the files, as text in the encodings a client might use or as a little- or big-endian number."""
    found = set()
    for path in paths:
        with open(path, "rb") as file:
            data = file.read()
        for name, secret in SECRETS.items():
            spellings = [secret.encode(), secret.encode("utf-16-le")]
            if name == "number":
                spellings += [int(secret).to_bytes(8, "little"), int(secret).to_bytes(8, "big")]
            if any(spelling in data for spelling in spellings):
                found.add(name)
    return found


def privacy(the_case, kind, place):
    program = the_case.path("program.py")
    with open(program, "w", encoding="utf-8") as file:
        file.write(PROGRAM)
    command = (PYTHON, program, kind, place())
    the_case.run(the_case.n1prof, "record", "-o", "hashed", "--", *command)
    outputs = []
    for form in ("text", "json"):
        the_case.run(the_case.n1prof, "report", "hashed", "--format", form, "-o", f"hashed.{form}")
        outputs.append(the_case.path(f"hashed.{form}"))
    with open(the_case.path("hashed.dump"), "w", encoding="utf-8") as file:
        file.write(the_case.run(the_case.n1prof, "dump", "hashed").out)
    report = load_report(the_case.path("hashed.json"))
    expect(report["totals"]["statements"] >= 10, "the program was not recorded", report["totals"])
    expect_equal(found_in(files_under(the_case.path("hashed"))), set(), "secrets in the recording")
    expect_equal(found_in(outputs + [the_case.path("hashed.dump")]), set(), "secrets in the reports")

    for path in files_under(the_case.path("hashed")):
        expect_equal(stat.S_IMODE(os.stat(path).st_mode) & 0o077, 0, f"others' rights on {path}")

    command = (PYTHON, program, kind, place())
    the_case.run(the_case.n1prof, "record", "--values", "-o", "open", "--", *command)
    with open(the_case.path("open.dump"), "w", encoding="utf-8") as file:
        file.write(the_case.run(the_case.n1prof, "dump", "open").out)
    expect_equal(found_in([the_case.path("open.dump")]), set(SECRETS), "values in the dump of --values")
    the_case.run(the_case.n1prof, "report", "open", "--format", "json", "-o", "open.json")
    opened = load_report(the_case.path("open.json"))
    expect(any(q["example"] for q in opened["queries"]), "no example text with --values")
    expect(all(q["example"] is None for q in report["queries"]), "an example text without --values")


@case
def values_sqlite(the_case):
    fresh = iter(("a.db", "b.db"))
    privacy(the_case, "sqlite", lambda: the_case.path(next(fresh)))


@case
def values_postgres(the_case):
    privacy(the_case, "postgres", lambda: database_of(the_case.postgres()))
