"""Every way in which a program can reach its client library: linked by an interpreter's module (RTLD_LOCAL), loaded with
RTLD_DEEPBIND (PHP), asked for by name (ctypes, psycopg 3), copies under other names, several at once. The same loop
each time: 12 books, an author each; nothing may be missed and nothing counted twice."""
import os
import re
import shutil
import struct

from harness import PYTHON, case, database_of, expect, expect_equal

BOOKS = 12
OUTPUT = "".join(f"book {i} by author {13 - i}\n" for i in range(1, BOOKS + 1))


def executions(report, start):
    return sum(q["executions"] for q in report["queries"] if q["sql"].upper().startswith(start))


def check_loop(the_case, *program, copies=1, env=None):
    """The program's output is right, and the recording holds each loop once: one query for the books, one for each author."""
    report, run = the_case.profile(*program, env=env)
    expect_equal(run.out, OUTPUT * copies, "output")
    expect_equal(run.err, "", "standard error")
    expect_equal(executions(report, "SELECT ID, AUTHOR_ID"), copies, "queries for books")
    expect_equal(executions(report, "SELECT NAME"), BOOKS * copies, "queries for authors")
    expect_equal(executions(report, "INSERT INTO AUTHOR"), BOOKS * copies, "authors made")
    expect_equal(executions(report, "CREATE TABLE AUTHOR"), copies, "tables made")
    expect_equal(report["trace"]["lost_events"], 0, "lost events")
    loops = [f for f in report["findings"] if f["kind"] == "n_plus_one"]
    expect_equal([f["confidence"] for f in loops], ["proven"] * len(loops), "confidences")
    expect_equal(sum(f["evidence"]["executions"] for f in loops), BOOKS * copies, "executions in findings")
    expect_equal({f["evidence"]["matched_parameters"] for f in loops}, {BOOKS}, "matched parameters")
    return report


def script(the_case, name):
    return the_case.source("tests", "programs", "scripts", name)


def php_dsn(url):
    host, port = re.search(r"@([^:/]+):(\d+)/", url).groups()
    return f"pgsql:host={host};port={port};user=postgres;dbname={database_of(url)}"


@case
def php_pdo_sqlite(the_case):
    check_loop(the_case, "php", "-n", "-d", "extension=pdo", "-d", "extension=pdo_sqlite", script(the_case, "loop_pdo.php"),
               "sqlite::memory:")


@case
def php_pdo_postgres(the_case):
    check_loop(the_case, "php", "-n", "-d", "extension=pdo", "-d", "extension=pdo_pgsql", script(the_case, "loop_pdo.php"),
               php_dsn(the_case.postgres()))


@case
def php_sqlite3(the_case):
    check_loop(the_case, "php", "-n", "-d", "extension=sqlite3", script(the_case, "loop_sqlite3.php"), ":memory:")


@case
def without_the_auditor(the_case):
    """N1PROF_AUDIT=off takes it out: PHP is not seen then, and what is only preloaded is."""
    off = {"N1PROF_AUDIT": "off"}
    report, run = the_case.profile("php", "-n", "-d", "extension=sqlite3", script(the_case, "loop_sqlite3.php"), ":memory:",
                                   env=off)
    expect_equal(run.out, OUTPUT, "output")
    expect_equal(report["totals"]["statements"], 0, "statements")
    check_loop(the_case, "perl", script(the_case, "loop_dbi.pl"), "dbi:SQLite:dbname=:memory:", env=off)


@case
def python_ctypes(the_case):
    check_loop(the_case, PYTHON, script(the_case, "loop_ctypes.py"), "libsqlite3.so.0")


@case
def python_ctypes_global(the_case):
    """dlsym(RTLD_DEFAULT): the library is in the global scope, where we stand first."""
    check_loop(the_case, PYTHON, script(the_case, "loop_ctypes.py"), "None", env={"LD_PRELOAD": "libsqlite3.so.0"})


@case
def python_psycopg3(the_case):
    check_loop(the_case, PYTHON, script(the_case, "loop_psycopg.py"), the_case.postgres())


@case
def perl_dbi_sqlite(the_case):
    check_loop(the_case, "perl", script(the_case, "loop_dbi.pl"), "dbi:SQLite:dbname=:memory:")


@case
def perl_dbi_postgres(the_case):
    dsn = php_dsn(the_case.postgres()).replace("pgsql:", "dbi:Pg:").replace("user=postgres;", "")
    check_loop(the_case, "perl", script(the_case, "loop_dbi.pl"), dsn, "postgres")


@case
def ruby_sqlite3(the_case):
    check_loop(the_case, "ruby", script(the_case, "loop_sqlite3.rb"), ":memory:")


