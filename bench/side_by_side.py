#!/usr/bin/python3
"""The same loads under n1prof and under what else one might reach for, in one interleaved run.

    bench/side_by_side.py BUILD [--rounds N] [--write-readme]
    bench/side_by_side.py BUILD --smoke      every way once, shortly

Processor time of the program and of the tool, which works in another process half of the time: what the machine does beside
it is not in it, nor is what a tool merely waits. Ways take turns, each with as many statements as it can do in a moment; the
figures are medians, over the rounds, of a way's time for a statement against the plain run of the same round.
Needs ltrace, uftrace and strace (Debian packages of these names); what is not there is left out, and said so.
"""
import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys

from overhead import HERE, PYTHON, Bench

README = os.path.join(HERE, "README.md")
WITH_WARM_UP = 1.1  # a load runs a tenth more statements than it is asked for


class Way:
    """One tool on one load: what it tells of a query, its command by count, how many statements a round has."""

    def __init__(self, name, tells, command, count, env=None):
        self.name, self.tells, self.command, self.count, self.env = name, tells, command, count, env
        self.tool = name.split()[0] if name.split()[0] in ("ltrace", "uftrace", "strace") else None


def groups(bench, pg_url):
    programs = os.path.join(bench.build, "bin", "bench")
    libraries = os.path.join(bench.build, "lib", "bench")
    log, floor = (os.path.join(libraries, f"lib{name}.so") for name in ("trace_v2", "pass_on"))
    sqlite = lambda count: [os.path.join(programs, "load_sqlite"), "lookup", str(count), "1"]  # noqa: E731
    postgres = lambda count: [os.path.join(programs, "load_libpq"), pg_url, str(count), "1"]  # noqa: E731
    python = lambda script: lambda count: [PYTHON, "-B", os.path.join(HERE, script), str(count)]  # noqa: E731
    out = lambda name: os.path.join(bench.scratch, name)  # noqa: E731
    everything = "text, parameters, rows, cells, time, call path"
    return [
        ("SQLite in memory: prepared look-up by key, 24 native frames", [
            Way("plain", "", sqlite, 1000000),
            Way("hooks that pass on: the floor", "nothing", sqlite, 1000000, {"LD_PRELOAD": floor}),
            Way("n1prof", everything, lambda count: bench.wrapped(sqlite(count)), 1000000),
            Way("sqlite3_trace_v2, text and time", "text, time", sqlite, 400000, {"LD_PRELOAD": log}),
            Way("sqlite3_trace_v2, expanded", "text, parameters, time", sqlite, 400000,
                {"LD_PRELOAD": log, "N1_BENCH_TRACE": "expanded"}),
            Way("uftrace record --force", "names of calls, time", lambda count: ["uftrace", "record", "--force", "-d", out("uftrace"),
                                                                                "--no-pager", *sqlite(count)], 200000),
            Way("ltrace -e sqlite3_step", "one call, its result", lambda count: ["ltrace", "-o", out("ltrace"), "-e", "sqlite3_step", *sqlite(count)],
                1000),
            Way("strace", "nothing: no system call is made", lambda count: ["strace", "-o", out("strace"), *sqlite(count)], 400000),
        ]),
        ("PostgreSQL, unix socket: prepared look-up by key", [
            Way("plain", "", postgres, 40000),
            Way("n1prof", everything, lambda count: bench.wrapped(postgres(count)), 40000),
            Way("strace -e trace=network", "bytes on the wire", lambda count: ["strace", "-o", out("strace"), "-e", "trace=network",
                                                                              *postgres(count)], 4000),
            Way("uftrace record --force", "names of calls, time", lambda count: ["uftrace", "record", "--force", "-d", out("uftrace"),
                                                                                "--no-pager", *postgres(count)], 20000),
            Way("ltrace -e PQexecPrepared", "one call, its result", lambda count: ["ltrace", "-o", out("ltrace"), "-e", "PQexecPrepared",
                                                                                 *postgres(count)], 500),
        ]),
        ("Python: sqlite3 fetchone by key, 30 Python frames", [
            Way("plain", "", python("load_python.py"), 300000),
            Way("n1prof", everything, lambda count: bench.wrapped(python("load_python.py")(count)), 300000),
            Way("traceback.extract_stack()", "call path", python("extract_stack.py"), 5000),
        ]),
    ]


def cpu_ns(bench, way, count):
    """Processor time of the load and of whatever the tool started for it."""
    env = dict(os.environ, **(way.env or {}))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(bench.pin + way.command(count), cwd=bench.scratch, env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0 or '{"statements"' not in done.stdout:
        raise SystemExit(f"side_by_side: {way.name}: status {done.returncode}\n{done.stdout[-500:]}{done.stderr[-500:]}")
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1e9


def run(bench, way, count):
    """Nanoseconds a statement: a long run less a short one, so that starting and ending are not in it."""
    short = count // 10
    return (cpu_ns(bench, way, count) - cpu_ns(bench, way, short)) / ((count - short) * WITH_WARM_UP)


def measure(bench, ways, rounds, is_smoke):
    seen = [way for way in ways if not way.tool or shutil.which(way.tool)]
    for way in ways:
        if way not in seen:
            print(f"side_by_side: {way.tool} is not installed: left out", file=sys.stderr)
    times = {way.name: [] for way in seen}
    for _ in range(rounds):
        for way in seen:
            times[way.name].append(run(bench, way, max(way.count // 50, 20) if is_smoke else way.count))
    plain = times["plain"]
    added = {}
    for way in seen:
        ratio = statistics.median(t / p for t, p in zip(times[way.name], plain))
        added[way.name] = statistics.median(t - p for t, p in zip(times[way.name], plain))
        yield way, statistics.median(times[way.name]), ratio, added[way.name]


def table(bench, pg_url, rounds, is_smoke):
    lines = []
    for title, ways in groups(bench, pg_url):
        lines += [f"| {title} | tells of a query | ns a statement | times plain | added, ns | of n1prof's |", "| --- | --- | ---: | ---: | ---: | ---: |"]
        rows = list(measure(bench, ways, rounds, is_smoke))
        own = next((added for way, _, _, added in rows if way.name == "n1prof"), 0)
        for way, ns, ratio, added in rows:
            if way.name == "plain":
                lines.append(f"| plain | | {ns:,.0f} | 1 | | |")
                continue
            share = f"{added / own:,.1f} ×" if way.name != "n1prof" and own > 0 and added > 0 else ""
            lines.append(f"| {way.name} | {way.tells} | {ns:,.0f} | {ratio:,.2f} | {added:+,.0f} | {share} |")
        lines.append("")
    return lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--write-readme", action="store_true")
    options = parser.parse_args()
    with Bench(options.build) as bench:
        lines = table(bench, bench.postgres(), 1 if options.smoke else options.rounds, options.smoke)
    print("\n".join(lines))
    if options.write_readme:
        with open(README, encoding="utf-8") as file:
            text = file.read()
        begin, end = "<!-- side by side: begin -->\n", "<!-- side by side: end -->"
        head, rest = text.split(begin)
        with open(README, "w", encoding="utf-8") as file:
            file.write(head + begin + "\n".join(lines) + end + rest.split(end)[1])


if __name__ == "__main__":
    main()
