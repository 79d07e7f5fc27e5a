#!/usr/bin/env python3
"""Scores n1prof on tests/scenarios, other tools' rules on the same recordings, and writes the table of docs/detection.md.

  score.py BUILD [--results FILE --traces FOLDER] [--docs FILE]     (both written by tests/scenarios/run.py)

Runs the whole corpus first (N1_TEST_PG_URL as for tests/scenarios/run.py), unless an earlier run's results and recordings are
given. Nothing but the figures between the two marker lines of the page is changed.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter

import rules

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BEGIN, END = "<!-- figures: bench/detection/score.py -->", "<!-- end of figures -->"


def percent(some, of):
    return "–" if of == 0 else f"{100 * some / of:.1f} %"


def recording(build, trace):
    done = subprocess.run([os.path.join(build, "bin", "n1prof"), "dump", trace, "--format", "ndjson"], capture_output=True, text=True,
                          check=False)
    return [rules.Execution(json.loads(line)) for line in done.stdout.splitlines() if line.startswith("{")]


class Score:
    def __init__(self):
        self.wanted = self.found = self.claims = self.false = self.quiet = self.disturbed = 0

    def row(self, name):
        right = self.claims - self.false
        return f"| {name} | {percent(right, self.claims)} | {percent(self.found, self.wanted)} | {percent(self.disturbed, self.quiet)} |"


def score_rule(score, rule, result, executions):
    """A claim is right when it goes through a place where a look-up repeats by the labels, whatever the label's kind."""
    groups = rule(executions)
    loops = [w for w in result["wanted"] if w["kind"] == "n_plus_one" and w["place"]]
    repeated = [w["place"] for w in result["wanted"] if w["place"]]
    score.wanted += len(loops)
    score.found += sum(any(rules.speaks_of(g, w["place"]) for g in groups) for w in loops)
    score.claims += len(groups)
    score.false += sum(not any(rules.speaks_of(g, p) for p in repeated) for g in groups)
    if not result["wanted"]:
        score.quiet += 1
        score.disturbed += bool(groups)


def score_n1prof(score, result):
    loops = [w for w in result["wanted"] if w["kind"] == "n_plus_one"]
    score.wanted += len(loops)
    score.found += sum(w["found"] for w in loops)
    score.claims += sum(w["found"] for w in result["wanted"]) + len(result["false"])
    score.false += len(result["false"])
    if not result["wanted"]:
        score.quiet += 1
        score.disturbed += bool(result["false"])


def quality(results):
    all_wanted = [w for r in results for w in r["wanted"]]
    found = [w for w in all_wanted if w["found"]]
    yield "| kind | wanted | found | placed | advice right |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for kind in sorted({w["kind"] for w in all_wanted}):
        of_kind = [w for w in all_wanted if w["kind"] == kind]
        hit = [w for w in of_kind if w["found"]]
        placed = sum(not any(x.startswith("place") for x in w["wrong"]) for w in hit)
        advised = sum(not any(x.startswith(("action", "argument", "link")) for x in w["wrong"]) for w in hit)
        yield f"| `{kind}` | {len(of_kind)} | {percent(len(hit), len(of_kind))} | {percent(placed, len(hit))} | {percent(advised, len(hit))} |"
    false = sum(len(r["false"]) for r in results)
    yield ""
    programs = Counter(f"{r['program']}" for r in results)
    yield f"{len(results)} runs ({', '.join(f'{name} {n}' for name, n in sorted(programs.items()))}), {len(found)} of {len(all_wanted)} " \
          f"labelled findings found, {false} findings that no label wants."


def comparison(build, results, traces):
    own, others = Score(), {name: Score() for name, _ in rules.ABLATION + rules.RULES}
    table = dict(rules.ABLATION + rules.RULES)
    for r in results:
        score_n1prof(own, r)
        trace = os.path.join(traces, f"{r['program']}-{r['scenario']}-{r['database']}-{r['size']}")
        executions = recording(build, trace)
        for name, rule in table.items():
            score_rule(others[name], rule, r, executions)
    head = ["| rule | claims that are right | N+1 found | quiet programs disturbed |", "| --- | ---: | ---: | ---: |"]
    yield from ["Step by step to n1prof:", "", *head]
    yield from (others[name].row(name) for name, _ in rules.ABLATION)
    yield own.row("+ provenance (n1prof)")
    yield from ["", "Rules of other tools, re-implemented over the same recordings:", "", *head]
    yield from (others[name].row(name) for name, _ in rules.RULES)
    yield own.row("n1prof")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--results")
    parser.add_argument("--traces")
    parser.add_argument("--docs", default=os.path.join(ROOT, "docs", "detection.md"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="detection.") as folder:
        if not options.results:
            options.results, options.traces = os.path.join(folder, "results.json"), os.path.join(folder, "traces")
            subprocess.run([sys.executable, os.path.join(ROOT, "tests", "scenarios", "run.py"), options.build, "--results", options.results,
                            "--traces", options.traces], check=False)
        with open(options.results, encoding="utf-8") as file:
            results = json.load(file)
        lines = [BEGIN, "", *quality(results), "", *comparison(options.build, results, options.traces), "", END]
    with open(options.docs, encoding="utf-8") as file:
        page = file.read()
    before, _, rest = page.partition(BEGIN)
    page = before + "\n".join(lines) + rest.partition(END)[2]
    with open(options.docs, "w", encoding="utf-8") as file:
        file.write(page)
    print("\n".join(lines[1:-1]))


if __name__ == "__main__":
    main()
