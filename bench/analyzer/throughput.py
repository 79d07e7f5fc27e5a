#!/usr/bin/env python3
"""The analyzer's speed and memory on made recordings, beside tools that read logs of the same statements.

  throughput.py BUILD [--mix NAME ...] [--millions N ...] [--rounds N] [--folder DIR] [--logs THOUSANDS] [--write-readme]
  throughput.py BUILD --smoke     every mix once, small, with few descriptors: is each statement in the report, is memory bounded?

BUILD is a release build. Processor time (user and system) and peak memory of one `n1prof report --format text`, the best of the
rounds, after a first one that brings the recording into the system's cache. --millions gives the sizes of the `lookup` mix for
the table of growth; all other mixes are measured at one million statements. --logs N adds pgbadger and pt-query-digest over logs
of N thousand statements (0: leaves them out). Recordings of 100 million statements take 5.5 GB in DIR.
"""
import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
README = os.path.join(ROOT, "bench", "README.md")
BEGIN, END = "<!-- throughput: begin -->", "<!-- throughput: end -->"
MIB = 1024


def cost_of(command, **options):
    """Processor seconds and peak resident KiB of a command that must succeed."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options) as child:
        errors = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(command)}: ended with {child.returncode}: {errors.decode(errors='replace')}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


class Maker:
    def __init__(self, options, folder):
        self.build, self.folder, self.rounds = options.build, folder, options.rounds
        self.program = os.path.join(self.build, "bin", "n1prof")
        self.generate = os.path.join(self.build, "bin", "bench", "bench_generate")
        listing = subprocess.run([self.generate], capture_output=True, text=True, check=False).stderr.splitlines()[1:]
        self.mixes = {line.split(None, 1)[0]: line.split(None, 1)[1] for line in listing}

    def recording(self, mix, statements):
        trace = os.path.join(self.folder, f"{mix}-{statements}.trace")
        subprocess.run([self.generate, mix, str(statements), trace], check=True)
        return trace

    def measure(self, mix, statements):
        trace = self.recording(mix, statements)
        try:
            size = sum(os.stat(os.path.join(trace, name)).st_blocks * 512 for name in os.listdir(trace))
            command = [self.program, "report", trace, "--format", "text", "-o", os.devnull]
            costs = [cost_of(command) for _ in range(self.rounds + 1)][1:]
        finally:
            shutil.rmtree(trace)
        return min(seconds for seconds, _ in costs), max(memory for _, memory in costs), size


def rate(statements, seconds):
    return f"{statements / seconds / 1e6:.2f}"


def growth_table(maker, millions):
    yield "| `lookup`, statements | seconds | M statements/s | peak memory, MiB | recording, bytes a statement |"
    yield "| ---: | ---: | ---: | ---: | ---: |"
    for m in millions:
        n = int(m * 1e6)
        seconds, memory, size = maker.measure("lookup", n)
        yield f"| {m:g} million | {seconds:.2f} | {rate(n, seconds)} | {memory / MIB:.0f} | {size / n:.1f} |"


# Fewer statements where each is a thousand rows.
STATEMENTS = {"wide": 10_000}


def mix_table(maker, names):
    yield "| mix | what it is | statements | seconds | M statements/s | peak memory, MiB |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    for name in names:
        n = STATEMENTS.get(name, 1_000_000)
        seconds, memory, _ = maker.measure(name, n)
        yield f"| `{name}` | {maker.mixes[name]} | {n:,} | {seconds:.2f} | {rate(n, seconds)} | {memory / MIB:.0f} |"


def log_table(maker, thousands):
    n = thousands * 1000
    trace, postgres, slow = (os.path.join(maker.folder, name) for name in ("logs.trace", "postgresql.log", "slow.log"))
    subprocess.run([maker.generate, "lookup", str(n), trace, postgres, slow], check=True)
    tools = [("n1prof report", [maker.program, "report", trace, "--format", "text", "-o", os.devnull]),
             ("pgbadger", ["pgbadger", "--quiet", "--jobs", "1", "--prefix", "%m [%p] %u@%d ", "--outfile",
                           os.path.join(maker.folder, "pgbadger.html"), postgres]),
             ("pt-query-digest", ["pt-query-digest", "--no-version-check", slow])]
    yield f"| {n:,} statements of `lookup` | seconds | statements/s | peak memory, MiB |"
    yield "| --- | ---: | ---: | ---: |"
    for name, command in tools:
        if name != "n1prof report" and shutil.which(command[0]) is None:
            yield f"| {name} | not installed | | |"
            continue
        seconds, memory = cost_of(command)
        yield f"| {name} | {seconds:.2f} | {n / seconds:,.0f} | {memory / MIB:.0f} |"


# 3,000 processes; more rows and texts than some tables hold.
SMOKE = {"processes": 300_000, "wide": 500, "paths": 140_000}


def smoke(maker):
    """Each mix with 64 descriptors; exits with 1 when a statement is missing or memory is not bounded."""
    failed = False
    for mix in maker.mixes:
        wanted = SMOKE.get(mix, 20_000)
        trace, report = maker.recording(mix, wanted), os.path.join(maker.folder, "report.json")
        _, memory = cost_of([maker.program, "report", trace, "--format", "json", "-o", report],
                            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))
        shutil.rmtree(trace)
        with open(report, encoding="utf-8") as file:
            found = json.load(file)
        is_good = found["totals"]["statements"] == wanted and found["trace"]["complete"] and memory < 512 * MIB
        print(f"{mix}: {found['totals']['statements']} of {wanted} statements, {memory // MIB} MiB{'' if is_good else ': WRONG'}")
        failed |= not is_good
    sys.exit(1 if failed else 0)


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8") if line.startswith("model name")), "?")
    return f"{model}, {os.cpu_count()} cores, Linux {platform.release()}; load average {os.getloadavg()[1]:.1f} during the measurement."


def write_readme(lines):
    with open(README, encoding="utf-8") as file:
        page = file.read()
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    with open(README, "w", encoding="utf-8") as file:
        file.write("\n".join([before + BEGIN, *lines, END]) + after)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--mix", nargs="*")
    parser.add_argument("--millions", nargs="*", type=float, default=[1, 10, 100])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder")
    parser.add_argument("--logs", type=int, default=200, metavar="THOUSANDS")
    parser.add_argument("--write-readme", action="store_true")
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="throughput.", dir=options.folder) as folder:
        maker = Maker(options, folder)
        if options.smoke:
            smoke(maker)
        names = options.mix if options.mix is not None else [name for name in maker.mixes if name != "lookup"]
        lines = []
        for table in (growth_table(maker, options.millions), mix_table(maker, names),
                      log_table(maker, options.logs) if options.logs else ()):
            for line in table:
                print(line, flush=True)
                lines.append(line)
            lines.append("")
        lines.insert(0, machine() + "\n")
    if options.write_readme:
        write_readme(lines[:-1])


if __name__ == "__main__":
    main()
