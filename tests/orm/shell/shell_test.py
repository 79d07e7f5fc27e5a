#!/usr/bin/env python3
"""ormsh and the lesson on a real database.

    shell_test.py BIN [sqlite|postgres]                  BIN: the folder of ormsh and n1_lesson
    shell_test.py BIN sqlite --update                    writes what is expected (expected.ndjson, lesson.txt)

lines.txt is given to `ormsh --json`; its answers are compared with expected.ndjson, the same for both databases (of an error
its class and the first words of its message). PostgreSQL: N1_TEST_PG_URL, in a schema of its own.
"""
import json
import os
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BIN, KIND = sys.argv[1], sys.argv[2]
UPDATE = "--update" in sys.argv
faults = []


def fault(what):
    faults.append(what)
    print("shell_test:", what)


def read(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        return f.read()


def ormsh(*args, lines=None):
    return subprocess.run([f"{BIN}/ormsh", *args], input=lines, capture_output=True, text=True, timeout=60)


def plain(answer):
    """What both databases must agree on."""
    if "error" in answer:
        first = answer["message"].split("\n")[0]
        of_database = answer["error"] == "IntegrityError"
        return {"error": answer["error"], "message": "" if of_database else first}
    return answer


def check_lines(url):
    lines = []
    for line in read("lines.txt").splitlines():  # a block is one statement, and has one answer
        if line.startswith((" ", "else:", "except")):
            lines[-1] += "\n" + line
        elif line and not line.startswith("#"):
            lines.append(line)
    got = ormsh("--db", url, "--inspect", "--json", lines="\n".join(lines) + "\n")
    if got.returncode:
        fault(f"status {got.returncode}: {got.stderr}")
    answers = [plain(json.loads(line)) for line in got.stdout.splitlines()]
    path = os.path.join(HERE, "expected.ndjson")
    if UPDATE:
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(json.dumps(a, ensure_ascii=False) + "\n" for a in answers)
    expected = [json.loads(line) for line in read("expected.ndjson").splitlines()]
    if len(answers) != len(lines) or len(expected) != len(lines):
        fault(f"{len(lines)} lines, {len(answers)} answers, {len(expected)} expected")
    for line, answer, want in zip(lines, answers, expected):
        if answer != want:
            fault(f"{line}\n    got  {json.dumps(answer)}\n    want {json.dumps(want)}")


def check_options(url):
    first = json.loads(ormsh("--db", url, "--json", "--sql", "LibTag.objects.filter(pk=1)").stdout)
    if first["rows"] != [{"id": 1, "name": "a"}] or len(first["sql"]) != 1 or "lib_tag" not in first["sql"][0]:
        fault(f"--sql: {first}")
    lines = 'LibTag.objects.create(name="z")\nLibTag.objects.filter(name="z").count()\n'
    answers = [json.loads(a) for a in ormsh("--db", url, "--json", "--rollback", lines=lines).stdout.splitlines()]
    if "rows" not in answers[0] or answers[1] != {"value": 0}:
        fault(f"--rollback: {answers}")
    for args in ([], ["--db", url, "--nonsense"], ["--db", "sqlite:///no/such/folder/x.db"], ["--db", "nothing://x"],
                 ["--db", "postgresql://127.0.0.1:1/none?connect_timeout=2"]):
        if ormsh(*args, lines="").returncode != 2:
            fault(f"{args}: status is not 2")
    table = ormsh("--db", url, lines="LibTag.objects.order_by('id')\n")
    if "id  name" not in table.stdout or "(2 rows)" not in table.stdout or "-- 1 query" not in table.stdout:
        fault(f"table: {table.stdout}")


def check_person(url):
    """At a terminal: a prompt, completion of models and paths, the history's last line again, a block, ^C, pasted lines."""
    place = tempfile.mkdtemp()
    history = os.path.join(place, "history")
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.environ["ORMSH_HISTORY"] = history
        os.execv(f"{BIN}/ormsh", ["ormsh", "--db", url, "--inspect"])
    seen = b""

    def wait_for(text):
        nonlocal seen
        deadline = time.monotonic() + 20
        while text not in seen:
            ready, _, _ = select.select([fd], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                fault(f"terminal: no {text!r} in {seen!r}")
                return
            try:
                seen += os.read(fd, 4096)
            except OSError:
                fault(f"terminal: ended without {text!r}: {seen!r}")
                return
        seen = seen[seen.index(text) + len(text):]

    wait_for(b"orm> ")
    os.write(fd, b"LibTa\t.objects.count()\r")
    wait_for(b"2\r\n")
    wait_for(b"orm> ")
    os.write(fd, b"\x10\r")  # the line before
    wait_for(b"2\r\n")
    wait_for(b"orm> ")
    os.write(fd, b"LibBook.objects.filter(writer__na\t='nobody').count()\r")
    wait_for(b"0\r\n")
    wait_for(b"SELECT COUNT(*)")  # statements are shown
    wait_for(b"-- 1 query")
    wait_for(b"orm> ")
    os.write(fd, b"for t in LibTag.objects.order_by('id'):\r  print(t.id, f'<{t.name}>')\r")
    wait_for(b"...  ")
    os.write(fd, b"\r")
    wait_for(b"1 <a>\r\n")
    wait_for(b"orm> ")
    os.write(fd, b"LibTag.objects.filter(\r")  # an open bracket goes on
    wait_for(b"...  ")
    os.write(fd, b"id=1).count()\r")
    wait_for(b"1\r\n")
    wait_for(b"orm> ")
    os.write(fd, b"for t in LibTag.objects.all():\r")
    wait_for(b"...  ")
    os.write(fd, b"\x03")  # with all that was typed
    wait_for(b"orm> ")
    os.write(fd, b"LibTag.objects.nonsense\x03")
    wait_for(b"orm> ")
    os.write(fd, b"n = 20 + 1\r\nn * 2\r\n")  # pasted with the ends of another system
    wait_for(b"42\r\n")
    wait_for(b"orm> ")
    os.write(fd, b"LibTag.objects.count()\r\x04")  # the end is typed ahead, while the terminal is in line mode or not yet
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        # Read on: a terminal's settings are given back when its output has been taken
        if select.select([fd], [], [], 0.05)[0]:
            try:
                os.read(fd, 4096)
            except OSError:  # EIO: the other end is closed
                pass
        if os.waitpid(pid, os.WNOHANG)[0]:
            break
    else:
        fault("terminal: the end of input does not end the shell")
        os.kill(pid, 9)
        os.waitpid(pid, 0)
    os.close(fd)
    lines = open(history, encoding="utf-8").read() if os.path.exists(history) else ""
    if "LibTag.objects.count()" not in lines or os.stat(history).st_mode & 0o777 != 0o600:
        fault(f"history: {lines!r}")
    shutil.rmtree(place)


def check_interrupt(url):
    """^C ends the statement that runs, not the shell; the same scope works on."""
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.environ["ORMSH_HISTORY"] = ""
        os.execv(f"{BIN}/ormsh", ["ormsh", "--db", url, "--inspect"])
    seen = b""

    def read_until(text, seconds):
        nonlocal seen
        end = time.monotonic() + seconds
        while text not in seen and time.monotonic() < end:
            if select.select([fd], [], [], 0.1)[0]:
                try:
                    seen += os.read(fd, 4096)
                except OSError:
                    return False
        found = text in seen
        seen = seen[seen.index(text) + len(text):] if found else seen
        return found

    read_until(b"orm> ", 20)
    slow = ", ".join(f"x{i}=F('libwriter__libbook__id') + {i}" for i in range(2))
    joins = "LibBook.objects" + "".join(f".filter(writer__libbook__writer__libbook__id__gt={-i})" for i in range(1, 12))
    os.write(fd, f"{joins}.annotate({slow.replace('libwriter__libbook__id', 'id')}).count()\r".encode())
    read_until(b"\r\n", 5)
    for _ in range(40):  # it may be over before; the line that follows decides
        os.write(fd, b"\x03")
        if read_until(b"orm> ", 0.25):
            break
    os.write(fd, b"LibTag.objects.count() + 40\r")
    if not read_until(b"42", 30):
        fault(f"after ^C: {seen[-300:]!r}")
    os.close(fd)
    os.waitpid(pid, 0)


def check_lesson(url):
    got = subprocess.run([f"{BIN}/n1_lesson", "--db", url], capture_output=True, text=True, timeout=60)
    if UPDATE:
        with open(os.path.join(HERE, "lesson.txt"), "w", encoding="utf-8") as f:
            f.write(got.stdout)
    if got.returncode or got.stdout != read("lesson.txt"):
        fault(f"the lesson differs: {got.stderr}\n{got.stdout}")


def run(url):
    check_options(url)
    check_person(url)
    check_interrupt(url)
    check_lesson(url)
    check_lines(url)


if KIND == "sqlite":
    import sqlite3
    with tempfile.TemporaryDirectory() as place:
        db = sqlite3.connect(f"{place}/lib.db")
        db.executescript(read("sqlite.sql") + read("rows.sql"))
        db.close()
        run(f"sqlite://{place}/lib.db")
else:
    base = os.environ["N1_TEST_PG_URL"]
    schema = f"shell_{os.getpid()}"
    psql = ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", base]
    script = f"create schema {schema}; set timezone to 'UTC'; set search_path to {schema};\n"
    subprocess.run(psql, input=script + read("postgres.sql") + read("rows.sql"), text=True, check=True)
    try:
        run(base + ("&" if "?" in base else "?") + f"options=-csearch_path%3D{schema}")
    finally:
        subprocess.run(psql, input=f"set client_min_messages to error; drop schema {schema} cascade", text=True, check=True)
print(f"shell_test: {KIND}, {len(faults)} faults")
sys.exit(1 if faults else 0)
