"""Programs of other kinds: another C library, no linker, another word size; PHP as a server's pages are run."""
import os
import shutil
import socket
import struct
import time

from harness import PYTHON, case, expect, expect_equal

SAYS = """#include <stdio.h>
#include <unistd.h>
int main(int count, char **words)
{
    puts("it runs");
    fflush(stdout);
    if (count > 1)
        execvp(words[1], words + 1);
    return 7;
}
"""
BARE = 'void _start(void) { __asm__ volatile("int $0x80" ::"a"(1), "b"(7)); __builtin_unreachable(); }\n'


@case
def foreign_programs(the_case):
    """They run as ever, also as children of recorded programs; the wrapper and the doctor say what cannot be seen."""
    for name, text in (("says.c", SAYS), ("bare.c", BARE)):
        with open(the_case.path(name), "w", encoding="utf-8") as file:
            file.write(text)
    kinds = {
        "musl": (("musl-gcc",), "says.c", None, 0, "musl"),
        "musl_static": (("musl-gcc", "-static"), "says.c", "statically linked", 1, "statically linked"),
        "static": (("cc", "-static"), "says.c", "statically linked", 1, "statically linked"),
        "static_pie": (("cc", "-static-pie"), "says.c", "statically linked", 1, "statically linked"),
        "32_bits": (("cc", "-m32", "-nostdlib", "-static"), "bare.c", "a 32-bit program", 1, "a 32-bit program"),
    }
    for name, (compiler, source, warning, doctors, verdict) in kinds.items():
        program = the_case.path(name)
        the_case.run(*compiler, "-o", program, the_case.path(source))
        wanted = "it runs\n" if source == "says.c" else ""
        run = the_case.run(the_case.n1prof, "record", "-o", the_case.path("trace"), "--", program, status=7)
        expect_equal(run.out, wanted, f"{name}: output")
        expect(warning is None and run.err == "" or warning is not None and warning in run.err, f"{name}:", run)
        doctor = the_case.run(the_case.n1prof, "doctor", program, status=doctors)
        expect(verdict in doctor.out, f"{name}:", doctor)
        child = the_case.run(the_case.n1prof, "record", "-o", the_case.path("trace"), "--", "sh", "-c", f"{program}; true")
        expect_equal(child.out, wanted, f"{name}: output as a child")
    chain = [the_case.path(name) for name in ("musl", "static", "musl_static")]
    report, run = the_case.profile(*chain, the_case.program("shop_sqlite"), the_case.shop(), "slow", status=None)
    expect_equal(run.out[:24], "it runs\n" * 3, "output of a chain")
    expect(report["totals"]["statements"] > 100, "what a chain of them started was not seen:", report["totals"])


PAGE = """<?php
$db = new PDO('sqlite::memory:');
$db->exec('CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT)');
for ($i = 1; $i <= 30; $i++)
    $db->exec("INSERT INTO author VALUES ($i, 'author $i')");
function nameOf($db, $id) {
    $statement = $db->prepare('SELECT name FROM author WHERE id = ?');
    $statement->execute([$id]);
    return $statement->fetchColumn();
}
foreach ($db->query('SELECT id FROM author')->fetchAll() as $row)
    echo nameOf($db, $row['id']), "\\n";
"""


def php_page(the_case):
    """A page in a folder that any user may read."""
    folder = the_case.path("www")
    os.makedirs(folder, exist_ok=True)
    os.chmod(the_case.dir, 0o755)
    page = os.path.join(folder, "page.php")
    with open(page, "w", encoding="utf-8") as file:
        file.write(PAGE)
    return page


def check_page(report, pages):
    found = [f for f in report["findings"] if f["kind"] == "n_plus_one"]
    expect_equal([(f["confidence"], f["child"]["executions"], f["child"]["location"]["function"]) for f in found],
                 [("proven", 30 * pages, "nameOf")], "findings")
    expect(report["trace"]["complete"] and report["trace"]["lost_events"] == 0, "incomplete:", report["trace"])


@case
def php_cgi(the_case):
    page = php_page(the_case)
    report, run = the_case.profile("php-cgi", "-q", page)
    expect(run.out.count("author ") == 30, "the page:", run)
    check_page(report, 1)


def fast_cgi(path, script):
    """One request; the answer, headers and all."""
    def record(kind, content):
        return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content
    variables = {"SCRIPT_FILENAME": script, "REQUEST_METHOD": "GET", "SCRIPT_NAME": "/page.php", "QUERY_STRING": ""}
    names = b"".join(bytes((len(k), len(v))) + (k + v).encode() for k, v in variables.items())
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(path)
        connection.sendall(record(1, struct.pack(">HB5x", 1, 0)) + record(4, names) + record(4, b"") + record(5, b""))
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer.decode("latin-1")


