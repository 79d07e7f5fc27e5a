"""The gate: check, diff and baseline on a program that grows, moves and is renamed."""
import json
import os
import shutil

from gate import BASELINE, CANNOT_TELL, PASSED, REGRESSED, Blog, changes, check, content, edit, entries, only_failure, verdict_of
from harness import PYTHON, case, expect, expect_equal


@case
def gate_fixture_grows(the_case):
    """The baseline of one size of the fixture holds at every other one, and stays the same to the byte."""
    for calls in ("index()", "index_mended()"):
        blog = Blog(the_case, calls)
        for first in (5, 50, 500):
            if os.path.exists(the_case.path(BASELINE)):
                os.remove(the_case.path(BASELINE))
            check(the_case, blog.record(first), "--update")
            text = content(the_case)
            for size in (5, 50, 500, 1, 0, 7):
                verdict = check(the_case, blog.record(size), "--update")
                expect_equal(content(the_case), text, f"{calls}: the baseline of {first} posts after a check of {size}")
                expect_equal(changes(verdict, "stale") if size > 4 else [], [], f"stale entries at {size} posts")
                check(the_case, "t", *(("--strict",) if size > 4 else ()))
    # What it holds: nothing of the machine or of the data.
    for word in (the_case.dir, "blog.py", "500", '"line"'):
        expect(word not in text, f"the baseline holds {word!r}:\n{text}")
    lines = text.splitlines()
    expect_equal([json.loads(line.rstrip(",")) for line in lines[2:-3]], entries(the_case), "an entry a line")
    expect(all(list(entry) == sorted(entry) for entry in entries(the_case)), "keys are not sorted")


@case
def gate_catches_an_n_plus_one(the_case):
    """An N+1 that is put into a mended program is one failure, at its line; what makes no query more is none."""
    blog = Blog(the_case, "index_mended()\nsettings()")
    check(the_case, blog.record(30), "--update")
    worse = Blog(the_case, "index_mended()\nsettings()\nindex()")
    failure = only_failure(check(the_case, worse.record(30), status=REGRESSED), "new_finding")
    expect_equal((failure["kind"], failure["location"]["function"]), ("n_plus_one", "author_name"), "the failure")
    expect_equal(failure["location"]["line"], worse.line('return db.execute("SELECT name'), "its line")
    expect(failure["location"]["file"].endswith("blog.py") and not failure["location"]["file"].startswith("/"),
           failure["location"])
    text = the_case.run(the_case.n1prof, "check", "t", status=REGRESSED).out
    for wanted in (f"blog.py:{failure['location']['line']}", "failed: 1 regression", f"n1prof check t --accept {failure['id']}"):
        expect(wanted in text, f"{wanted!r} is not in\n{text}")
    # The command that is printed accepts exactly this.
    command = failure["accept"].split()
    expect_equal(command[0], "n1prof", "the command")
    the_case.run(the_case.n1prof, *command[1:])
    check(the_case, "t")
    check(the_case, worse.record(90))
    # So does the number in a report's heading; one that names nothing is said, and accepts nothing.
    accepted = content(the_case)
    os.remove(the_case.path(BASELINE))
    blog.record(30, "mended")
    check(the_case, "mended", "--update")
    report = json.loads(the_case.run(the_case.n1prof, "report", "t", "--format", "json").out)
    identity = next(finding["id"] for finding in report["findings"] if finding["kind"] == "n_plus_one")
    expect(identity != failure["id"], "the two ids are one: this tests nothing")
    run = the_case.run(the_case.n1prof, "check", "t", "--accept", identity[::-1], status=REGRESSED)
    expect(f"--accept {identity[::-1]}: nothing of that id" in run.err, run)
    run = the_case.run(the_case.n1prof, "check", "t", "--accept", identity)
    expect_equal((content(the_case), run.err), (accepted, ""), "the baseline by the finding's id")
    # Moved lines, and another function's name around it.
    moved = worse.change("def author_name", "# a\n# few\n# lines\n\n\ndef author_name")
    expect_equal(check(the_case, moved.record(30))["failed"], [], "moved lines")
    renamed = moved.change("author_name", "name_of_author")
    verdict = check(the_case, renamed.record(30))
    expect_equal([change["path"].split(" < ")[0] for change in changes(verdict, "renamed")], ["name_of_author"], "renamed")
    expect("author_name" in changes(verdict, "renamed")[0]["message"], changes(verdict, "renamed"))
    check(the_case, "t", "--update")
    expect_equal(changes(check(the_case, "t"), "renamed"), [], "renamed after --update")
    # The same access a second time for each row.
    steeper = renamed.change("print(title, name_of_author(author_id))",
                             "print(title, name_of_author(author_id), name_of_author(author_id))")
    failure = only_failure(check(the_case, steeper.record(30), status=REGRESSED), "steeper_slope")
    expect_equal((failure["count_before"], failure["count_now"]), (1, 2), "slopes")
    # A loop where a count was accepted: an edge.
    looped = Blog(the_case, "index_mended()\nsettings()\nindex()").change("author_name", "name_of_author").change(
        'return db.execute("SELECT count(*) FROM author").fetchone()',
        'return [db.execute("SELECT count(*) FROM post WHERE author_id = ?", row).fetchone()'
        ' for row in db.execute("SELECT id FROM author").fetchall()]')
    failure = only_failure(check(the_case, looped.record(30), status=REGRESSED), "new_finding")
    expect("post WHERE author_id" in failure["subject"], failure)


