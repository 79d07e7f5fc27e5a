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
    lines = [line for line in read("lines.txt").splitlines() if line and not line.startswith("#")]
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
    """At a terminal: a prompt, completion of model names, the history's last line again."""
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
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
