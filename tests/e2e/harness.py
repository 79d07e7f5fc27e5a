"""What the end-to-end cases share: a folder of its own for each case, n1prof run on real programs, the report's contract.

A case is a function of a Case, registered by @case; it fails by raising. Everything is judged by what a user would see:
exit statuses, output, the JSON report, the files left behind.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PYTHON = "/usr/bin/python3"
CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def expect(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(part) for part in what))


def expect_equal(got, wanted, what):
    expect(got == wanted, f"{what}: got {got!r}, wanted {wanted!r}")


class Run:
    """One finished command."""

    def __init__(self, argv, process):
        self.argv, self.status = argv, process.returncode
        self.out, self.err = process.stdout, process.stderr

    def __str__(self):
        return f"{' '.join(self.argv)}\nstatus {self.status}\n--stdout--\n{self.out}--stderr--\n{self.err}"


class Case:
    def __init__(self, name, build):
        self.name, self.build = name, build
        self.n1prof = os.path.join(build, "bin", "n1prof")
        self.dir = os.path.join(build, "e2e", name)
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir)

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def program(self, name):
        return os.path.join(self.build, "bin", name)

    def source(self, *parts):
        return os.path.join(SOURCE, *parts)

    def run(self, *argv, status=0, env=None, stdin=subprocess.DEVNULL, timeout=60):
        """Runs a command in the case's folder; its status must be `status` (None: any)."""
        full = {**os.environ, "LC_ALL": "C.UTF-8", **(env or {})}
        for name in ("NO_COLOR", "CLICOLOR_FORCE", "N1PROF_TRACE_DIR", "LD_PRELOAD", "COLUMNS"):
            if name not in (env or {}):
                full.pop(name, None)
        # A sanitized program of ours may find the (never sanitized) shim before its runtime in the list of libraries.
        full["ASAN_OPTIONS"] = "verify_asan_link_order=0:" + full.get("ASAN_OPTIONS", "")
        argv = [str(part) for part in argv]
        process = subprocess.run(argv, cwd=self.dir, env=full, stdin=stdin, timeout=timeout, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, errors="surrogateescape")
        run = Run(argv, process)
        if status is not None:
            got = run.status if run.status >= 0 else 128 - run.status
            expect(got == status, f"status {got}, wanted {status}:\n{run}")
        return run

    def profile(self, *program, options=(), status=0, env=None):
        """n1prof run --format json -o report.json PROGRAM: the checked report and the Run."""
        report = self.path("report.json")
        if os.path.exists(report):
            os.remove(report)
        run = self.run(self.n1prof, "run", "--format", "json", "-o", report, *options, "--", *program, status=status, env=env)
        expect(os.path.exists(report), f"no report was written:\n{run}")
        return load_report(report), run

    def line_of(self, text, *parts):
        """The number of the one line of a source file that holds the text."""
        with open(self.source(*parts), encoding="utf-8") as file:
            found = [number for number, line in enumerate(file, 1) if text in line]
        expect(len(found) == 1, f"{text!r} stands {len(found)} times in {'/'.join(parts)}")
        return found[0]

    def shop(self):
        """A seeded SQLite database of examples/c_sqlite: 120 orders, 40 customers."""
        database = self.path("shop.db")
        if not os.path.exists(database):
            self.run(self.program("shop_sqlite"), database, "seed")
        return database

    def postgres(self):
        """A fresh database in the tests' cluster: its URL."""
        name = "n1_" + re.sub(r"\W", "_", self.name)
        url = os.environ["N1_TEST_PG_URL"]
        for sql in (f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"'):
            self.run("psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql)
        return re.sub(r"/[^/?]*(\?|$)", rf"/{name}\1", url, count=1) if url.count("/") >= 3 else f"{url}/{name}"


def database_of(url):
    """The name of the database in a URL that Case.postgres made."""
    return re.search(r"/([^/?]+)(\?|$)", url.split("://", 1)[1]).group(1)


def read_schema(name):
    """A validator by one of docs/schemas."""
    import jsonschema

    with open(os.path.join(SOURCE, "docs", "schemas", name), encoding="utf-8") as file:
        return jsonschema.Draft7Validator(json.load(file))


# ---- the contract's JSON report ------------------------------------------------------------------------------------

NUMBER, TEXT, TRUTH = int, str, bool
LOCATION = {"file": (TEXT, None), "line": (NUMBER, None), "function": (TEXT, None)}
FRAME = dict(LOCATION, module=(TEXT, None), language=TEXT, user_code=TRUTH)
STATEMENT = {"fingerprint": TEXT, "sql": TEXT, "example": (TEXT, None), "tables": [TEXT], "executions": NUMBER,
             "rows": NUMBER, "db_time_ns": NUMBER, "location": (LOCATION, None), "stack": [FRAME]}
LINK = {"parent_table": (TEXT, None), "parent_column": (TEXT, None), "child_table": (TEXT, None),
        "child_column": (TEXT, None), "cardinality": TEXT}
FINDING = {
    "id": TEXT, "kind": TEXT, "confidence": TEXT, "message": TEXT, "parent": (STATEMENT, None), "child": STATEMENT,
    "link": (LINK, None),
    "evidence": {"executions": NUMBER, "distinct_parameters": NUMBER, "matched_parameters": NUMBER, "parent_rows": NUMBER,
                 "same_call_path": TRUTH, "within_cursor": TRUTH},
    "suggestion": {"action": TEXT, "argument": (TEXT, None), "text": TEXT, "sql": (TEXT, None), "queries_before": NUMBER,
                   "queries_after": NUMBER, "saved_ns": NUMBER},
    "suppressed": TRUTH,
}
REPORT = {
    "schema": TEXT, "tool": {"name": TEXT, "version": TEXT},
    "trace": {"command": [TEXT], "duration_ns": NUMBER, "processes": NUMBER, "threads": NUMBER, "complete": TRUTH,
              "lost_events": NUMBER, "exit_status": (NUMBER, None)},
    "totals": {"statements": NUMBER, "rows": NUMBER, "failed": NUMBER, "db_time_ns": NUMBER, "fingerprints": NUMBER,
               "connections": NUMBER},
    "findings": [FINDING], "queries": [STATEMENT],
    "scopes": [{"name": TEXT, "entries": NUMBER, "statements": NUMBER, "most_statements": NUMBER}],
}
KINDS = {"n_plus_one", "query_loop", "duplicate_query", "write_loop", "read_modify_write"}
CONFIDENCES = {"proven", "likely", "possible"}
ACTIONS = {"select_related", "prefetch_related", "annotate", "in_bulk", "load_columns", "cache", "bulk_create",
           "bulk_update", "update_expression", "none"}


def check_shape(value, shape, where):
    if isinstance(shape, tuple):
        if value is None:
            return
        shape = shape[0]
    if isinstance(shape, dict):
        expect(isinstance(value, dict), where, "is no object:", value)
        for name, inner in shape.items():
            expect(name in value, where, "lacks", name)
            check_shape(value[name], inner, f"{where}.{name}")
    elif isinstance(shape, list):
        expect(isinstance(value, list), where, "is no array:", value)
        for i, item in enumerate(value):
            check_shape(item, shape[0], f"{where}[{i}]")
    else:
        expect(type(value) is shape, where, f"is no {shape.__name__}:", repr(value))


def load_report(path):
    """The report in a file, held against the contract."""
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    check_shape(report, REPORT, "report")
    expect_equal(report["schema"], "n1prof-report/1", "schema")
    for finding in report["findings"]:
        expect(finding["kind"] in KINDS, "unknown kind", finding["kind"])
        expect(finding["confidence"] in CONFIDENCES, "unknown confidence", finding["confidence"])
        expect(finding["suggestion"]["action"] in ACTIONS, "unknown action", finding["suggestion"]["action"])
        expect((finding["kind"] == "n_plus_one") <= (finding["parent"] is not None), "an n_plus_one without a parent")
        if finding["confidence"] == "proven" and finding["kind"] == "n_plus_one":
            expect(finding["evidence"]["matched_parameters"] > 0, "proven without a matched parameter")
    ids = [finding["id"] for finding in report["findings"]]
    expect_equal(len(set(ids)), len(ids), "distinct finding ids")
    times = [query["db_time_ns"] for query in report["queries"]]
    expect_equal(times, sorted(times, reverse=True), "queries by total time")
    expect_equal(sum(query["executions"] for query in report["queries"]), report["totals"]["statements"],
                 "executions of all queries")
    return report


def only_finding(report, kind="n_plus_one"):
    got = [(finding["kind"], finding["child"]["sql"], finding["evidence"]["executions"]) for finding in report["findings"]]
    expect(len(got) == 1 and got[0][0] == kind, f"wanted one {kind}, got", got)
    return report["findings"][0]


def expect_link(finding, parent, child, cardinality):
    link = finding["link"]
    expect(link is not None, "the finding has no link")
    got = (f"{link['parent_table']}.{link['parent_column']}", f"{link['child_table']}.{link['child_column']}",
           link["cardinality"])
    expect_equal(got, (parent, child, cardinality), "link")


def expect_place(statement, file, line, function=None):
    place = statement["location"]
    expect(place is not None and place["file"] is not None, "no location:", place, statement["stack"])
    expect(place["file"] == file or place["file"].endswith("/" + file) or file.endswith("/" + place["file"]),
           f"file {place['file']}, wanted {file}")
    expect_equal(place["line"], line, f"line in {file}")
    if function:
        expect_equal(place["function"], function, "function")


def main(argv):
    import importlib

    for name in ("case_django", "case_c", "case_processes", "case_orm", "case_command", "case_privacy", "case_gate", "case_gate_django", "case_ci", "case_scripts", "case_loading", "case_lives",
                 "case_losses", "case_foreign"):
        importlib.import_module(name)
    if argv[:1] == ["--list"]:
        print("\n".join(sorted(CASES)))
        return 0
    if len(argv) != 2 or argv[1] not in CASES:
        print("usage: run.py --list | BUILD CASE\ncases: " + " ".join(sorted(CASES)), file=sys.stderr)
        return 2
    the_case = Case(argv[1], os.path.abspath(argv[0]))
    try:
        CASES[argv[1]](the_case)
    except AssertionError as error:
        print(f"{argv[1]}: {error}\n(its files: {the_case.dir})", file=sys.stderr)
        return 1
    return 0


def signal_status(number):
    return 128 + int(number)


__all__ = ["CASES", "PYTHON", "SOURCE", "case", "database_of", "expect", "expect_equal", "expect_link", "expect_place",
           "load_report", "main", "only_finding", "read_schema", "signal", "signal_status"]