@case
def gate_counts(the_case):
    """Counts above, below and within; --fail-on, --strict, --update, --budget, tolerance, stale entries and prune."""
    blog = Blog(the_case, "index_mended()\nfor _ in range(int(sys.argv[2]) if len(sys.argv) > 2 else 2):\n    settings()")

    def record(times, trace="t"):
        blog.record(9, trace)
        the_case.run(the_case.n1prof, "record", "-o", trace, "--", PYTHON, "blog.py", "9", times)

    record(2)
    check(the_case, "t", "--update")
    record(3)
    failure = only_failure(check(the_case, "t", status=REGRESSED), "above_accepted")
    expect_equal((failure["count_before"], failure["count_now"]), (2, 3), "counts")
    expect_equal(failure["location"]["line"], blog.line("SELECT count(*)"), "line")
    check(the_case, "t", "--fail-on", "n_plus_one,query_loop")
    check(the_case, "t", "--fail-on", "count", status=REGRESSED)
    check(the_case, "t", "--update", status=REGRESSED)  # downwards only
    check(the_case, "t", status=REGRESSED)

    def allow(entry, tolerance):
        if "count(*)" in entry["sql"]:
            entry["tolerance"] = tolerance
            entry["note"] = "why"

    kept = content(the_case)
    for tolerance, status in (("+1", PASSED), ("50%", PASSED), ("49%", REGRESSED), ("+0", REGRESSED), ("any", PASSED)):
        edit(the_case, lambda entry, tolerance=tolerance: allow(entry, tolerance))
        check(the_case, "t", status=status)
    with open(the_case.path(BASELINE), "w", encoding="utf-8") as file:
        file.write(kept)
    check(the_case, "t", "--update=all")
    check(the_case, "t")
    expect_equal([e["executions"] for e in entries(the_case) if "count(*)" in e["sql"]], [3], "accepted count")
    record(1)
    check(the_case, "t")
    verdict = check(the_case, "t", "--strict", status=REGRESSED)
    only_failure(verdict, "lower")
    check(the_case, "t", "--update")
    expect_equal([e["executions"] for e in entries(the_case) if "count(*)" in e["sql"]], [1], "tightened count")
    check(the_case, "t", "--strict")
    # Totals.
    total = check(the_case, "t")["statements"]
    check(the_case, "t", "--budget", total)
    failure = only_failure(check(the_case, "t", "--budget", total - 1, status=REGRESSED), "over_budget")
    expect_equal((failure["count_before"], failure["count_now"]), (total - 1, total), "budget")
    # What is gone is stale, until it is pruned.
    record(0)
    verdict = check(the_case, "t", "--strict")
    expect_equal([change["subject"] for change in changes(verdict, "stale")], ["SELECT count(*) FROM author"], "stale")
    run = the_case.run(the_case.n1prof, "baseline", "prune", "t")
    expect("1 stale entry removed" in run.out, run)
    expect_equal(changes(check(the_case, "t"), "stale"), [], "stale after prune")
    shown = the_case.run(the_case.n1prof, "baseline", "show").out
    expect("SELECT title, name FROM post JOIN author" in shown and "count(*)" not in shown, shown)
    # Parts of a test run make one verdict: their counts add up.
    record(1, "a")
    record(1, "b")
    os.remove(the_case.path(BASELINE))
    check(the_case, "a", "b", "--update")
    check(the_case, "b", "a")
    record(2, "b")
    only_failure(check(the_case, "a", "b", status=REGRESSED), "above_accepted")


