"""What Python's sqlite3 does, said aloud: run.py compares the output with and without the profiler."""
import contextlib
import ctypes
import datetime
import decimal
import os
import signal
import sqlite3
import sys
import threading

libc = ctypes.CDLL(None, use_errno=True)


def say(*words):
    print(*(repr(word) for word in words))


def tried(function, *arguments):
    """The result, or the error with its code; and that errno and the signal mask are as they were."""
    ctypes.set_errno(71)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    try:
        result = function(*arguments)
        say("gives", result if not isinstance(result, (sqlite3.Cursor, sqlite3.Connection)) else type(result).__name__)
    except Exception as error:
        say(type(error).__name__, str(error), getattr(error, "sqlite_errorname", None), getattr(error, "sqlite_errorcode", None))
    say("errno", ctypes.get_errno(), "mask", sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])) == sorted(mask))


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __conform__(self, protocol):
        return f"{self.x};{self.y}" if protocol is sqlite3.PrepareProtocol else None


class Median:
    def __init__(self):
        self.values = []

    def step(self, value):
        self.values.append(value)

    def inverse(self, value):
        self.values.remove(value)

    def value(self):
        return sorted(self.values)[len(self.values) // 2]

    finalize = value


def values(db):
    db.execute("CREATE TABLE v (id INTEGER PRIMARY KEY, x)")
    for value in (None, 0, -1, 2**63 - 1, -2**63, 1.5, float("inf"), "", "caf\u00e9 \U0001f40d", "a\0b", b"", b"\0\1", bytearray(b"ba"),
                  memoryview(b"mv"), True, decimal.Decimal("1.5"), Point(1, 2), datetime.date(2024, 2, 29), 2**63, object, "\ud800"):
        tried(lambda: db.execute("INSERT INTO v (x) VALUES (?) RETURNING id, x, typeof(x)", (value,)).fetchall())
    tried(db.execute, "SELECT :a + :b", {"a": 1})
    tried(lambda: db.execute("SELECT :a + :b", {"a": 1, "b": 2}).fetchone())
    tried(lambda: db.execute("SELECT ?2, ?1", (1, 2)).fetchone())
    tried(db.execute, "SELECT ?", ())
    tried(db.execute, "SELECT ?", (1, 2))
    tried(lambda: db.execute("SELECT " + ", ".join(["?"] * 300), list(range(300))).fetchone()[::50])
    tried(lambda: db.execute("SELECT " + ", ".join(f"'{n}'" for n in range(200))).fetchone()[::50])
    tried(lambda: len(db.execute("SELECT ?", ("x" * 5_000_000,)).fetchone()[0]))


def errors(db):
    for sql in ("", "   -- nothing", "SELEC 1", "SELECT * FROM missing", "SELECT 1; SELECT 2", "INSERT INTO v (id) VALUES (1)",
                "INSERT INTO v VALUES (1, 2, 3)", "SELECT 'unclosed", "SELECT abs(-9223372036854775808)", "SELECT zeroblob(1e12)",
                "CREATE TABLE v (x)", "SELECT load_extension('none')", "PRAGMA page_size", "EXPLAIN QUERY PLAN SELECT 1", "select \0 1"):
        tried(lambda: db.execute(sql).fetchall())
    db.execute("CREATE TABLE c (a INTEGER NOT NULL CHECK (a > 0), b UNIQUE, v REFERENCES v DEFERRABLE INITIALLY DEFERRED)")
    db.execute("PRAGMA foreign_keys = ON")
    for row in ((None, 1, None), (0, 1, None), (1, 1, None), (2, 1, None), (3, 3, 999)):
        tried(db.execute, "INSERT INTO c VALUES (?, ?, ?)", row)
    tried(db.commit)
    tried(db.rollback)


def fetching(db):
    cursor = db.cursor()
    cursor.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT i, i * i AS square FROM n")
    say(cursor.description, cursor.fetchone(), cursor.fetchmany(3), next(cursor), len(cursor.fetchall()), cursor.fetchone())
    cursor.arraysize = 5
    cursor.execute("SELECT x FROM v")
    say(len(cursor.fetchmany()), cursor.rowcount, cursor.lastrowid)
    cursor.close()
    tried(cursor.fetchone)
    db.row_factory = sqlite3.Row
    row = db.execute("SELECT 1 AS a, 'b' AS b").fetchone()
    say(tuple(row), row["A"], row.keys(), row == db.execute("SELECT 1 AS a, 'b' AS b").fetchone())
    db.row_factory = None
    outer = db.cursor()
    for (number,) in outer.execute("SELECT id FROM v ORDER BY id LIMIT 10"):
        for (inner,) in db.execute("SELECT x FROM v WHERE id = ?", (number,)):
            say(number, inner)
        if number == 5:
            tried(outer.execute, "SELECT id FROM v WHERE id > 7")


def writing(db):
    cursor = db.cursor()
    cursor.execute("CREATE TABLE w (id INTEGER PRIMARY KEY, x)")
    cursor.executemany("INSERT INTO w (x) VALUES (?)", ((i * i,) for i in range(50)))
    say(cursor.rowcount, cursor.lastrowid, db.total_changes, db.in_transaction)
    tried(cursor.executemany, "SELECT ?", [(1,)])
    tried(cursor.executemany, "INSERT INTO w (x) VALUES (?)", [(1,), (1, 2), (3,)])
    cursor.execute("UPDATE w SET x = x + 1 WHERE id % 2")
    say(cursor.rowcount, db.in_transaction)
    db.rollback()
    tried(lambda: cursor.execute("SELECT count(*) FROM w").fetchone())
    tried(cursor.executescript, "CREATE TABLE s (a); INSERT INTO s VALUES (1); -- done\nINSERT INTO s VALUES (2); SELECT a FROM s;")
    tried(cursor.executescript, "INSERT INTO s VALUES (3); INSERT INTO nowhere VALUES (1); INSERT INTO s VALUES (4)")
    say(db.execute("SELECT a FROM s").fetchall(), db.in_transaction)
    with contextlib.suppress(ZeroDivisionError), db:
        db.execute("DELETE FROM s")
        say(1 / 0)
    say(db.execute("SELECT count(*) FROM s").fetchone())
    db.isolation_level = None
    for sql in ("BEGIN IMMEDIATE", "SAVEPOINT a", "DELETE FROM s", "ROLLBACK TO a", "RELEASE a", "COMMIT", "COMMIT"):
        tried(db.execute, sql)
        say(sql, db.in_transaction)
    db.isolation_level = "DEFERRED"


def callbacks(db):
    db.create_function("twice", 1, lambda value: value * 2, deterministic=True)
    db.create_function("fails", 0, lambda: 1 / 0)
    db.create_function("asks", 1, lambda key: db.execute("SELECT x FROM s2 WHERE k = ?", (key,)).fetchone()[0])
    db.create_aggregate("median", 1, Median)
    db.create_window_function("moving", 1, Median)
    db.create_collation("backwards", lambda a, b: (a < b) - (a > b))
    db.executescript("CREATE TABLE s2 (k, x); INSERT INTO s2 VALUES (1, 'one'), (2, 'two'), (3, 'three');")
    for sql in ("SELECT twice(21), twice('ab')", "SELECT fails()", "SELECT asks(k) FROM s2", "SELECT median(k) FROM s2",
                "SELECT moving(k) OVER (ORDER BY k ROWS 1 PRECEDING) FROM s2", "SELECT x FROM s2 ORDER BY x COLLATE backwards",
                "SELECT asks(9)", "SELECT x FROM s2 WHERE x = asks(k)"):
        tried(lambda: db.execute(sql).fetchall())
    seen = []
    db.set_trace_callback(seen.append)
    db.execute("SELECT x FROM s2 WHERE k = ?", (2,)).fetchall()
    db.set_trace_callback(None)
    say(seen)
    db.set_authorizer(lambda action, a, b, c, d: sqlite3.SQLITE_DENY if a == "s2" and b == "x" else sqlite3.SQLITE_OK)
    tried(lambda: db.execute("SELECT k FROM s2").fetchall())
    tried(lambda: db.execute("SELECT x FROM s2").fetchall())
    db.set_authorizer(None)
    slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    db.set_progress_handler(lambda: 1, 1000)
    tried(db.execute, slow)
    db.set_progress_handler(None, 0)
    timer = threading.Timer(0.05, db.interrupt)
    timer.start()
    tried(db.execute, slow)
    timer.join()


def signals(db):
    """A signal's handler in Python asks the database while it runs."""
    got = []
    signal.signal(signal.SIGALRM, lambda number, frame: got.append(db.execute("SELECT 7").fetchone()))
    for _ in range(20):
        signal.raise_signal(signal.SIGALRM)
        db.execute("SELECT count(*) FROM v").fetchall()
    say(len(got), set(got))
    blocked = {signal.SIGUSR1, signal.SIGXFSZ}
    signal.pthread_sigmask(signal.SIG_BLOCK, blocked)
    db.execute("SELECT 1").fetchall()
    say(sorted(signal.pthread_sigmask(signal.SIG_UNBLOCK, blocked)))


def files():
    db = sqlite3.connect("a.db", timeout=0)
    other = sqlite3.connect("a.db", timeout=0)
    db.execute("CREATE TABLE t (x)")
    db.execute("BEGIN IMMEDIATE")
    tried(other.execute, "BEGIN IMMEDIATE")
    db.rollback()
    tried(sqlite3.connect, "/nonexistent/folder/x.db")
    tried(sqlite3.connect, "file:a.db?mode=ro&cache=private", 0, 0, "", True, sqlite3.Connection, 8, True)
    copy = sqlite3.connect(":memory:")
    db.execute("INSERT INTO t VALUES (1), (2)")
    db.commit()
    steps = []
    db.backup(copy, pages=1, progress=lambda status, left, total: steps.append((status, left, total)))
    say(steps, list(copy.iterdump()), len(db.serialize()))
    copy.deserialize(db.serialize())
    copy.execute("CREATE TABLE b (x BLOB)")
    copy.execute("INSERT INTO b VALUES (zeroblob(8))")
    with copy.blobopen("b", "x", 1) as blob:
        blob.write(b"abc")
        blob[4] = 65
        say(len(blob), blob[:5])
    tried(copy.blobopen, "b", "x", 9)
    say(copy.getlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH), copy.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, 20))
    tried(copy.execute, "SELECT 'longer than twenty characters'")
    for connection in (db, other, copy):
        connection.close()
    tried(db.execute, "SELECT 1")
    tried(other.close)
    os.remove("a.db")


def threads():
    db = sqlite3.connect("t.db", check_same_thread=False, timeout=30)
    db.execute("CREATE TABLE t (x)")
    db.commit()
    results, lock = [], threading.Lock()

    def work(number):
        own = sqlite3.connect("t.db", timeout=30)
        for i in range(10):
            with own:
                own.execute("INSERT INTO t VALUES (?)", (number * 100 + i,))
        total = own.execute("SELECT count(*) FROM t WHERE x / 100 = ?", (number,)).fetchone()
        own.close()
        with lock:
            results.append((number, total))
    pool = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in pool:
        thread.start()
    for thread in pool:
        thread.join()
    say(sorted(results), db.execute("SELECT count(*), sum(x) FROM t").fetchone())
    child = os.fork()
    if child == 0:
        own = sqlite3.connect("t.db")
        os._exit(own.execute("SELECT count(*) FROM t").fetchone()[0] % 200)
    say(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    db.close()


def main():
    db = sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES)
    for part in (values, errors, fetching, writing, callbacks, signals):
        print("#", part.__name__)
        part(db)
    files()
    threads()
    del db
    sys.stdout.flush()


main()
