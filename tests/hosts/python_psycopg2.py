"""What psycopg2 does, said aloud: run.py compares the output with and without the profiler."""
import datetime
import decimal
import io
import os
import select
import signal
import threading
import uuid

import psycopg2
import psycopg2.errorcodes
import psycopg2.extensions
import psycopg2.extras

psycopg2.extras.register_uuid()


def say(*words):
    print(*(repr(word) for word in words))


def tried(function, *arguments):
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    try:
        say("gives", function(*arguments))
    except Exception as error:
        say(type(error).__name__, str(error).splitlines()[:1], getattr(error, "pgcode", None))
    if signal.pthread_sigmask(signal.SIG_BLOCK, []) != mask:
        say("mask changed")


def asked(db, sql, parameters=None):
    with db.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.statusmessage, cursor.rowcount, cursor.fetchall() if cursor.description else None


def values(db):
    asked(db, "CREATE TABLE v (id serial PRIMARY KEY, t text, n numeric, d timestamptz, b bytea, a int[], j jsonb, u uuid)")
    rows = [("Asha", 1, datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.timezone.utc), b"\0\xff", [1, None], {"a": 1}, uuid.UUID(int=7)),
            (None,) * 7, ("caf\u00e9 \U0001f40d", decimal.Decimal("1e-20"), None, b"", [], [], None), ("it's \\ %", 2**80, None, None, None, None, None)]
    for t, n, d, b, a, j, u in rows:
        tried(asked, db, "INSERT INTO v (t, n, d, b, a, j, u) VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id, t, n, d, a, j, u",
              (t, n, d, b, a, psycopg2.extras.Json(j), u))
    say([bytes(row[0]) if row[0] is not None else None for row in asked(db, "SELECT b FROM v ORDER BY id")[2]])
    for sql, parameters in (("SELECT %s", ()), ("SELECT %s", (1, 2)), ("SELECT %(a)s, %(b)s", {"a": 1, "b": None}), ("SELECT %s", (object,)),
                            ("SELECT 'a%%b'", ()), ("SELECT %s", ("a\0b",)), ("SELECT 1; SELECT 2", None), ("", None)):
        tried(asked, db, sql, parameters)
        db.rollback() if db.get_transaction_status() == psycopg2.extensions.TRANSACTION_STATUS_INERROR else db.commit()


def errors(db):
    for sql in ("SELEC 1", "SELECT * FROM missing", "INSERT INTO v (id) VALUES (1)", "SELECT 1 / 0", "SELECT 'x'::int"):
        tried(asked, db, sql)
        tried(asked, db, "SELECT 1")
        db.rollback()
    db.autocommit = True
    asked(db, "SET statement_timeout = 20")
    tried(asked, db, "SELECT pg_sleep(5)")
    asked(db, "RESET statement_timeout")
    asked(db, "DO $$ BEGIN RAISE NOTICE 'a notice'; END $$")
    say(db.notices[-1:])
    db.autocommit = False


def batches(db):
    with db.cursor() as cursor:
        cursor.executemany("INSERT INTO v (t) VALUES (%s)", [(f"many {i}",) for i in range(10)])
        say(cursor.rowcount)
        psycopg2.extras.execute_batch(cursor, "INSERT INTO v (t) VALUES (%s)", [(f"batch {i}",) for i in range(10)], page_size=4)
        say(psycopg2.extras.execute_values(cursor, "INSERT INTO v (t) VALUES %s RETURNING t", [(f"values {i}",) for i in range(7)], page_size=3, fetch=True))
        cursor.copy_from(io.StringIO("copied\t1\nagain\t2\n"), "v", columns=("t", "n"))
        out = io.StringIO()
        cursor.copy_expert("COPY (SELECT t FROM v WHERE n IN (1, 2) ORDER BY t) TO STDOUT", out)
        say(out.getvalue())
        tried(cursor.copy_from, io.StringIO("x\n"), "v", "\t", "\\N", 8192, ("n",))
    db.rollback()
    say(asked(db, "SELECT count(*) FROM v"))
    with db.cursor("named") as cursor:
        cursor.itersize = 3
        cursor.execute("SELECT i FROM generate_series(1, 10) i")
        say(cursor.fetchone(), cursor.fetchmany(2), [row[0] for row in cursor])
    with db.cursor("scrolls", scrollable=True) as cursor:
        cursor.execute("SELECT i FROM generate_series(1, 10) i")
        cursor.scroll(4)
        say(cursor.fetchone())
        cursor.scroll(-2)
        say(cursor.fetchone())
        tried(cursor.scroll, 100)
    with db.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
        cursor.execute("SELECT 1 AS a, 2 AS b")
        say(dict(cursor.fetchone()))
        cursor.execute("SELECT 1 AS a")
        cursor.execute("PREPARE p AS SELECT $1::int + 1 AS c")
        for i in range(3):
            cursor.execute("EXECUTE p (%s)", (i,))
            say(dict(cursor.fetchone()))
    db.commit()