@case
def gate_cannot_tell(the_case):
    """Status 2, one clear line, and no file touched: bad usage, bad files, recordings that tell nothing."""
    blog = Blog(the_case)
    blog.record(9)
    check(the_case, "t", "--update")
    good = content(the_case)
    bad_files = {
        "empty.json": "",
        "torn.json": good[: len(good) // 2],
        "foreign.json": '{"name": "package", "version": "1.0"}',
        "list.json": "[1, 2]",
        "newer.json": good.replace("n1prof-baseline/1", "n1prof-baseline/7"),
        "conflict.json": good.replace('"entries"', '<<<<<<< ours\n"entries"'),
        "twice.json": good.replace("],\n\"schema", "," + good.splitlines()[2].rstrip(",") + "\n],\n\"schema"),
        "negative.json": good.replace('"slope": 1', '"slope": -1'),
        "huge.json": good.replace('"slope": 1', '"slope": 1e999'),
        "text.json": good.replace('"slope": 1', '"slope": "1"'),
        "kind.json": good.replace('"n_plus_one"', '"n_plus_two"'),
        "control.json": good.replace("SELECT name", "SELECT \\u001b[2Jname"),
        "deep.json": "[" * 100000,
        "binary.json": "\x00\x01\x02",
    }
    for name, text in bad_files.items():
        with open(the_case.path(name), "w", encoding="utf-8") as file:
            file.write(text)
    with open(the_case.path("bad.supp"), "w", encoding="utf-8") as file:
        file.write("{\n  a\n  n1prof:n_plus_one\n  fun:main\n}\n")
    os.mkdir(the_case.path("folder"))
    table = [((name,), ("--baseline", name)) for name in bad_files]
    table += [
        (("folder",), ("--baseline", "folder")),
        (("missing.json",), ("--baseline", "missing.json")),
        (("bad.supp:5", "reason"), ("--suppressions", "bad.supp")),
        (("missing.supp",), ("--suppressions", "missing.supp")),
        (("nowhere",), ("nowhere",)),
        (("xmlish", "junit"), ("--format", "xmlish")),
        (("--budget",), ("--budget", "many")),
        (("n_plus_two",), ("--fail-on", "n_plus_two")),
        (("--scale",), ("--scale",)),
        (("no/such",), ("-o", "no/such/file")),
    ]
    before = {name: os.stat(the_case.path(name)).st_mtime_ns for name in os.listdir(the_case.dir)}
    for words, options in table:
        for update in ((), ("--update=all",)):
            if update and ("--scale" in options or options[:2] == ("--baseline", "missing.json")):
                continue
            trace = () if options[0] == "nowhere" else ("t",)
            run = the_case.run(the_case.n1prof, "check", *trace, *options, *update, status=CANNOT_TELL)
            expect_equal(run.out, "", f"standard output of {options}")
            expect(run.err.startswith("n1prof") and run.err.count("\n") == 1, "one line:", run)
            expect(all(word in run.err for word in words), words, "is not named:", run)
            now = {name: os.stat(the_case.path(name)).st_mtime_ns for name in os.listdir(the_case.dir)}
            expect_equal(now, before, f"files after {options}")
    # Without any call of the database there is nothing to judge.
    the_case.run(the_case.n1prof, "record", "-o", "silent", "--", the_case.program("victims/no_database"), status=None)
    expect("no database call" in check(the_case, "silent", status=CANNOT_TELL)["reason"], "the reason is not named")
    check(the_case, "silent", "--allow-empty")
    # A recording with holes proves nothing; its update is none.
    shutil.copytree(the_case.path("t"), the_case.path("torn"))
    for name in os.listdir(the_case.path("torn")):
        if name.endswith(".ring"):
            os.truncate(the_case.path("torn", name), os.path.getsize(the_case.path("torn", name)) // 2)
    expect_equal(content(the_case), good, "the baseline")
    check(the_case, "torn", status=CANNOT_TELL)
    check(the_case, "torn", "--update=all", status=CANNOT_TELL)
    check(the_case, "t", "torn", status=CANNOT_TELL)
    expect_equal(content(the_case), good, "the baseline after an update from a torn recording")


@case
def gate_scale(the_case):
    """Two sizes of the data tell what grows, without a threshold."""
    calls = "index()\nindex_mended()\nsettings()"
    blog = Blog(the_case, calls)
    blog.record(6, "small")
    blog.record(60, "large")
    for pair in (("small", "large"), ("large", "small")):
        verdict = check(the_case, "--scale", *pair, status=REGRESSED)
        grows = only_failure(verdict, "per_row")
        expect_equal((grows["subject"], grows["count_before"], grows["count_now"]),
                     ("SELECT name FROM author WHERE id = ?", 6, 60), "what grows")
        expect_equal(grows["location"]["line"], blog.line('return db.execute("SELECT name'), "its line")
        expect_equal(len(changes(verdict, "constant")), 3, "constant statements")
        expect_equal(len(changes(verdict, "writes_rows")), 2, "writes of the rows")
    check(the_case, "large", "--update")
    check(the_case, "--scale", "small", "large")  # accepted as per row
    os.remove(the_case.path(BASELINE))
    mended = Blog(the_case, "index_mended()\nsettings()")
    mended.record(6, "small")
    mended.record(60, "large")
    check(the_case, "--scale", "small", "large")
    expect("same size" in check(the_case, "--scale", "large", "large", status=CANNOT_TELL)["reason"], "the reason")
    square = Blog(the_case, "index_mended()").change("    for row in db.execute(", "    for row in []:\n        pass\n    ids = "
             "[row[0] for row in db.execute('SELECT id FROM post')]\n    for a in ids:\n        for b in ids:\n"
             "            db.execute('SELECT 1 FROM post WHERE id = ? AND author_id = ?', (a, b)).fetchone()\n"
             "    for row in db.execute(")
    square.record(4, "small")
    square.record(16, "large")
    grows = only_failure(check(the_case, "--scale", "small", "large", status=REGRESSED), "per_row_squared")
    expect_equal((grows["count_before"], grows["count_now"]), (16, 256), "the square")
    # Every second row, n log n, log n, a cache of few authors, a retry.
    posts = "db.execute('SELECT id, author_id FROM post').fetchall()"
    laws = (
        ("half", "per_row", f"for row in {posts}:\n    if row[0] % 2:\n        "
                            "db.execute('SELECT title FROM post WHERE id = ?', row[:1]).fetchone()"),
        ("n log n", "per_row", f"for row in {posts}:\n    for k in range(int(sys.argv[1]).bit_length()):\n        "
                               "db.execute('SELECT ? FROM post WHERE id = ?', (k, row[0])).fetchone()"),
        ("log n", "slower_than_rows", "for k in range(int(sys.argv[1]).bit_length()):\n"
                                      "    db.execute('SELECT title FROM post LIMIT 1 OFFSET ?', (k,)).fetchone()"),
        ("retry", "slower_than_rows", "for k in range(1 + (int(sys.argv[1]) > 100)):\n    settings()"),
    )
    for name, wanted, calls in laws:
        program = Blog(the_case, calls)
        program.record(20, "small")
        program.record(200, "large")
        verdict = check(the_case, "--scale", "small", "large", status=REGRESSED if wanted == "per_row" else PASSED)
        found = [change for change in verdict["changes"] if change["change"] not in ("constant", "writes_rows")]
        expect_equal([change["change"] for change in found], [wanted], f"the law of {name}")
        expect(found[0]["message"], f"{name}: the law is not told")


@case
def gate_diff(the_case):
    blog = Blog(the_case, "index()\nsettings()")
    blog.record(12, "a")
    Blog(the_case, "index_mended()\nsettings()\nsettings()").record(12, "b")
    verdict = verdict_of(the_case.run(the_case.n1prof, "diff", "a", "b", "--format", "json"))
    found = sorted((change["change"], change["subject"]) for change in verdict["changes"])
    expect_equal(found, [
        ("gone", "SELECT name FROM author WHERE id = ?"),
        ("gone", "SELECT title, author_id FROM post ORDER BY id"),
        ("new", "SELECT title, name FROM post JOIN author ON author.id = author_id ORDER BY post.id"),
        ("worse", "SELECT count(*) FROM author"),
    ], "changes")
    for change in verdict["changes"]:
        expect(change["location"]["line"] and change["location"]["file"] == "blog.py", "no place:", change)
    back = verdict_of(the_case.run(the_case.n1prof, "diff", "b", "a", "--format", "json"))
    expect_equal(sorted(change["change"] for change in back["changes"]), ["better", "gone", "new", "new"], "the way back")
    blog.record(48, "c")
    same = verdict_of(the_case.run(the_case.n1prof, "diff", "a", "c", "--format", "json"))
    expect_equal(same["changes"], [], "another size of the data")
    for name, words in (("text", "blog.py:"), ("markdown", "| blog.py")):
        text = the_case.run(the_case.n1prof, "diff", "a", "b", "--format", name).out
        expect("1 worse, 1 new, 0 better, 2 gone" in text and words in text, text)
    the_case.run(the_case.n1prof, "diff", "a", status=CANNOT_TELL)
    the_case.run(the_case.n1prof, "diff", "a", "b", "--format", "junit", status=CANNOT_TELL)


@case
def gate_suppressions(the_case):
    """What a team lives with: suppressed, still listed, and told when it matches nothing or its time is over."""
    blog = Blog(the_case)
    blog.record(20)
    stanzas = the_case.run(the_case.n1prof, "check", "t", "--gen-suppressions").out
    expect_equal(the_case.run(the_case.n1prof, "report", "t", "--gen-suppressions").out, stanzas, "stanzas of report")
    expect_equal(stanzas.count("n1prof:n_plus_one"), 1, "stanzas")

    def write(text, name="n1prof.supp"):
        with open(the_case.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    write(stanzas)
    verdict = check(the_case, "t", *())
    expect(changes(verdict, "suppressed"), "not listed as suppressed:", verdict)
    report = json.loads(the_case.run(the_case.n1prof, "report", "t", "--format", "json").out)
    states = {finding["kind"]: finding["suppressed"] for finding in report["findings"]}
    expect_equal(states["n_plus_one"], True, "suppressed in the report")
    stanza = "{\n  %s\n  n1prof:%s\n  reason: small\n  %s\n}\n"
    table = [
        ("n_plus_one", "fun:author_name", True),
        ("*", "fun:author_*", True),
        ("n_plus_one", "...\n  fun:index", True),
        ("n_plus_one", "fun:*\n  fun:index\n  ...\n  fun:<module>", True),
        ("n_plus_one", "src:blog.py", True),
        ("n_plus_one", "sql:SELECT name FROM * WHERE id = ?", True),
        ("n_plus_one", "until: 2999-12-31\n  fun:author_name", True),
        ("n_plus_one", "until: 2001-01-01\n  fun:author_name", False),
        ("n_plus_one", "fun:index", False),
        ("query_loop,write_loop", "fun:author_name", False),
        ("n_plus_one", "sql:SELECT name", False),
        ("n_plus_one", "src:other.py", False),
    ]
    for kind, lines, is_match in table:
        write(stanza % ("a name", kind, lines), "x.supp")
        verdict = check(the_case, "t", "--suppressions", "x.supp", "--fail-on", "n_plus_one",
                        status=PASSED if is_match else REGRESSED)
        expect_equal(len(changes(verdict, "suppressed")), int(is_match), f"suppressed by {lines}")
        expect_equal(len(changes(verdict, "unused_suppression")), int(not is_match), f"unused: {lines}")
        run = the_case.run(the_case.n1prof, "report", "t", "--suppressions", "x.supp")
        expect(("x.supp:1" in run.err) == (not is_match), f"{lines}: {run.err}")
    for text, word in (("{\n  a\n  n1prof:n_plus_one\n  reason: x\n}\n", "everything"), ("{\n a\n n1prof:all\n", "x.supp:3"),
                       ("fun:x\n", "x.supp:1"), ("{\n a\n n1prof:*\n reason: x\n until: soon\n fun:x\n}", "date"),
                       ("{\n a\n n1prof:*\n reason: x\n fun:x\n", "'}'"), ("{\n a\n n1prof:*\n reason:\n fun:x\n}", "reason")):
        write(text, "x.supp")
        for command in ("report", "check"):
            run = the_case.run(the_case.n1prof, command, "t", "--suppressions", "x.supp", status=CANNOT_TELL)
            expect(word in run.err and run.err.count("\n") == 1, f"{word!r} is not named:", run)


@case
def gate_merge_driver(the_case):
    """git merges two branches' baselines through n1prof; without it, entries that lie apart merge line by line."""
    def git(*argv, status=0):
        return the_case.run("git", "-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main", *argv,
                            status=status)

    def write(entries_of):
        rows = [json.dumps(dict(path=[name, "main"], sql=f"SELECT {name}", **rest), sort_keys=True)
                for name, rest in sorted(entries_of.items())]
        with open(the_case.path(BASELINE), "w", encoding="utf-8") as file:
            file.write('{\n"entries": [\n' + ",\n".join(rows) + '\n],\n"schema": "n1prof-baseline/1"\n}\n')

    def commit(text):
        git("add", "-A")
        git("commit", "-qm", text)

    base = {"b": {"executions": 5}, "c": {"executions": 5}, "d": {"executions": 5}, "e": {"executions": 5}}
    git("init", "-q")
    git("config", "merge.n1prof.driver", f"'{the_case.n1prof}' baseline merge %O %A %B")
    with open(the_case.path(".gitattributes"), "w", encoding="utf-8") as file:
        file.write(BASELINE + " merge=n1prof\n")
    write(base)
    commit("base")
    git("checkout", "-qb", "theirs")
    theirs = dict(base, b={"executions": 3}, c={"executions": 9, "note": "theirs"}, f={"executions": 1})
    del theirs["e"]
    write(theirs)
    commit("theirs")
    git("checkout", "-q", "main")
    write(dict(base, b={"executions": 4}, d={"executions": 2}, a={"executions": 1}, c={"executions": 7}))
    commit("ours")
    git("merge", "-q", "--no-edit", "theirs")
    merged = {entry["path"][0]: (entry["executions"], entry.get("note")) for entry in entries(the_case)}
    expect_equal(merged, {"a": (1, None), "b": (4, None), "c": (9, "theirs"), "d": (2, None), "f": (1, None)}, "merged")
    expect_equal([entry["path"] for entry in entries(the_case)], sorted(entry["path"] for entry in entries(the_case)), "order")
    for number, bad in enumerate(("", "{", "[]")):
        with open(the_case.path("ours.json"), "w", encoding="utf-8") as file:
            file.write(bad)
        shutil.copy(the_case.path(BASELINE), the_case.path("theirs.json"))
        run = the_case.run(the_case.n1prof, "baseline", "merge", os.devnull if number == 0 else BASELINE, "ours.json",
                           "theirs.json", status=None)
        expect_equal(run.status, 0 if bad == "" and number else CANNOT_TELL, f"status for {bad!r}")
    for argv in (("merge",), ("merge", "a", "b"), ("frobnicate",), (), ("show", "x")):
        the_case.run(the_case.n1prof, "baseline", *argv, status=CANNOT_TELL)


@case
def gate_scopes(the_case):
    """Counts for each scope: by marks, by the environment, by comments in the statements."""
    marks = """\
import ctypes
shim = ctypes.CDLL(None)
enter = lambda name: getattr(shim, "n1prof_mark_enter", len)(name)
leave = lambda name: getattr(shim, "n1prof_mark_leave", len)(name)
for times in (2, 5):
    enter(b"GET /posts")
    for _ in range(times):
        settings()
    leave(b"GET /posts")
settings()
for _ in range(3):
    db.execute("SELECT max(id) FROM post /*controller='posts',action='show'*/").fetchone()
"""
    blog = Blog(the_case, marks)
    blog.record(3)
    budgets = (("GET /posts", 5), ("posts#show", 3))
    report = json.loads(the_case.run(the_case.n1prof, "report", "t", "--format", "json").out)
    expect_equal(report["scopes"], [{"name": "GET /posts", "entries": 2, "statements": 7, "most_statements": 5},
                                    {"name": "posts#show", "entries": 1, "statements": 3, "most_statements": 3}], "scopes in json")
    lines = the_case.run(the_case.n1prof, "report", "t").out.split("Most queries in one scope\n")[1].splitlines()
    expect_equal([line.split(None, 3) for line in lines[1:]], [["5", "7", "2", "GET /posts"], ["3", "3", "1", "posts#show"]],
                 "scopes in text")
    for name, most in budgets:
        check(the_case, "t", "--fail-on", "none", "--budget", f"{name}={most}")
        failure = only_failure(check(the_case, "t", "--fail-on", "none", "--budget", f"{name}={most - 1}", status=REGRESSED), "over_budget")
        expect_equal((failure["subject"], failure["count_now"]), (name, most), "the scope")
    expect("no such scope" in check(the_case, "t", "--fail-on", "none", "--budget", "elsewhere=1")["notes"][0], "a scope that is not there")
    whole = check(the_case, "t", "--fail-on", "none")["statements"]
    the_case.run(the_case.n1prof, "record", "-o", "u", "--", PYTHON, "blog.py", "3", env={"N1PROF_SCOPE": "nightly"})
    check(the_case, "u", "--fail-on", "none", "--budget", f"nightly={whole}", "--budget", "GET /posts=5")
    only_failure(check(the_case, "u", "--fail-on", "none", "--budget", f"nightly={whole - 1}", status=REGRESSED), "over_budget")
