#!/usr/bin/python3
"""What recording costs: each load plain and recorded in turns, client CPU time, the ratio of each pair.

    bench/overhead.py BUILD [--rounds N] [--load NAME]... [--no-callgrind] [--write-readme]
    bench/overhead.py BUILD --floor       what hooks of a look-up cost that do nothing, or next to nothing (floor.c)
    bench/overhead.py BUILD --smoke       every load once, shortly; checks that each statement of it is in the recording

Rounds are interleaved (plain, recorded, plain, recorded …) on one core, so that what else the machine does meets both alike;
the figure is the median of the pairs' ratios, with the quartiles beside it. Instruction counts are callgrind's, of the
difference between a long and a short run, so that start-up is not in them. --write-readme puts the table into
bench/README.md. PostgreSQL: N1_TEST_PG_SOCKET_URL, or a private cluster that lives as long as this program.
"""
import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"


class Load:
    """A load: its command by count, how many statements a round has, what a set-up costs in statements."""

    def __init__(self, name, title, command, count, setup=0, must=None, aim=None, is_statement=True):
        self.name, self.title, self.command, self.count, self.setup = name, title, command, count, setup
        self.must, self.aim, self.is_statement = must, aim, is_statement


def loads(build, pg_url):
    sqlite, cursor, libpq, spawn = (os.path.join(build, "bin", "bench", "load_" + name)
                                    for name in ("sqlite", "cursor", "libpq", "spawn"))
    shallow = lambda load, paths: lambda count: [sqlite, load, str(count), str(paths)]  # noqa: E731
    return [
        Load("lookup", "SQLite: prepared look-up by key, 1 call path", shallow("lookup", 1), 600000, 2, 1.10, 1.08),
        Load("lookup16", "the same over 16 call paths in rotation", shallow("lookup", 16), 600000, 2, 1.12, 1.08),
        Load("lookup1000", "the same over 1000 call paths in rotation", shallow("lookup", 1000), 600000, 2, 1.12, 1.08),
        Load("cursor", "SQLite: a look-up for each row of an open cursor", lambda count: [cursor, str(count)], 300000, 4),
        Load("prepare", "SQLite: prepare, bind, step, finalize each time", shallow("prepare", 1), 150000, 2, 1.04, 1.03),
        Load("scan", "SQLite: scan of 1000 rows a statement", shallow("scan", 1), 5000, 2, 1.06, 1.03),
        Load("sparse", "the same by keys that do not follow each other", shallow("sparse", 1), 5000, 2),
        Load("texts", "the same by keys of text", shallow("texts", 1), 5000, 2),
        Load("postgres", "PostgreSQL: prepared, unix socket", lambda count: [libpq, pg_url, str(count), "1"], 20000, 2, 1.05, 1.02),
        Load("python", "Python: sqlite3 fetchone by key, 30 Python frames",
             lambda count: [PYTHON, "-B", os.path.join(HERE, "load_python.py"), str(count)], 200000, 2, 1.10, 1.06),
        Load("start", "start-up of /bin/true (CPU time of the process)", lambda count: [spawn, str(count), "/bin/true"], 300,
             is_statement=False),
    ]