@case
def ruby_pg(the_case):
    check_loop(the_case, "ruby", script(the_case, "loop_pg.rb"), the_case.postgres())


@case
def several_copies(the_case):
    """Two renamed copies and the system's library in one process, by dlsym: a pointer leads to the copy it was asked of. A handle
    that reached a stranger would crash or fail, since the copies share no state."""
    copies = [the_case.path(f"libbundled-{i}.so") for i in range(2)]
    for copy in copies:
        shutil.copyfile(the_case.program("victims/libsqlite_symbolic.so"), copy)
    check_loop(the_case, PYTHON, script(the_case, "loop_ctypes.py"), *copies, "libsqlite3.so.0", copies[0], copies=4)


@case
def deepbind_copies(the_case):
    """Plugins opened with RTLD_DEEPBIND, one on the system's library and one on a copy with a name of its own, beside
    Python's own module: each call reaches the library that its plugin was linked with."""
    for name in ("a", "b"):
        program = "import sqlite3, ctypes, sys\n" \
                  "sqlite3.connect(':memory:').execute('SELECT 1').fetchall()\n" \
                  "for path in sys.argv[1:]:\n" \
                  "    plugin = ctypes.CDLL(path, mode=ctypes.RTLD_LOCAL | 8)\n" \
                  "    argv = (ctypes.c_char_p * 3)(b'sqlite_calls', b'%s', None)\n" \
                  "    assert plugin.main(2, argv) == 0\n" % {"a": "loop", "b": "callback"}[name]
        plugins = [the_case.program(f"victims/sqlite_plugin_{kind}.so") for kind in ("system", "symbolic")]
        plain = the_case.run(PYTHON, "-c", program, *plugins)
        report, run = the_case.profile(PYTHON, "-c", program, *plugins)
        expect_equal((run.out, run.err), (plain.out, plain.err), "output")
        wanted = {"a": {"SELECT NAME FROM": 6, "SELECT ID, AUTHOR_ID": 2, "SELECT ?": 1},
                  "b": {"SELECT TITLE": 6, "SELECT ID, NAME": 2, "SELECT ?": 1}}[name]
        for start, count in wanted.items():
            expect_equal(executions(report, start), count, start)


def bind_to_itself(library, copy):
    """A copy that binds its calls to itself, as one linked -Bsymbolic does: a spare entry of its dynamic section becomes DT_SYMBOLIC."""
    with open(library, "rb") as file:
        image = bytearray(file.read())
    headers, = struct.unpack_from("<Q", image, 32)
    size, count = struct.unpack_from("<HH", image, 54)
    for at in range(headers, headers + size * count, size):
        kind, offset, length = struct.unpack_from("<I4xQ16xQ", image, at)
        if kind != 2: # PT_DYNAMIC
            continue
        for entry in range(offset, offset + length - 16, 16):
            if struct.unpack_from("<QQ", image, entry) == (0, 0):
                struct.pack_into("<Q", image, entry, 16)
                with open(copy, "wb") as file:
                    file.write(image)
                return
    expect(False, "no spare entry in", library)


@case
def libpq_bound_to_itself(the_case):
    """PQexec and its like in a copy whose calls to itself pass by the hooks: each statement once, texts of several included."""
    the_case.postgres()
    program = the_case.program("victims/libpq_calls")
    library = re.search(r"libpq\.so\.5 => (\S+)", the_case.run("ldd", program).out).group(1)
    bind_to_itself(library, the_case.path("libpq.so.5"))
    counts = {}
    for name, env in (("plain", None), ("itself", {"LD_LIBRARY_PATH": the_case.dir})):
        for way in ("sync", "scripts", "async", "pipeline", "copy", "loop", "sql_level", "describes"):
            report, run = the_case.profile(program, way, env=env)
            seen = {q["sql"]: q["executions"] for q in report["queries"]}
            expect_equal(counts.setdefault(way, (seen, run.out)), (seen, run.out), f"{name} {way}: executions and output")
            expect_equal(report["trace"]["lost_events"], 0, f"{name} {way}: lost events")


