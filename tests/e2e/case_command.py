"""The command itself: its reports and dumps of a recording, its help, colours, and one clear line for every bad input."""
import fcntl
import json
import os
import pty
import random
import shutil
import struct
import termios

from harness import SOURCE, case, expect, expect_equal, load_report, only_finding

REFUSED = 2  # report, dump, diff, check: bad usage, or a recording that cannot be read


def recording(the_case, mode="slow"):
    the_case.run(the_case.n1prof, "record", "-o", "t", "--", the_case.program("shop_sqlite"), the_case.shop(), mode)
    return the_case.path("t")


@case
def text_report(the_case):
    recording(the_case)
    text = the_case.run(the_case.n1prof, "report", "t").out
    line = the_case.line_of("int rc = sqlite3_step(find_customer);", "examples/c_sqlite/shop.c")
    for wanted in ("121", "120", f"shop.c:{line}", "shop_customer_name", "customer", "shop_order"):
        expect(wanted in text, f"{wanted!r} is not in the report:\n{text}")
    expect("\x1b" not in text, "colours without a terminal")
    expect_equal(the_case.run(the_case.n1prof, "report", "t").out, text, "a second report of the same recording")
    the_case.run(the_case.n1prof, "report", "t", "-o", "text.txt")
    with open(the_case.path("text.txt"), encoding="utf-8") as file:
        expect_equal(file.read(), text, "the report by -o")
    run = the_case.run(the_case.n1prof, "run", "-o", "run.txt", "--", the_case.program("shop_sqlite"), the_case.shop(), "fast")
    with open(the_case.path("run.txt"), encoding="utf-8") as file:
        expect("shop_customer_name" not in file.read(), "the mended program's report names the slow one's function")
    expect_equal(run.err, "", "standard error of run -o")