def transactions(db):
    try:
        with db, db.cursor() as cursor:
            cursor.execute("DELETE FROM v")
            say(cursor.rowcount, 1 / 0)
    except ZeroDivisionError:
        say(asked(db, "SELECT count(*) FROM v"), db.status)
    db.rollback()
    other = psycopg2.connect("")
    asked(db, "LOCK TABLE v IN ACCESS EXCLUSIVE MODE")
    asked(other, "SET lock_timeout = 20")
    tried(asked, other, "SELECT count(*) FROM v")
    db.rollback()
    other.rollback()
    db.set_session(isolation_level="SERIALIZABLE", readonly=True)
    tried(asked, db, "DELETE FROM v")
    db.rollback()
    db.set_session(isolation_level="DEFAULT", readonly="DEFAULT")
    db.tpc_begin(db.xid(1, "branch", os.environ.get("PGOPTIONS", "")[-20:]))
    tried(db.tpc_rollback)
    large = db.lobject(0, "wb")
    large.write(b"large object")
    large.seek(0)
    say(large.read(), large.tell())
    large.unlink()
    db.commit()
    other.close()


def waited(connection):
    while True:
        state = connection.poll()
        if state == psycopg2.extensions.POLL_OK:
            return
        ends = ([connection.fileno()], []) if state == psycopg2.extensions.POLL_READ else ([], [connection.fileno()])
        select.select(*ends, [], 5)


def asynchronous():
    db = psycopg2.connect("", async_=True)
    waited(db)
    cursor = db.cursor()
    for sql in ("SELECT generate_series(1, 3)", "SELECT 1 / 0", "SELECT pg_sleep(0.01), 7", "SELECT repeat('x', 200000)"):
        def run():
            cursor.execute(sql)
            waited(db)
            return len(repr(cursor.fetchall()))
        tried(run)
    cursor.execute("LISTEN news")
    waited(db)
    cursor.execute("NOTIFY news, 'hello'")
    waited(db)
    db.poll()
    say([(n.channel, n.payload) for n in db.notifies])
    db.close()
    psycopg2.extensions.set_wait_callback(waited)
    green = psycopg2.connect("")
    tried(asked, green, "SELECT i FROM generate_series(1, 3) i")
    tried(asked, green, "SELECT 1 / 0")
    green.close()
    psycopg2.extensions.set_wait_callback(None)


def lives(db):
    db.commit()
    results, lock = [], threading.Lock()

    def work(number):
        own = psycopg2.connect("")
        total = sum(asked(own, "SELECT %s", (number * i,))[2][0][0] for i in range(10))
        own.close()
        with lock:
            results.append((number, total))
    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    say(sorted(results))
    child = os.fork()
    if child == 0:
        own = psycopg2.connect("")
        os._exit(asked(own, "SELECT count(*) FROM v")[2][0][0])
    say(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    is_over = threading.Event()

    def cancel():  # again and again: the first one may come before the query
        while not is_over.wait(0.1):
            db.cancel()

    canceller = threading.Thread(target=cancel)
    canceller.start()
    tried(asked, db, "SELECT pg_sleep(5)")
    is_over.set()
    canceller.join()
    db.rollback()
    asked(db, "DROP TABLE v")
    db.commit()
    tried(asked, db, "SELECT pg_terminate_backend(pg_backend_pid())")
    tried(asked, db, "SELECT 1")
    say(db.closed)
    tried(psycopg2.connect, "host=/nonexistent")


def main():
    db = psycopg2.connect("")
    for part in (values, errors, batches, transactions):
        print("#", part.__name__)
        part(db)
    asynchronous()
    lives(db)


main()
