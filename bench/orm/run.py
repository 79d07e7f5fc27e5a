#!/usr/bin/env python3
"""The ORM against hand-written C and against Django, and what an N+1 costs.

    bench/orm/run.py BUILD [--pg URL] [--pg-port PORT] [--rounds N] [--check]

Ratios come from one run: the sides take turns, the best round of each counts. --pg is a database that may be written to
(tables bench_author, bench_book), best over its unix socket; --pg-port its TCP port, for the chart with 1 ms added to each
round trip. --check ends with 1 when the ORM takes more than 1.5 times what hand-written C takes, or when it is less than
30 times faster than Django.
"""
import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WORK = [("fetch", "100,000 rows of 8 columns"), ("lookup", "100,000 look-ups by key"), ("prefetch", "1000 × 20 prefetched")]
MAX_OF_C, MIN_OF_DJANGO = 1.5, 30
N_LAZY = 200


def bench(build, url, side, work, n):
    out = subprocess.run([f"{build}/bin/bench/bench_orm", url, side, work, str(n)], check=True, capture_output=True, text=True)
    best, total = out.stdout.split()
    return int(best), int(total)


def compare(build, url, rounds, django_too):
    """One line a piece of work; the sides take turns, so that a busy machine is busy for all of them."""
    bad = []
    for work, title in WORK:
        best = {"orm": None, "hand": None}
        sums = {}
        for _ in range(rounds):
            for side in best:
                took, sums[side] = bench(build, url, side, work, 1 if work == "lookup" else 3)
                best[side] = took if best[side] is None else min(best[side], took)
        if sums["orm"] != sums["hand"]:
            sys.exit(f"bench/orm: {work}: the sides disagree: {sums}")
        ratio = best["orm"] / best["hand"]
        line = f"  {title:28} hand {best['hand'] / 1000:9.1f} ms   orm {best['orm'] / 1000:9.1f} ms   {ratio:5.2f} × hand"
        if ratio > MAX_OF_C:
            bad.append(f"{work}: {ratio:.2f} times hand-written C")
        if django_too:
            out = subprocess.run(["/usr/bin/python3", f"{HERE}/django_side.py", url, work, "1"], check=True,
                                 capture_output=True, text=True)
            faster = int(out.stdout) / best["orm"]
            line += f"   Django {int(out.stdout) / 1000:9.1f} ms   {faster:5.1f} × faster"
            if faster < MIN_OF_DJANGO:
                bad.append(f"{work}: only {faster:.1f} times faster than Django")
        print(line, flush=True)
    return bad


def chart(build, url, title):
    lazy, _ = bench(build, url, "orm", "lazy", N_LAZY)
    joined, _ = bench(build, url, "orm", "joined", N_LAZY)
    wide = 60
    print(f"  {title}: {N_LAZY} books and their authors")
    for name, took in ((f"N+1: {N_LAZY + 1} queries", lazy), ("select_related: 1 query", joined)):
        print(f"    {name:24} {took / 1000:8.1f} ms  {'█' * max(1, round(wide * took / lazy))}")
    print(f"    {lazy / joined:.0f} times as long", flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def delayed_chart(build, url, target):
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
        chart(build, f"postgresql://postgres@127.0.0.1:{port}/{url}", "1 ms added to each round trip")
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
    p.add_argument("--no-django", action="store_true")
    p.add_argument("--check", action="store_true")
    a = p.parse_args()
    bad = []
    with tempfile.TemporaryDirectory() as place:
        for name, url in (("SQLite", f"sqlite://{place}/bench.db"), ("PostgreSQL", a.pg)):
            if not url:
                continue
            subprocess.run([f"{a.build}/bin/bench/bench_orm", url, "seed"], check=True)
            print(name)
            bad += compare(a.build, url, a.rounds, not a.no_django)
            chart(a.build, url, "N+1" if name == "SQLite" else "N+1 over the unix socket")
    if a.pg and a.pg_port:
        delayed_chart(a.build, a.pg_name, a.pg_port)
    for line in bad:
        print(f"too slow: {line}")
    sys.exit(1 if bad and a.check else 0)


main()
