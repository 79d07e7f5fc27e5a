#!/usr/bin/env python3
"""The labelled corpus: real programs under `n1prof run`, each report against labels.txt.

  run.py BUILD [--only TEXT] [--jobs N] [--sizes N,N] [--results FILE] [--traces FOLDER [--again]]

One run is (program, scenario, database, size). Without PostgreSQL (N1_TEST_PG_URL) its runs are skipped, and said so. Exit
status 1 when a finding was missed, misplaced or false, or an advice wrong.
"""
import argparse
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor

import labels
import programs
import seed

SIZES = (0, 1, 2, 5, 50)
USUAL = (50,)
CHEAP = ("c", "orm")  # programs that start in no time run in all sizes
FEW = {("plain", "sqlite"): (2, 5)}  # nearly so: beside the usual ones
LOCK = threading.Lock()


class Databases:
    """A fresh copy of the seeded tables for each run."""

    def __init__(self, folder):
        self.folder, self.made, self.number = folder, set(), itertools.count()
        self.url = os.environ.get("N1_TEST_PG_URL", "")
        self.admin = None
        if self.url:
            import psycopg2
            self.admin = psycopg2.connect(self.url)
            self.admin.autocommit = True

    def template(self, program, kind, n):
        key = f"{program.style}_{n}"
        with LOCK:
            if (key, kind) not in self.made:
                if kind == "sqlite":
                    self.seed_with(program, os.path.join(self.folder, key + ".db"), n)
                else:
                    self.sql(f"DROP DATABASE IF EXISTS scenarios{os.getpid()}_{key}", f"CREATE DATABASE scenarios{os.getpid()}_{key}")
                    self.seed_with(program, self.dsn(f"scenarios{os.getpid()}_{key}"), n)
                self.made.add((key, kind))
        return key

    def seed_with(self, program, url, n):
        if program.seed:
            subprocess.run([*program.seed, str(n)], env=dict(os.environ, SCENARIO_DB=url), check=True, stdout=subprocess.DEVNULL)
        elif "=" in url:
            seed.fill_postgres(url, program.style, n)
        else:
            seed.fill_sqlite(url, program.style, n)

    def sql(self, *statements):
        cursor = self.admin.cursor()
        for statement in statements:
            cursor.execute(statement)

    def dsn(self, name):
        host, port, user = re.fullmatch(r"postgresql://(?P<u>\w+)@(?P<h>[\w.]+):(?P<p>\d+)/\w+", self.url).group("h", "p", "u")
        return f"host={host} port={port} user={user} dbname={name}"

    def copy(self, program, kind, n):
        key = self.template(program, kind, n)
        number = next(self.number)
        if kind == "sqlite":
            path = os.path.join(self.folder, f"run{number}.db")
            shutil.copy(os.path.join(self.folder, key + ".db"), path)
            return path
        with LOCK:
            self.sql(f"CREATE DATABASE scenarios{os.getpid()}_run{number} TEMPLATE scenarios{os.getpid()}_{key}")
        return self.dsn(f"scenarios{os.getpid()}_run{number}")

    def drop(self, url):
        if "=" in url:
            with LOCK:
                self.sql(f"DROP DATABASE {url.rpartition('=')[2]} WITH (FORCE)")
        else:
            os.unlink(url)

    def close(self):
        for key, kind in self.made:
            if kind == "postgres":
                self.sql(f"DROP DATABASE IF EXISTS scenarios{os.getpid()}_{key}")


def profile(build, program, scenario, url, trace):
    keep = ["--keep", trace] if trace else []
    out = url if "=" not in url else os.path.join(tempfile.gettempdir(), "scenario-" + url.rpartition("=")[2])
    out = f"{out}.{os.getpid()}.json"
    argv = [os.path.join(build, "bin", "n1prof"), "run", *keep, "--format", "json", "-o", out, "--", *program.command, scenario]
    env = dict(os.environ, SCENARIO_DB=url, PYTHONDONTWRITEBYTECODE="1", LC_ALL="C.UTF-8")
    try:
        done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, cwd=program.folder)
        if done.returncode != 0:
            raise RuntimeError(f"status {done.returncode}: {done.stderr.strip()[-800:]}")
        with open(out, encoding="utf-8") as file:
            return json.load(file)
    finally:
        if os.path.exists(out):
            os.unlink(out)


def read_again(build, program, trace):
    argv = [os.path.join(build, "bin", "n1prof"), "report", trace, "--format", "json"]
    return json.loads(subprocess.run(argv, capture_output=True, text=True, timeout=60, cwd=program.folder, check=True).stdout)