class Bench:
    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.n1prof = os.path.join(self.build, "bin", "n1prof")
        self.scratch = tempfile.mkdtemp(prefix="n1bench.")
        self.trace = os.path.join(self.scratch, "trace")
        self.pin = ["taskset", "-c", str(max(os.sched_getaffinity(0)))] if shutil.which("taskset") else []
        self.pg_home = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.pg_home:
            subprocess.run([os.path.join(HERE, "..", "tests", "e2e", "pg_cluster.sh"), "stop", self.pg_home], check=False)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def postgres(self):
        if "N1_TEST_PG_SOCKET_URL" in os.environ:
            return os.environ["N1_TEST_PG_SOCKET_URL"]
        self.pg_home = os.path.join(self.scratch, "pg")
        subprocess.run([os.path.join(HERE, "..", "tests", "e2e", "pg_cluster.sh"), "start", self.pg_home], check=True)
        with open(os.path.join(self.pg_home, "env"), encoding="utf-8") as file:
            return re.search(r"N1_TEST_PG_SOCKET_URL='([^']*)'", file.read()).group(1)

    def wrapped(self, command):
        shutil.rmtree(self.trace, ignore_errors=True)
        return [self.n1prof, "record", "-o", self.trace, "--", *command]

    def figures(self, command, is_recorded):
        """The line that the load prints, with the bytes of its recording."""
        full = self.pin + (self.wrapped(command) if is_recorded else command)
        done = subprocess.run(full, cwd=self.scratch, check=True, stdout=subprocess.PIPE, text=True)
        figures = json.loads(done.stdout)
        if is_recorded:
            figures["bytes"] = sum(os.stat(os.path.join(self.trace, name)).st_blocks * 512 for name in os.listdir(self.trace))
        return figures

    def recorded_statements(self):
        done = subprocess.run([self.n1prof, "report", self.trace, "--format", "json"], check=True, stdout=subprocess.PIPE)
        report = json.loads(done.stdout)
        return report["totals"]["statements"], report["trace"]["lost_events"]

    def instructions(self, load, is_recorded):
        """Instructions a statement, by callgrind."""
        small, large = (10, 30) if load.name == "scan" else (2000, 12000)
        counts = []
        for count in (small, large):
            out = os.path.join(self.scratch, "callgrind.out")
            command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + out, *load.command(count)]
            subprocess.run(self.wrapped(command) if is_recorded else command, cwd=self.scratch, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            with open(out, encoding="utf-8", errors="replace") as file:
                counts.append(int(re.search(r"^(?:totals|summary): (\d+)", file.read(), re.MULTILINE).group(1)))
        # The warm-up is a tenth of the count.
        return (counts[1] - counts[0]) / ((large - small) * 1.1)


def quartiles(values):
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def measure(bench, load, rounds, with_callgrind):
    pairs = []
    for _ in range(rounds):
        plain = bench.figures(load.command(load.count), False)
        pairs.append((plain, bench.figures(load.command(load.count), True)))
    ratios = [recorded["cpu_ns"] / plain["cpu_ns"] for plain, recorded in pairs]
    added = [(recorded["cpu_ns"] - plain["cpu_ns"]) / load.count for plain, recorded in pairs]
    result = {
        "load": load, "ratio": quartiles(ratios), "added_ns": quartiles(added)[1],
        "plain_ns": statistics.median(plain["cpu_ns"] for plain, _ in pairs) / load.count,
        "bytes": statistics.median(recorded["bytes"] for _, recorded in pairs) / (load.count * 1.1),
        "rss_kb": statistics.median(recorded.get("peak_rss_kb", 0) - plain.get("peak_rss_kb", 0) for plain, recorded in pairs),
        "instructions": None,
    }
    if with_callgrind and load.is_statement:
        result["instructions"] = bench.instructions(load, False), bench.instructions(load, True)
    return result


def row(result):
    load = result["load"]
    low, middle, high = result["ratio"]
    goal = f"{load.must:.2f} / {load.aim:.2f}" if load.must else "" if load.is_statement else "+1 ms / +0.1 ms"
    counts = result["instructions"]
    counted = f"{counts[0]:,.0f} → {counts[1]:,.0f} (×{counts[1] / counts[0]:.3f})" if counts else ""
    size = f"{result['bytes']:.1f}" if load.is_statement else ""
    memory = f"{result['rss_kb']:,.0f}" if load.is_statement else ""
    unit = "ns" if load.is_statement else "ns a start"
    return (f"| {load.title} | {result['plain_ns']:,.0f} | **{middle:.3f}** | {low:.3f}–{high:.3f} | {result['added_ns']:+,.0f} {unit} "
            f"| {goal} | {counted} | {size} | {memory} |")


HEAD = """| load | plain, ns | recorded / plain | quartiles | added | must / aim | instructions a statement | trace bytes a statement | memory, KiB |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"model name\s*:\s*(.*)", file.read())
    cpu = model.group(1) if model else platform.machine()
    return f"{cpu}, {os.cpu_count()} cores, Linux {platform.release()}, {platform.libc_ver()[0]} {platform.libc_ver()[1]}"


def write_readme(table, note):
    path = os.path.join(HERE, "README.md")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    new = f"<!-- overhead: begin -->\n{note}\n\n{table}\n<!-- overhead: end -->"
    text, times = re.subn(r"<!-- overhead: begin -->.*<!-- overhead: end -->", lambda _: new, text, flags=re.DOTALL)
    if times != 1:
        sys.exit(f"{path}: no place for the table")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def floor(bench, load, rounds):
    """The look-up under hooks that do less and less: ratios to plain, in turns."""
    library = os.path.join(bench.build, "bin", "bench", "floor.so")
    ways = {"plain": None, "hooks that only pass on": "forward", "and read the clock twice": "clock",
            "and store 24 bytes": "record", "the recorder": None}
    nanoseconds = {way: [] for way in ways}
    for _ in range(rounds):
        for way, what in ways.items():
            command = load.command(load.count)
            if what:
                command = ["env", "LD_PRELOAD=" + library, "N1_FLOOR=" + what, *command]
            nanoseconds[way].append(bench.figures(command, way == "the recorder")["cpu_ns"] / load.count)
    print("| hooks of a look-up | added, ns | recorded / plain |\n| --- | --- | --- |")
    for way in list(ways)[1:]:
        added = statistics.median(own - plain for own, plain in zip(nanoseconds[way], nanoseconds["plain"]))
        ratio = statistics.median(own / plain for own, plain in zip(nanoseconds[way], nanoseconds["plain"]))
        print(f"| {way} | {added:+,.0f} | {ratio:.3f} |")


def smoke(bench, all_loads):
    for load in all_loads:
        count = max(20, load.count // 500)
        plain, recorded = bench.figures(load.command(count), False), bench.figures(load.command(count), True)
        if plain["statements"] != count or plain["cpu_ns"] <= 0 or recorded["cpu_ns"] <= 0:
            sys.exit(f"{load.name}: strange figures: {plain} {recorded}")
        wanted = count + count // 10 + load.setup if load.is_statement else 0
        statements, lost = bench.recorded_statements()
        print(f"{load.name}: {statements} statements recorded, {wanted} wanted, {lost} lost")
        if (statements, lost) != (wanted, 0):
            sys.exit(f"{load.name}: the recording is not the whole load")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--load", action="append")
    parser.add_argument("--no-callgrind", action="store_true")
    parser.add_argument("--write-readme", action="store_true")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--floor", action="store_true")
    args = parser.parse_args()
    with Bench(args.build) as bench:
        all_loads = loads(bench.build, bench.postgres())
        if args.load:
            unknown = set(args.load) - {load.name for load in all_loads}
            if unknown:
                parser.error(f"no load named {', '.join(sorted(unknown))}; there are {', '.join(l.name for l in all_loads)}")
            all_loads = [load for load in all_loads if load.name in args.load]
        if args.smoke:
            smoke(bench, all_loads)
            return
        if args.floor:
            floor(bench, all_loads[0], args.rounds)
            return
        with_callgrind = not args.no_callgrind and shutil.which("valgrind") is not None
        lines = [HEAD]
        print(HEAD, flush=True)
        for load in all_loads:
            lines.append(row(measure(bench, load, args.rounds, with_callgrind)))
            print(lines[-1], flush=True)
        if args.write_readme:
            write_readme("\n".join(lines), f"{machine()}; {args.rounds} interleaved rounds, pinned to one core.")


if __name__ == "__main__":
    main()