@case
def doctor(the_case):
    """Whether a program can be profiled, by status and by the reason that is given."""
    def write(name, text, mode=0o755):
        with open(the_case.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(the_case.path(name), mode)
        return the_case.path(name)

    source = write("nothing.c", "int main(void) { return 0; }\n")
    static, lonely, changer = (the_case.path(name) for name in ("static", "lonely", "changer"))
    the_case.run("cc", "-static", "-o", static, source)
    the_case.run("cc", "-o", lonely, source)
    shutil.copy(lonely, changer)
    if os.geteuid() == 0:
        os.chown(changer, 65534, 65534)
    os.chmod(changer, 0o4755)
    script = write("script.py", f"#!{PYTHON}\nimport sqlite3\nimport asyncpg\n")
    indirect = write("indirect", "#!/usr/bin/env -S perl -w\nuse DBI;\n")
    docker = write("docker", "#!/bin/sh\nexit 0\n")
    knower = the_case.path("knower") # knows the file format, as the sqlite3 shell and GDAL do, and has no engine
    the_case.run("cc", "-o", knower, write("knower.c", """#include <sqlite3.h>
        const char *const known[] = {"SQLite format 3", "type text, name text, tbl_name text, rootpage int, sql text"};
        int main(void) { return sqlite3_threadsafe() && known[1][0] == 't' ? 0 : 1; }\n"""), "-lsqlite3")
    beside = the_case.path("beside") # its library is beside the file, not beside the link
    os.makedirs(the_case.path("elsewhere"))
    the_case.run("cc", "-shared", "-fPIC", "-Wl,--no-as-needed,-soname,libbeside.so", "-o", the_case.path("libbeside.so"), source, "-lsqlite3")
    the_case.run("cc", "-o", beside, source, "-Wl,--no-as-needed,-rpath,$ORIGIN", the_case.path("libbeside.so"))
    finder = the_case.path("finder") # has dlsym() find dlopen(), as the images of Lisp do
    the_case.run("cc", "-D_GNU_SOURCE", "-o", finder, write("finder.c", """#include <dlfcn.h>
        int main(void) { return !dlsym(RTLD_DEFAULT, "dlopen"); }\n"""))
    foreign = write("shop.exe", "MZ\0\0")
    elsewhere = the_case.path("another_machine")
    with open(lonely, "rb") as file:
        image = bytearray(file.read())
    struct.pack_into("<H", image, 18, 183)  # e_machine: AArch64
    with open(elsewhere, "wb") as file:
        file.write(image)
    os.chmod(elsewhere, 0o755)
    named = {}
    for name in ("python3.13", "python3.14", "python3.13t", "ruby3.9", "php8.4", "perl5.42.0"):
        named[name] = shutil.copy(lonely, the_case.path(name))
    link = os.path.join(the_case.path("elsewhere"), "link")
    os.symlink(beside, link)
    cases = [
        ((link,), 0, "SQLite (/", "link can be profiled.\n"),
        ((the_case.program("shop_sqlite"),), 0, "SQLite (/", "shop_sqlite can be profiled.\n"),
        ((knower,), 0, "SQLite (/", "knower can be profiled.\n"),
        ((the_case.program("victims/sqlite_calls_symbolic"),), 0, "extensions are not seen (/", "can be profiled.\n"),
        ((PYTHON, script), 0, "Python's sqlite3, which is seen", "asyncpg cannot be seen."),
        ((script,), 0, "script of       " + PYTHON, "asyncpg cannot be seen."),
        ((indirect,), 0, "Perl's DBI", "provided that it loads"),
        (("php", "-r", "1;"), 0, "no client library", "provided that it loads"),
        (("sh", "-c", "true"), 0, "no client library", "as far as the programs go that it starts"),
        ((static,), 1, "program", "is statically linked.\nLink it dynamically"),
        ((lonely,), 1, "no client library", "it has no client library, cannot load one"),
        ((finder,), 0, "no client library", "provided that it loads"),
        ((elsewhere,), 1, "program", "is a program for another machine and n1prof's shim is for x86-64.\nUse a build of it"),
        ((named["python3.13"],), 1, "script frames   Python 3.13: read\n", ""),
        ((named["python3.14"],), 1, "script frames   Python 3.14: not read (3.9 to 3.13 are): places are native frames", ""),
        ((named["python3.13t"],), 1, "Python 3.13 without the interpreter lock: not read", ""),
        ((named["ruby3.9"],), 1, "Ruby 3.9: not read (3.0 to 3.4 are)", ""),
        ((named["php8.4"],), 1, "PHP 8.4: read\n", ""),
        ((named["perl5.42.0"],), 1, "Perl 5.42: read\n", ""),
        ((foreign,), 1, "program", "it is neither a program of this system nor a script"),
        ((docker, "run", "shop"), 1, "program", "run in a container"),
        ((the_case.program("victims/sqlite_entries_static"),), 1, "an SQLite of its own", "carries SQLite in itself"),
    ]
    if os.geteuid() == 0:
        cases.append(((changer,), 1, "program", "runs as another user"))
    for program, status, fact, verdict in cases:
        run = the_case.run(the_case.n1prof, "doctor", *program, status=status)
        expect(fact in run.out and verdict in run.out, f"wanted {fact!r} and {verdict!r}:", run)
    ordinary = the_case.run(the_case.n1prof, "doctor", knower)
    expect("calls itself" not in ordinary.out, "the system's SQLite is linked to be seen:", ordinary)
    known = the_case.run(the_case.n1prof, "run", knower)
    expect("of their own" not in known.err, "the recorder's word on it:", known)
    off = the_case.run(the_case.n1prof, "doctor", "--", "php", env={"N1PROF_AUDIT": "off"})
    expect("off (N1PROF_AUDIT)" in off.out, "the setting and where it is from:", off)
    for arguments in ((), ("n1-no-such-program",), ("--no-such-option", "true")):
        run = the_case.run(the_case.n1prof, "doctor", *arguments, status=2)
        expect_equal((run.out, run.err.count("\n")), ("", 1), "one line on standard error")


@case
def thread_local_storage(the_case):
    """A library with much of it, as jemalloc has, starts under the auditor too; ThreadSanitizer starts without it."""
    def compile(name, text, *options):
        with open(the_case.path(name + ".c"), "w", encoding="utf-8") as file:
            file.write(text)
        the_case.run("cc", "-O2", "-o", the_case.path(name), the_case.path(name + ".c"), *options)
        return the_case.path(name)

    compile("libtls.so", 'static __thread char big[4000] __attribute__((tls_model("initial-exec"))) = {1};\n'
                         "char *first(void) { return big; }\n", "-shared", "-fPIC")
    program = compile("program", "char *first(void);\nint main(void) { return *first() - 1; }\n", "-L" + the_case.dir,
                      "-ltls", "-Wl,-rpath," + the_case.dir)
    # The test bites: without the wrapper's reserve it does not start.
    auditor = the_case.path(the_case.build, "lib", "n1prof", "libn1prof_audit.so")
    the_case.run("env", "LD_AUDIT=" + auditor, program, status=127)
    for tunables in (None, "glibc.malloc.check=0"):
        report, run = the_case.profile(program, env={"GLIBC_TUNABLES": tunables} if tunables else None)
        expect_equal((run.out, run.err), ("", ""), "output")
    sanitized = the_case.path("sanitized")
    the_case.run("cc", "-g", "-fsanitize=thread", "-D_GNU_SOURCE", "-o", sanitized,
                 the_case.source("tests", "programs", "sqlite_calls.c"), "-lsqlite3", "-lpthread")
    report, run = the_case.profile(sanitized, "loop")
    expect_equal(executions(report, "SELECT NAME FROM AUTHOR"), 3, "look-ups")


@case
def titles(the_case):
    """Programs that write their title over arguments and environment find them in one piece, as without the profiler."""
    with open(the_case.path("title.c"), "w", encoding="utf-8") as file:
        file.write("#include <stdio.h>\n#include <string.h>\n#include <unistd.h>\n"
                   "int main(int count, char **words)\n{\n"
                   "    char *end = words[count - 1] + strlen(words[count - 1]) + 1, **word = environ;\n"
                   "    for (; *word && *word == end; word++)\n        end += strlen(end) + 1;\n"
                   '    printf("%s\\n", *word ? *word : "in one piece");\n    return 0;\n}\n')
    the_case.run("cc", "-D_GNU_SOURCE", "-o", the_case.path("title"), the_case.path("title.c"))
    for tunables in ("", "glibc.malloc.check=0"):
        for before, behind in (((), ()), (("FIRST=1",), ("LAST=1",))):
            names = (*before, f"GLIBC_TUNABLES={tunables}", *behind)
            run = the_case.run("env", "-i", *names, the_case.n1prof, "record", "-o", the_case.path("trace"), "--", the_case.path("title"))
            expect_equal((run.out, run.err), ("in one piece\n", ""), " ".join(names))


@case
def smallest_stacks(the_case):
    """The reserve is taken from threads' stacks; the smallest one that glibc allows must still do."""
    with open(the_case.path("small.c"), "w", encoding="utf-8") as file:
        file.write("#include <pthread.h>\n#include <stdio.h>\n"
                   "static void *run(void *data) { return data; }\n"
                   "int main(void)\n{\n    pthread_attr_t how;\n    pthread_t thread;\n    pthread_attr_init(&how);\n"
                   '    printf("%d ", pthread_attr_setstacksize(&how, 16384));\n'
                   '    printf("%d\\n", pthread_create(&thread, &how, run, NULL));\n'
                   "    return pthread_join(thread, NULL);\n}\n")
    the_case.run("cc", "-o", "small", "small.c", "-lpthread")
    run = the_case.run(the_case.n1prof, "record", "--", "./small")
    expect_equal((run.out, run.err), ("0 0\n", ""), "output")