def one_run(build, databases, label, kind, n, traces, again=False):
    program = programs.PROGRAMS[label.program](build)
    trace = os.path.join(traces, f"{label.program}-{label.scenario}-{kind}-{n}") if traces else None
    if again and os.path.isdir(trace):
        report = read_again(build, program, trace)
    else:
        url = databases.copy(program, kind, n)
        try:
            report = profile(build, program, label.scenario, url, trace)
        finally:
            databases.drop(url)
    marks = labels.marks_of(program.folder)
    answers, false = labels.judge(labels.wanted_of(label, n), marks, report["findings"], n)
    if n < labels.FEW and "sizes" not in label.options:
        answers = [a for a in answers if a[1] is not None or a[0].kind == "n_plus_one" or a[0].least < 2]
    return {
        "program": label.program, "scenario": label.scenario, "database": kind, "size": n,
        "statements": report["totals"]["statements"],
        "wanted": [{"kind": w.kind, "mark": w.mark, "place": marks.get(w.mark), "found": a is not None, "wrong": wrong,
                    "has_sql": bool(a and a["suggestion"]["sql"])}
                   for w, a, wrong in answers],
        "sums": [f"{f['kind']}: {wrong}" for f in report["findings"] for wrong in labels.sums_of(f)],
        "false": [f"{f['kind']} {f['confidence']} at {labels.place_of(f)} {labels.link_of(f)}: {f['child']['sql'][:100]}" for f in false],
    }


def runs_of(all_labels, only, has_postgres, usual=USUAL):
    for label in all_labels:
        if only and not re.search(only, f"{label.program}/{label.scenario}"):
            continue
        for kind in ("sqlite", "postgres"):
            other = "postgres" if kind == "sqlite" else "sqlite"
            if other in label.options or kind not in programs.DATABASES[label.program] or (kind == "postgres" and not has_postgres):
                continue
            is_for_all = "sizes" in label.options or label.program in CHEAP
            is_for_one = "many" in label.options or label.program in ("strangers", "guests")  # rows of their own
            few = FEW.get((label.program, kind), ()) if usual == USUAL else ()
            for n in USUAL if is_for_one else SIZES if is_for_all else (*few, *usual):
                yield label, kind, n


def complaints_of(result):
    for w in result["wanted"]:
        for wrong in w["wrong"]:
            yield f"{w['kind']} @{w['mark']}: {wrong}"
    for wrong in result["sums"]:
        yield f"figures: {wrong}"
    for false in result["false"]:
        yield f"false: {false}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--results")
    parser.add_argument("--traces", help="keep the recordings in this folder")
    parser.add_argument("--again", action="store_true", help="judge the recordings that lie there, and run nothing that has one")
    parser.add_argument("--sizes", default=",".join(map(str, USUAL)), help="of the scenarios that do not ask for all")
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    if options.traces:
        os.makedirs(options.traces, exist_ok=True)
    folder = tempfile.mkdtemp(prefix="scenarios.")
    databases = Databases(folder)
    if databases.admin is None:
        print("no N1_TEST_PG_URL: the runs on PostgreSQL are skipped")
    results, failed, all_labels = [], 0, labels.read_labels()
    limits = {(x.program, x.scenario): x.options for x in all_labels}

    def run(what):
        label, kind, n = what
        try:
            return one_run(options.build, databases, label, kind, n, options.traces, options.again)
        except (RuntimeError, OSError, ValueError, subprocess.TimeoutExpired) as error:
            return {"program": label.program, "scenario": label.scenario, "database": kind, "size": n, "statements": 0,
                    "wanted": [], "sums": [], "false": [f"the run failed: {error}"]}

    try:
        with ThreadPoolExecutor(options.jobs) as pool:
            for result in pool.map(run, list(runs_of(all_labels, options.only, databases.admin is not None,
                                                          tuple(int(n) for n in options.sizes.split(","))))):
                results.append(result)
                complaints = list(complaints_of(result))
                is_known = "limit" in limits.get((result["program"], result["scenario"]), ())
                failed += bool(complaints) and not is_known
                for complaint in complaints:
                    print("{program}/{scenario} {database} {size}: ".format(**result) + complaint + " (known limit)" * is_known, flush=True)
    finally:
        if databases.admin is not None:
            databases.close()
        shutil.rmtree(folder)
    if options.results:
        with open(options.results, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)
    print(f"{len(results)} runs, {failed} with something wrong")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
