#!/usr/bin/env python3
"""The ORM against hand-written C and against Django, and what an N+1 costs.

    bench/orm/run.py BUILD [--pg URL] [--pg-port PORT] [--rounds N] [--books N] [--check] [--smoke]

Ratios come from one run: the sides take turns, the best round of each counts. --pg is a database that may be written to
(tables bench_author, bench_book), best over its unix socket; --pg-port its TCP port, for the chart with 1 ms added to each
round trip. --check ends with 1 when the ORM takes more than 1.5 times what hand-written C takes, or when it is less than
30 times faster than Django. --smoke works on few rows and asks only whether all sides come to the same sums.
"""
import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WORK = [("fetch", "{0:,} rows of 8 columns"), ("lookup", "{0:,} look-ups by key"), ("prefetch", "{1} × 20 prefetched")]
MAX_OF_C, MIN_OF_DJANGO = 1.5, 30
N_LAZY = 200


def bench(build, books, url, side, work, n):
    out = subprocess.run([f"{build}/bin/bench/bench_orm", "-n", str(books), url, side, work, str(n)], check=True, capture_output=True, text=True)
    best, total = out.stdout.split()
    return int(best), int(total)


def compare(build, books, url, rounds, django_too):
    """One line a piece of work; the sides take turns, so that a busy machine is busy for all of them."""
    bad = []
    for work, title in WORK:
        best = {"orm": None, "hand": None}
        sums = {}
        for _ in range(rounds):
            for side in best:
                took, sums[side] = bench(build, books, url, side, work, 1 if work == "lookup" else 3)
                best[side] = took if best[side] is None else min(best[side], took)
        if sums["orm"] != sums["hand"]:
            sys.exit(f"bench/orm: {work}: the sides disagree: {sums}")
        ratio = best["orm"] / best["hand"]
        title = title.format(books, books // 100)
        line = f"  {title:28} hand {best['hand'] / 1000:9.1f} ms   orm {best['orm'] / 1000:9.1f} ms   {ratio:5.2f} × hand"
        if ratio > MAX_OF_C:
            bad.append(f"{work}: {ratio:.2f} times hand-written C")
        if django_too:
            out = subprocess.run(["/usr/bin/python3", f"{HERE}/django_side.py", url, work, "1", str(books)], check=True,
                                 capture_output=True, text=True)
            took, total = out.stdout.split()
            if total not in ("None", str(sums["orm"])):
                sys.exit(f"bench/orm: {work}: Django comes to {total}, the ORM to {sums['orm']}")
            faster = int(took) / best["orm"]
            line += f"   Django {int(took) / 1000:9.1f} ms   {faster:5.1f} × faster"
            if faster < MIN_OF_DJANGO:
                bad.append(f"{work}: only {faster:.1f} times faster than Django")
        print(line, flush=True)
    return bad


def chart(build, books, url, title):
    lazy, one_by_one = bench(build, books, url, "orm", "lazy", N_LAZY)
    joined, at_once = bench(build, books, url, "orm", "joined", N_LAZY)
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
        for name, url in (("SQLite", f"sqlite://{place}/bench.db"), ("PostgreSQL", a.pg)):
            if not url:
                continue
            subprocess.run([f"{a.build}/bin/bench/bench_orm", "-n", str(a.books), url, "seed"], check=True)
            print(name)
            bad += compare(a.build, a.books, url, a.rounds, not a.no_django)
            chart(a.build, a.books, url, "N+1" if name == "SQLite" else "N+1 over the unix socket")
    if a.pg and a.pg_port:
        delayed_chart(a.build, a.books, a.pg_name, a.pg_port)
    for line in [] if a.smoke else bad:
        print(f"too slow: {line}")
    sys.exit(1 if bad and a.check else 0)


main()
