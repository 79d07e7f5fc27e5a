"""How programs live and end: no database call, SIGKILL in mid-loop, forks, threads, signals; and the wrapper's status."""
import os

from harness import PYTHON, case, expect, expect_equal, load_report, only_finding, signal, signal_status


def lookups(report):
    """Executions of the shop's look-up by key, wherever they were called from."""
    return sum(q["executions"] for q in report["queries"] if q["sql"].startswith("SELECT name FROM customer"))


@case
def no_database_call(the_case):
    report, run = the_case.profile(the_case.program("victims/no_database"))
    expect_equal(run.out, "no database here\n", "output")
    expect_equal(report["totals"]["statements"], 0, "statements")
    expect_equal((report["findings"], report["queries"]), ([], []), "findings and queries")
    expect_equal(report["trace"]["exit_status"], 0, "exit status")
    text = the_case.run(the_case.n1prof, "run", "--", the_case.program("victims/no_database"))
    expect("no database call" in text.err.lower().replace("calls", "call"), "the text report does not say so:", text)


@case
def sigkill_in_mid_loop(the_case):
    for count in (1, 30, 100):
        report, _ = the_case.profile(the_case.program("victims/die_midloop"), the_case.shop(), count,
                                     status=signal_status(signal.SIGKILL))
        expect_equal(lookups(report), count, "look-ups finished before SIGKILL")
        expect_equal(report["trace"]["lost_events"], 0, "lost events")
        expect_equal(report["trace"]["exit_status"], signal_status(signal.SIGKILL), "exit status in the report")
        if count >= 30:
            finding = only_finding(report)
            expect_equal(finding["confidence"], "proven", "confidence")
            expect_equal(finding["evidence"]["executions"], count, "executions in the finding")


@case
def forked_children(the_case):
    report, _ = the_case.profile(the_case.program("victims/forks"), the_case.shop(), 40, 25)
    expect_equal(report["trace"]["processes"], 3, "processes")
    expect_equal(lookups(report), 40 + 25 + 25 + 40, "look-ups in all processes")
    # Each process's loop counts for itself: a parent query in one process never feeds a look-up in another.
    found = {f["evidence"]["executions"] for f in report["findings"]}
    expect(report["findings"] and all(f["kind"] == "n_plus_one" for f in report["findings"]), "findings", report["findings"])
    expect(sum(f["evidence"]["executions"] for f in report["findings"]) == 130, "executions in findings", found)


@case
def python_forks(the_case):
    script = ("import os, sqlite3, sys\n"
              "def loop(db, n):\n"
              "    for (key,) in db.execute('SELECT customer_id FROM shop_order ORDER BY id LIMIT ?', (n,)).fetchall():\n"
              "        db.execute('SELECT name FROM customer WHERE id = ?', (key,)).fetchone()\n"
              "pid = os.fork()\n"
              "loop(sqlite3.connect(sys.argv[1]), 50 if pid else 20)\n"
              "pid and os.waitpid(pid, 0)\n")
    report, _ = the_case.profile(PYTHON, "-c", script, the_case.shop())
    expect_equal((report["trace"]["processes"], lookups(report)), (2, 70), "processes and look-ups")


@case
def two_threads(the_case):
    report, _ = the_case.profile(the_case.program("victims/two_threads"), the_case.shop(), 60, 90)
    expect_equal(report["trace"]["threads"], 2, "threads")
    expect_equal(report["totals"]["connections"], 2, "connections")
    expect_equal(report["totals"]["statements"], 60 + 90 + 2, "statements")
    expect_equal(lookups(report), 150, "look-ups")
    expect(report["findings"], "no finding")
    for finding in report["findings"]:
        expect_equal((finding["kind"], finding["confidence"]), ("n_plus_one", "proven"), "finding")
    expect_equal(sum(f["evidence"]["executions"] for f in report["findings"]), 150, "executions in findings")


@case
def exit_statuses(the_case):
    not_executable = the_case.path("not_executable")
    with open(not_executable, "w", encoding="utf-8") as file:
        file.write("not a program\n")
    cases = [
        (("sh", "-c", "exit 0"), 0),
        (("sh", "-c", "exit 7"), 7),
        (("sh", "-c", "exit 255"), 255),
        (("sh", "-c", "kill -TERM $$"), signal_status(signal.SIGTERM)),
        (("sh", "-c", "kill -SEGV $$"), signal_status(signal.SIGSEGV)),
        ((not_executable,), 126),
        ((the_case.dir,), 126),
        ((the_case.path("nowhere"),), 127),
        (("n1-no-such-program-on-the-path",), 127),
    ]
    for verb in ("record", "run"):
        for program, status in cases:
            run = the_case.run(the_case.n1prof, verb, "--", *program, status=status)
            if status in (126, 127):
                expect(run.err.count("\n") == 1 and program[0] in run.err, "one line that names the program:", run)
    own = the_case.run(the_case.n1prof, "record", "-o", "/proc/no/such/place", "--", "true", status=125)
    expect_equal(own.err.count("\n"), 1, "lines on standard error")


@case
def streams_are_the_programs(the_case):
    """Standard input reaches the program, its output is its own bytes, record adds nothing."""
    text = the_case.path("input")
    with open(text, "w", encoding="utf-8") as file:
        file.write("one\ntwo\n")
    with open(text, encoding="utf-8") as file:
        run = the_case.run(the_case.n1prof, "record", "--", "sh", "-c", "cat; echo oops >&2", stdin=file)
    expect_equal((run.out, run.err), ("one\ntwo\n", "oops\n"), "streams under record")
    with open(text, encoding="utf-8") as file:
        run = the_case.run(the_case.n1prof, "run", "-o", the_case.path("r.txt"), "--", "sh", "-c", "cat; echo oops >&2",
                           stdin=file)
    expect_equal((run.out, run.err), ("one\ntwo\n", "oops\n"), "streams under run -o")


@case
def through_a_shell(the_case):
    """A database program behind a shell is recorded; the shell itself leaves nothing."""
    shop, database = the_case.program("shop_sqlite"), the_case.shop()
    report, _ = the_case.profile("sh", "-c", f"true; '{shop}' '{database}' slow | sort > sorted.txt; exit 3", status=3)
    expect_equal(report["trace"]["processes"], 1, "processes that recorded")
    only_finding(report)
    expect_equal(report["trace"]["command"][:2], ["sh", "-c"], "command")


@case
def earlier_trace_is_kept(the_case):
    shop, database = the_case.program("shop_sqlite"), the_case.shop()
    the_case.run(the_case.n1prof, "record", "--", shop, database, "slow")
    the_case.run(the_case.n1prof, "record", "--", shop, database, "fast")
    expect(sorted(os.listdir(the_case.dir)) == ["n1prof.trace", "n1prof.trace.old", "shop.db"], os.listdir(the_case.dir))
    for trace, statements in (("n1prof.trace", 1), ("n1prof.trace.old", 121)):
        the_case.run(the_case.n1prof, "report", trace, "--format", "json", "-o", "r.json")
        expect_equal(load_report(the_case.path("r.json"))["totals"]["statements"], statements, f"statements in {trace}")