@case
def php_fpm(the_case):
    """A master process, workers under another user's rights, three requests; ended by a signal as an init system does."""
    page = php_page(the_case)
    program = shutil.which("php-fpm8.2") or "/usr/sbin/php-fpm8.2"
    user = "user = nobody\ngroup = nogroup\nlisten.owner = root\n" if os.geteuid() == 0 else ""
    sock = the_case.path("fpm.sock")
    with open(the_case.path("fpm.conf"), "w", encoding="utf-8") as file:
        file.write(f"[global]\nerror_log = {the_case.path('fpm.log')}\npid = {the_case.path('fpm.pid')}\ndaemonize = no\n"
                   f"[www]\n{user}listen = {sock}\nlisten.mode = 0600\npm = static\npm.max_children = 2\n")
    child = os.fork()
    if child == 0:
        status = 1
        try: # asks when it listens, then ends the master
            for _ in range(400):
                if os.path.exists(sock) and os.path.exists(the_case.path("fpm.pid")):
                    break
                time.sleep(0.05)
            answers = [fast_cgi(sock, page) for _ in range(3)]
            status = 0 if all(answer.count("author ") == 30 for answer in answers) else 2
        finally:
            with open(the_case.path("fpm.pid"), encoding="ascii") as file:
                os.kill(int(file.read()), 3)
            os._exit(status)
    options = ("-R",) if os.geteuid() == 0 else ()
    report, _ = the_case.profile(program, "-F", *options, "-y", the_case.path("fpm.conf"))
    expect_equal(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0, "the client of the pages")
    check_page(report, 3)


MANY = """import sqlite3
db = sqlite3.connect(":memory:")
db.execute("CREATE TABLE t (x)")
def batch(rows):
    db.cursor().executemany("INSERT INTO t VALUES (?)", rows)
def loop(rows):
    for row in rows:
        db.cursor().execute("INSERT INTO t VALUES (?)", row)
rows = [(i,) for i in range(50)]
batch(rows)
batch(iter(rows))
db.executemany("INSERT INTO t VALUES (?)", rows)
loop(rows)
print(db.execute("SELECT count(*) FROM t").fetchone()[0])
"""


@case
def executemany(the_case):
    """The batch form of the database interface is no loop of the user's; a loop beside it is."""
    script = the_case.path("many.py")
    with open(script, "w", encoding="utf-8") as file:
        file.write(MANY)
    report, run = the_case.profile(PYTHON, script, options=("--keep", the_case.path("trace")))
    expect_equal(run.out, "200\n", "output")
    expect_equal([(f["kind"], f["child"]["location"]["function"], f["evidence"]["executions"]) for f in report["findings"]],
                 [("write_loop", "loop", 50)], "findings")
    dump = the_case.run(the_case.n1prof, "dump", the_case.path("trace")).out
    expect_equal(dump.count('"function":"executemany"'), 151, "executions below executemany, its BEGIN among them")


LOOK_UPS = """import sqlite3
db = sqlite3.connect(":memory:")
db.execute("CREATE TABLE t AS WITH RECURSIVE n(x) AS (SELECT 1000 UNION ALL SELECT x + 7 FROM n WHERE x < 1200) SELECT x, -x AS y FROM n")
def look_up(x):
    return db.execute("SELECT y FROM t WHERE x = ?", (x,)).fetchone()[0]
print(sum(look_up(x) for (x,) in db.execute("SELECT x FROM t").fetchall()))
"""


@case
def python_of_other_versions(the_case):
    """Interpreters that say they are of a version nobody knows (3.14), or of one whose fields lie elsewhere: the layout is looked at
    before it is believed, so they run as ever, every statement is recorded, and the call paths are native. The interpreter is a
    copy of the system's whose Py_Version says something else."""
    with open(os.path.realpath(PYTHON), "rb") as file:
        program = file.read()
    hexversion = int(the_case.run(PYTHON, "-c", "import sys; print(sys.hexversion)").out)
    word = struct.pack("<Q", hexversion)
    expect_equal(program.count(word), 1, "places of Py_Version")
    script = the_case.path("look_ups.py")
    with open(script, "w", encoding="utf-8") as file:
        file.write(LOOK_UPS)
    own = hexversion >> 16 & 0xff
    for minor in (own, 8, 9, 10, 11, 12, 13, 14, 99):
        copy = the_case.path(f"python3.{minor}")
        with open(copy, "wb") as file:
            file.write(program.replace(word, struct.pack("<Q", hexversion & ~0xff0000 | minor << 16)))
        os.chmod(copy, 0o755)
        home = {"PYTHONHOME": the_case.run(PYTHON, "-c", "import sys; print(sys.base_prefix)").out.strip()}
        report, run = the_case.profile(copy, script, env=home)
        expect_equal((run.out, run.err), ("-33045\n", ""), f"3.{minor}: output")
        expect_equal(report["totals"]["statements"], 32, f"3.{minor}: statements")
        loops = [q for q in report["queries"] if q["sql"].startswith("SELECT y")]
        expect_equal([loop["executions"] for loop in loops], [30], f"3.{minor}: look-ups")
        languages = {frame["language"] for loop in loops for frame in loop["stack"]}
        expect_equal(languages, {"c", "python"} if minor == own else {"c"}, f"3.{minor}: languages of the call path")
