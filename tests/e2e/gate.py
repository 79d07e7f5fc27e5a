"""What the gate's cases share: a small program whose data, lines and names change as a project's do, and its verdicts."""
import json
import os
import re
import shutil

from harness import PYTHON, expect, expect_equal, read_schema

BASELINE = "n1prof-baseline.json"
PASSED, REGRESSED, CANNOT_TELL = 0, 1, 2

# A blog that makes its own fixture, as a test does: {size} posts by a third as many authors, all in one process.
PROGRAM = '''\
import sqlite3
import sys

db = sqlite3.connect(":memory:")


def seed(size):
    db.execute("CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT)")
    db.execute("CREATE TABLE post (id INTEGER PRIMARY KEY, author_id INTEGER, title TEXT)")
    for i in range(size // 3 + 1):
        db.execute("INSERT INTO author (id, name) VALUES (?, ?)", (1000 + i * 7, "author %d" % i))
    for i in range(size):
        db.execute("INSERT INTO post (author_id, title) VALUES (?, ?)", (1000 + i * 5 % (size // 3 + 1) * 7, "post %d" % i))
    db.commit()


def author_name(author_id):
    return db.execute("SELECT name FROM author WHERE id = ?", (author_id,)).fetchone()[0]


def index():
    for title, author_id in db.execute("SELECT title, author_id FROM post ORDER BY id").fetchall():
        print(title, author_name(author_id))


def settings():
    return db.execute("SELECT count(*) FROM author").fetchone()


def index_mended():
    for row in db.execute("SELECT title, name FROM post JOIN author ON author.id = author_id ORDER BY post.id"):
        print(*row)


seed(int(sys.argv[1]))
{calls}
'''


class Blog:
    """The program in a repository of its own: the build's folder may be inside of one."""

    def __init__(self, the_case, calls="index()"):
        os.makedirs(the_case.path(".git"), exist_ok=True)
        self.case, self.text = the_case, PROGRAM.replace("{calls}", calls)

    def change(self, old, new):
        expect(old in self.text, f"{old!r} does not stand in the program")
        self.text = self.text.replace(old, new)
        return self

    def line(self, text):
        return 1 + self.text[: self.text.index(text)].count("\n")

    def record(self, size, trace="t"):
        with open(self.case.path("blog.py"), "w", encoding="utf-8") as file:
            file.write(self.text)
        self.case.run(self.case.n1prof, "record", "-o", trace, "--", PYTHON, "blog.py", size)
        shutil.rmtree(self.case.path(trace + ".old"), ignore_errors=True)
        return trace


def verdict_of(run):
    """The verdict that a command wrote, held against its schema."""
    verdict = json.loads(run.out)
    faults = [error.message[:300] for error in read_schema("n1prof-check-1.schema.json").iter_errors(verdict)]
    expect(not faults, "not by the schema:", faults[:3], run)
    text = json.dumps([verdict["headline"], verdict["notes"], [[c["message"], c["before"], c["now"]] for c in verdict["changes"]]])
    expect(not re.search(r"(?<![\w.,:/#+-])1 (?:more )?(?:executions|rows|statements|entries|queries|regressions)\b", text), "one, but several:", text)
    return verdict


def check(the_case, *options, status=PASSED, env=None):
    """n1prof check --format json OPTIONS: the verdict, which must agree with the exit status."""
    run = the_case.run(the_case.n1prof, "check", "--format", "json", *options, status=status, env=env)
    verdict = verdict_of(run)
    words = {PASSED: "passed", REGRESSED: "failed", CANNOT_TELL: "inconclusive"}
    expect_equal(verdict["verdict"], words[status], "verdict")
    verdict["failed"] = [change for change in verdict["changes"] if change["fails"]]
    return verdict


def changes(verdict, name):
    return [change for change in verdict["changes"] if change["change"] == name]


def content(the_case, name=BASELINE):
    with open(the_case.path(name), encoding="utf-8") as file:
        return file.read()


def entries(the_case):
    return json.loads(content(the_case))["entries"]


def edit(the_case, change):
    """The baseline with each entry as change() made it."""
    document = json.loads(content(the_case))
    for entry in document["entries"]:
        change(entry)
    with open(the_case.path(BASELINE), "w", encoding="utf-8") as file:
        json.dump(document, file)


def only_failure(verdict, name):
    expect_equal([change["change"] for change in verdict["failed"]], [name], "failures")
    return verdict["failed"][0]