def on_terminal(the_case, env, *argv):
    """What the command writes to a terminal; SIZE in env: of so many columns."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(the_case.dir)
        os.environ.pop("NO_COLOR", None)
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, int(env.get("SIZE", 100)), 0, 0))
        os.environ.update({"TERM": "xterm-256color", "COLUMNS": "100", "LC_ALL": "C.UTF-8", "PAGER": "cat", **env})
        try:
            os.execv(argv[0], argv)
        finally:
            os._exit(99)
    text = b""
    try:
        while chunk := os.read(terminal, 65536):
            text += chunk
    except OSError:  # EIO: the other end is closed
        pass
    os.close(terminal)
    expect_equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0, "status on a terminal")
    return text.decode()


@case
def colours(the_case):
    recording(the_case)
    command = (the_case.n1prof, "report", "t")
    expect("\x1b[" in on_terminal(the_case, {}, *command), "no colours on a terminal")
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        expect("\x1b" not in on_terminal(the_case, env, *command), "colours in spite of", env)
    expect("shop_customer_name" in on_terminal(the_case, {"NO_COLOR": "1"}, *command), "the report on a terminal is empty")


@case
def page_width(the_case):
    """As wide as the terminal, within bounds; a file, and a pipe that nobody asks otherwise, has 80 columns."""
    recording(the_case)
    for command in (("report", "t"), ("check", "t", "--fail-on", "none"), ("diff", "t", "t"), ("explain", "n_plus_one")):
        argv = (the_case.n1prof, *command)
        least, most = (40, 100) if command[0] == "explain" else (60, 120)
        for asked in (30, 72, 80, 97, 300):
            shown = min(max(asked, least), most)
            for env in ({"COLUMNS": str(asked)}, {"COLUMNS": "", "SIZE": str(asked)}):
                lines = on_terminal(the_case, dict(env, NO_COLOR="1", N1PROF_PAGER=""), *argv).replace("\r", "").split("\n")
                longest = max(lines, key=len)
                # Code and commands to copy are not torn.
                wraps = [line for line in lines if "n1prof check" not in line]
                if command[0] == "explain":
                    wraps = [line for line in wraps if not line.startswith("    ")]
                expect(all(len(line) <= shown for line in wraps), f"{command}: {len(longest)} columns of {shown}: {longest}")
                if command[0] == "report":
                    expect(any(len(line) == shown for line in lines), f"{command}: the rules are not {shown} columns long")
    wide = the_case.run(the_case.n1prof, "report", "t", env={"COLUMNS": "120"}).out
    narrow = the_case.run(the_case.n1prof, "report", "t").out
    expect_equal((max(map(len, wide.split("\n"))), max(map(len, narrow.split("\n")))), (120, 80), "widths of a pipe")
    the_case.run(the_case.n1prof, "report", "t", "-o", "file.txt", env={"COLUMNS": "120"})
    with open(the_case.path("file.txt"), encoding="utf-8") as file:
        expect_equal(file.read(), narrow, "a file depends on COLUMNS")
    for bad in ("", "wide", "-5", "0", "99999999999999999999"):
        expect_equal(the_case.run(the_case.n1prof, "report", "t", env={"COLUMNS": bad}).out, narrow, f"COLUMNS={bad!r}")


@case
def json_report_and_dump(the_case):
    recording(the_case)
    the_case.run(the_case.n1prof, "report", "t", "--format", "json", "-o", "a.json")
    report = load_report(the_case.path("a.json"))
    only_finding(report)
    expect_equal(report["trace"]["command"], [the_case.program("shop_sqlite"), the_case.shop(), "slow"], "command")
    again = the_case.run(the_case.n1prof, "report", "t", "--format=json")
    with open(the_case.path("a.json"), encoding="utf-8") as file:
        expect_equal(again.out, file.read(), "the same bytes on standard output")
    lines = the_case.run(the_case.n1prof, "dump", "t").out.splitlines()
    statements = [json.loads(line) for line in lines]
    expect_equal(sum("SELECT" in json.dumps(statement) for statement in statements), 121, "statements in the dump")


@case
def help_texts(the_case):
    for argv in (("--help",), ("run", "--help"), ("record", "--help"), ("report", "--help"), ("dump", "--help")):
        run = the_case.run(the_case.n1prof, *argv)
        expect_equal(run.err, "", "standard error of --help")
        text = run.out.lower()
        expect("n1prof " + argv[0].lstrip("-").replace("help", "run") in text, "no example in", run)
        expect("example" in text and text.index("example") < 400, "examples do not come first:", run)
    version = the_case.run(the_case.n1prof, "--version").out
    expect(version.startswith("n1prof ") and version.split()[1][0].isdigit(), version)


@case
def ended_by_a_signal_to_the_group(the_case):
    """timeout(1) signals its child and then the whole group: the second signal finds n1prof writing the report."""
    with open(the_case.path("sleeps.py"), "w", encoding="utf-8") as file:
        file.write("import sqlite3, time\ndb = sqlite3.connect(':memory:')\n"
                   "for i in range(100):\n    db.execute('select ?', (i,)).fetchone()\ntime.sleep(60)\n")
    for attempt in range(3):
        report = the_case.path(f"report{attempt}.txt")
        the_case.run("timeout", "-s", "TERM", "1", the_case.n1prof, "run", "-o", report, "--", "/usr/bin/python3", "sleeps.py",
                     status=124)
        expect(os.path.exists(report), "no report after a signal to the group")
        with open(report, encoding="utf-8") as file:
            expect("100 statements" in file.read(), "the report does not say what ran before the signal")


def newer(trace):
    """The recording as a later n1prof would write it: a higher version in every file."""
    for name in os.listdir(trace):
        path = os.path.join(trace, name)
        if name.endswith((".n1", ".ring")):
            with open(path, "r+b") as file:
                file.seek(8)
                file.write(struct.pack("<I", 4000))
        elif name == "session.json":
            with open(path, encoding="utf-8") as file:
                session = json.load(file)
            session["format"] = 4000
            with open(path, "w", encoding="utf-8") as file:
                json.dump(session, file)


@case
def bad_input(the_case):
    trace = recording(the_case)
    os.mkdir(the_case.path("empty"))
    os.mkdir(the_case.path("foreign"))
    for name in ("notes.txt", "x.n1", "session.json"):
        with open(the_case.path("foreign", name), "w", encoding="utf-8") as file:
            file.write("nothing of n1prof's\n")
    shutil.copytree(trace, the_case.path("future"))
    newer(the_case.path("future"))
    shutil.copytree(trace, the_case.path("closed"))
    stream = next(name for name in os.listdir(trace) if name.endswith(".n1"))
    os.remove(the_case.path("closed", stream))
    os.mkdir(the_case.path("closed", stream))
    with open(the_case.path("plain_file"), "w", encoding="utf-8") as file:
        file.write("no directory\n")
    table = [
        (("report", "nowhere"), "nowhere"),
        (("report", "empty"), "empty"),
        (("report", "foreign"), "foreign"),
        (("report", "future"), "version"),
        (("report", "closed"), "closed"),
        (("report", "plain_file"), "plain_file"),
        (("dump", "nowhere"), "nowhere"),
        (("dump", "future"), "version"),
        (("report", "t", "--format", "xmlish"), "xmlish"),
        (("report", "t", "--no-such-option"), "no-such-option"),
        (("report", "t", "-o", "no/such/folder/r.txt"), "no/such/folder"),
        (("report", "t", "-o", "empty"), "empty"),
        (("recrod",), "record"),
        ((), "usage"),
    ]
    before = sorted(os.listdir(the_case.dir))
    for argv, named in table:
        run = the_case.run(the_case.n1prof, *argv, status=REFUSED)
        expect_equal(run.out, "", f"standard output of {argv}")
        expect(named in run.err.lower(), f"{named!r} is not named:", run)
        if argv:
            expect(1 <= run.err.count("\n") <= 2, "one line on standard error:", run)
        expect_equal(sorted(os.listdir(the_case.dir)), before, f"files after {argv}")
    # An output file that stands there stays as it was when its report cannot be made.
    run = the_case.run(the_case.n1prof, "report", "future", "-o", "plain_file", status=REFUSED)
    with open(the_case.path("plain_file"), encoding="utf-8") as file:
        expect_equal(file.read(), "no directory\n", "the file that could not be written anew")
    for argv in (("run", "-o", "no/such/folder/r.txt", "--", "true"), ("record", "-o", "plain_file/t", "--", "true"),
                 ("run", "--format", "xmlish", "--", "true"), ("record", "--no-such-option", "--", "true"), ("run",),
                 ("record", "--")):
        run = the_case.run(the_case.n1prof, *argv, status=125)
        expect(run.err.startswith("n1prof") and run.err.count("\n") <= 2, "one line on standard error:", run)


@case
def damaged_recordings(the_case):
    """A recording cut or altered anywhere is read as far as it goes, or refused with a line; never a crash. A report never
    claims to be complete when events are gone; altered bytes of a ring, which has no check sums, are the exception."""
    trace = recording(the_case)
    whole = load_of(the_case, "t")
    expect(whole["trace"]["complete"], "the whole recording is not complete")
    expect_equal(whole["totals"]["statements"], 121, "statements of the whole recording")
    dice = random.Random(20240607)
    for name in sorted(os.listdir(trace)):
        size = os.path.getsize(os.path.join(trace, name))
        cuts = [0, 1, size // 2, size - 1] + [dice.randrange(size) for _ in range(4)]
        for turn in range(len(cuts) + 20):
            shutil.rmtree(the_case.path("d"), ignore_errors=True)
            shutil.copytree(trace, the_case.path("d"))
            path = the_case.path("d", name)
            if turn < len(cuts):
                os.truncate(path, cuts[turn])
                what = f"{name} cut at {cuts[turn]} of {size}"
            else:
                with open(path, "r+b") as file:
                    # Headers, the slot's header and its first events; past them a short ring is all zero.
                    place = min(dice.choice((0, 4096, 8192)) + int(dice.expovariate(1 / 200)), size - 1)
                    file.seek(place)
                    file.write(bytes(dice.randrange(256) for _ in range(5)))
                what = f"{name} altered at {place}"
            run = the_case.run(the_case.n1prof, "report", "d", "--format", "json", status=None)
            expect(run.status in (0, REFUSED), f"{what}: {run}")
            if run.status == REFUSED:
                expect(run.out == "" and 1 <= run.err.count("\n") <= 2, f"{what}: {run}")
                continue
            with open(the_case.path("d.json"), "w", encoding="utf-8") as file:
                file.write(run.out)
            report = load_report(the_case.path("d.json"))
            if name.endswith(".ring") and turn >= len(cuts):
                continue
            expect(report["totals"]["statements"] <= 121, what, "made statements up")
            if report["totals"]["statements"] < 121:
                expect(not report["trace"]["complete"], what, "lost statements and claims to be complete")


def load_of(the_case, trace):
    the_case.run(the_case.n1prof, "report", trace, "--format", "json", "-o", trace + ".json")
    return load_report(the_case.path(trace + ".json"))


@case
def recording_inside_a_recording(the_case):
    """Each n1prof records what it started; the inner one says that the outer will not have it, and the outer that it has not."""
    database, shop = the_case.shop(), the_case.program("shop_sqlite")
    script = f"'{shop}' '{database}' fast; exec '{the_case.n1prof}' record -o inner -- '{shop}' '{database}' slow"
    outer, run = the_case.profile("sh", "-c", script)
    expect(run.err.count("\n") == 1 and "inside a recording" in run.err, "the inner n1prof does not say it:", run)
    expect_equal(load_of(the_case, "inner")["totals"]["statements"], 121, "statements of the inner recording")
    expect_equal(outer["totals"]["statements"], 1, "statements of the outer recording: the inner one's are none of them")
    expect_equal(len(outer["trace"]["warnings"]), 1, "warnings of the outer recording")
    expect("n1prof that ran inside" in outer["trace"]["warnings"][0], outer["trace"]["warnings"])
    expect(outer["trace"]["warnings"][0].endswith("missing here: inner"), "no pointer to it:", outer["trace"]["warnings"])
    expect_equal(load_of(the_case, "inner")["trace"]["warnings"], [], "warnings of the inner recording")
    unkept, run = the_case.profile("sh", "-c", f"'{the_case.n1prof}' run -o inner.txt -- '{shop}' '{database}' fast")
    expect(unkept["trace"]["warnings"][0].endswith("missing here"), "a pointer to what is gone:", unkept["trace"]["warnings"])
    plain, run = the_case.profile(the_case.n1prof, "report", "inner")
    expect_equal((plain["trace"]["warnings"], run.err), ([], ""), "n1prof itself under n1prof")


@case
def repository_is_clean_of_traces(the_case):
    """Recording leaves nothing in the source tree and nothing but the recording in the working directory."""
    recording(the_case)
    expect_equal(sorted(os.listdir(the_case.dir)), ["shop.db", "t"], "files in the working directory")
    expect(not os.path.exists(os.path.join(SOURCE, "n1prof.trace")), "a recording in the source tree")
