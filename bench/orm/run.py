#!/usr/bin/env python3
"""The ORM against hand-written C and against Django, and what an N+1 costs.

    bench/orm/run.py BUILD [--pg URL] [--pg-port PORT] [--rounds N] [--books N] [--check] [--smoke]

Ratios come from one run: the sides take turns, the best round of each counts. Each piece of work has two lines: the time
on the clock, in which the database's own work and everybody else's on the machine count too, and the CPU time of the
client's process, which is what a library answers for (SQLite's work is in it, PostgreSQL's server is not). "bare" is the
client library alone, its rows unread: "limit" says how many times faster than Django that is.

--pg is a database that may be written to (tables bench_author, bench_book), best over its unix socket; --pg-port its TCP
port, for the chart with 1 ms added to each round trip. --check ends with 1 when the ORM takes more than 1.5 times what
hand-written C takes, or when it is less than 30 times faster than Django. --smoke works on few rows and asks only whether
all sides come to the same sums.
"""
import argparse
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WORK = [("fetch", "{0:,} rows of 8 columns"), ("lookup", "{0:,} look-ups by key"),
        ("inside", "the same in one transaction"), ("prefetch", "{1} × 20 prefetched")]
SIDES = ("bare", "hand", "orm", "django")
MEASURES = ("clock", "CPU")
MAX_OF_C, MIN_OF_DJANGO = 1.5, 30
N_LAZY = 200


def bench(build, books, url, side, work, n):
    """[on the clock, of the process] in microseconds, and the sum of the rows (None: not asked for)."""
    command = (["/usr/bin/python3", f"{HERE}/django_side.py", url, work, str(n), str(books)] if side == "django" else
               [f"{build}/bin/bench/bench_orm", "-n", str(books), url, side, work, str(n)])
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return [int(out[0]), int(out[1])], None if out[2] == "None" or side == "bare" else int(out[2])


def measure(build, books, url, work, rounds, sides):
    """The best of each side and measure; the sides take turns, so that a busy machine is busy for all of them."""
    best, sums = {}, {}
    for _ in range(rounds):
        for side in sides:
            took, total = bench(build, books, url, side, work, 1 if work in ("lookup", "inside") else 3)
            best[side] = [min(pair) for pair in zip(took, best.get(side, took))]
            if total is not None:
                sums[side] = total
    if len(set(sums.values())) != 1:
        sys.exit(f"bench/orm: {work}: the sides disagree: {sums}")
    return best


def compare(build, books, url, rounds, sides):
    """Two lines a piece of work. Returns what is too slow."""
    bad = []
    print("  {:28} {:5} {:>10} {:>10} {:>10} {:>7}".format("ms", "", "bare", "hand", "ORM", "÷ hand")
          + (" {:>10} {:>7} {:>7}".format("Django", "÷ ORM", "limit") if "django" in sides else ""))
    for work, title in WORK:
        best = measure(build, books, url, work, rounds, sides)
        for i, name in enumerate(MEASURES):
            bare, hand, orm = (max(1, best[side][i]) for side in SIDES[:3])
            line = "  {:28} {:5} {:10.1f} {:10.1f} {:10.1f} {:7.2f}".format(
                "" if i else title.format(books, books // 100), name, bare / 1000, hand / 1000, orm / 1000, orm / hand)
            if orm / hand > MAX_OF_C:
                bad.append(f"{work}, {name}: {orm / hand:.2f} times hand-written C")
            if "django" in sides:
                django = best["django"][i]
                line += " {:10.1f} {:7.1f} {:7.1f}".format(django / 1000, django / orm, django / bare)
                if django / orm < MIN_OF_DJANGO:
                    bad.append(f"{work}, {name}: only {django / orm:.1f} times faster than Django"
                               f" (the client library alone: {django / bare:.1f})")
            print(line, flush=True)
    return bad


def best_of(build, books, url, work):
    runs = [bench(build, books, url, "orm", work, N_LAZY) for _ in range(5)]
    return min(took for (took, _), _ in runs), runs[0][1]


def seed(build, books, url):
    """The tables, and what a database in use knows of them."""
    subprocess.run([f"{build}/bin/bench/bench_orm", "-n", str(books), url, "seed"], check=True)
    if url.startswith("sqlite:"):
        sqlite3.connect(url[len("sqlite://"):]).execute("ANALYZE")
        return
    import psycopg2  # only who measures PostgreSQL needs it
    connection = psycopg2.connect(url)
    connection.autocommit = True
    connection.cursor().execute("VACUUM ANALYZE bench_author, bench_book")
    connection.close()


def chart(build, books, url, title):
    lazy, one_by_one = best_of(build, books, url, "lazy")
    joined, at_once = best_of(build, books, url, "joined")
    if one_by_one != at_once:
        sys.exit(f"bench/orm: {title}: the N+1 comes to {one_by_one}, its mended form to {at_once}")
    wide = 60
    print(f"  {title}: {N_LAZY} books and their authors")
    for name, took in ((f"N+1: {N_LAZY + 1} queries", lazy), ("select_related: 1 query", joined)):
        print(f"    {name:24} {took / 1000:8.1f} ms  {'█' * max(1, round(wide * took / lazy))}")
    print(f"    {lazy / joined:.0f} times as long", flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def delayed_chart(build, books, url, target):
    port = free_port()
    proxy = subprocess.Popen([f"{build}/bin/bench/bench_orm_delay", str(port), str(target), "1000"])
    try:
        deadline = time.monotonic() + 5
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        chart(build, books, f"postgresql://postgres@127.0.0.1:{port}/{url}", "1 ms added to each round trip")
    finally:
        proxy.terminate()
        proxy.wait()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("build")
    p.add_argument("--pg")
    p.add_argument("--pg-port")
    p.add_argument("--pg-name", default="postgres")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--books", type=int, default=100000)
    p.add_argument("--smoke", action="store_true")
    p.add_argument("--no-django", action="store_true")
    p.add_argument("--check", action="store_true")
    a = p.parse_args()
    if a.smoke:
        a.books, a.rounds = 400, 1
        a.pg, a.pg_port = os.environ["N1_TEST_PG_SOCKET_URL"], os.environ["PGPORT"]
    bad = []
    with tempfile.TemporaryDirectory() as place:
        for name, url in (("SQLite", f"sqlite://{place}/bench.db"), ("SQLite, WAL", f"sqlite://{place}/wal.db"),
                          ("PostgreSQL", a.pg)):
            if not url:
                continue
            seed(a.build, a.books, url)
            if name == "SQLite, WAL":  # of the file, once and for all: it is the same for every side
                sqlite3.connect(f"{place}/wal.db").execute("PRAGMA journal_mode=WAL")
            print(name)
            bad += compare(a.build, a.books, url, a.rounds, SIDES[:3] if a.no_django else SIDES)
            if name != "SQLite, WAL":
                chart(a.build, a.books, url, "N+1" if name == "SQLite" else "N+1 over the unix socket")
    if a.pg and a.pg_port:
        delayed_chart(a.build, a.books, a.pg_name, a.pg_port)
    for line in [] if a.smoke else bad:
        print(f"too slow: {line}")
    sys.exit(1 if bad and a.check else 0)


main()
