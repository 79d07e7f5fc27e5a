#!/usr/bin/env python3
"""Every statement that a report offers in a loop's place, run on the loop's database: it must give the rows that the loop got.

  replacements.py BUILD [--only TEXT] [--jobs N]

The scenarios run with `--values`; the loop is asked again, one parameter after the other, and so is the replacement, whose `?` take
the constants that the program had in their places and the loop's keys where a list stands.
"""
import argparse
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import labels
import programs
import run

SIZE = 5
ROWS_MAX = 5000
NAME = r"[Aa][Ss]\s+'[^']*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|[A-Za-z_][A-Za-z_0-9]*"
VALUE = r"'(?:[^']|'')*'|\d+(?:\.\d+)?|\$\d+|\?\d*|(?<!:):[a-z_]\w*"
TOKEN = re.compile(f"(?P<name>{NAME})|(?P<value>{VALUE})")


def literal(parameter):
    if parameter["kind"] == "null":
        return "NULL"
    if parameter["kind"] in ("integer", "float"):
        return parameter["text"]
    return "'" + parameter["text"].replace("'", "''") + "'"


def operands(sql, recorded):
    """The values of an execution in the order in which its text has them. What was recorded: what was bound, then the literals;
    the text is that of the first execution."""
    words = [m["value"] for m in TOKEN.finditer(sql) if m["value"]]
    names = list(dict.fromkeys(w for w in words if w[0] in "$:" or w[1:] and w[0] == "?"))
    n_bound, n_marks, n_literals = len(names) + words.count("?"), 0, 0
    for word in words:
        if word == "?":
            yield recorded[n_marks]
            n_marks += 1
        elif word in names:
            yield recorded[int(word[1:]) - 1 if word[1:].isdigit() else names.index(word)]
        else:
            yield recorded[n_bound + n_literals] if n_bound + n_literals < len(recorded) else word
            n_literals += 1


LIST = re.compile(r"IN \((?:\?|\(\?, \?\)|VALUES \(\?, \?\))\)")


def filled(sql, values, keys=()):
    """sql with values for its `?` in their order; a list of one takes all keys."""
    values = list(values)

    def spread(match):
        if "VALUES" in match.group():
            return "IN (VALUES " + ", ".join(f"({key})" for key in keys) + ")"
        return "IN (" + ", ".join(f"({key})" if "((" in match.group() else key for key in keys) + ")"
    if keys:
        sql = LIST.sub(spread, sql)
    return TOKEN.sub(lambda m: values.pop(0) if m["value"] == "?" else m.group(), sql)


def normal(sql):
    sql = re.sub(r"/\*.*?\*/|--[^\n]*", " ", sql)
    sql = re.sub(r"\bas\b", " ", sql, flags=re.IGNORECASE)
    plain = re.sub(r"\s+", "", TOKEN.sub(lambda m: m["name"] or "?", sql)).rstrip(";").lower()
    return re.sub(r"in\((\?,)*(\?|\.\.\.)\)", "in(?)", plain)


class Database:
    def __init__(self, url):
        if "=" in url:
            import psycopg2
            self.db = psycopg2.connect(url)
            self.db.autocommit = True
        else:
            self.db = sqlite3.connect(url)

    def rows(self, sql):
        cursor = self.db.cursor()
        cursor.execute(f"SELECT * FROM ({sql}) AS walked LIMIT {ROWS_MAX}" if sql.startswith("WITH RECURSIVE") else sql)
        rows = cursor.fetchmany(ROWS_MAX)
        if len(rows) == ROWS_MAX:
            raise ValueError("no end of rows")
        return [tuple(map(str, row)) for row in rows], [d[0] for d in cursor.description]


def places(frames):
    return {(os.path.basename(f.get("file") or ""), f.get("line")) for f in frames}


def executions_of(records, statement):
    """(text, values in their order) of each: the same statement on the same way through the user's code."""
    way = places(f for f in statement["stack"] if f["user_code"] and f["file"])
    for r in records:
        has_way = way <= places(r["stack"]) or not any("file" in f for f in r["stack"])
        if normal(r["sql"]) == normal(statement["sql"]) and has_way:
            yield r["sql"], list(operands(r["sql"], [literal(p) for p in r["parameters"]]))


def varying(executions):
    """The places whose values change from one child to the next."""
    return [i for i in range(len(executions[0])) if len({e[i] for e in executions if len(e) > i}) > 1]


def constants_of(sql, child, changing, parent):
    """The child's constants stand before those of its parent's conditions; those of a LIMIT, its last ones, may have gone."""
    wanted = len(re.findall(r"\?", LIST.sub("", sql)))
    own = [v for i, v in enumerate(child) if i not in changing]
    if wanted < len(own) + len(parent):
        own = own[:max(wanted - len(parent), 0)]
    return own + parent + ["1"] * (wanted - len(own) - len(parent))


def verify(database, finding, records):
    """What is wrong with a replacement, or None."""
    children = list(executions_of(records, finding["child"]))
    if len(children) < 2:
        return f"the recording holds no loop of it: {finding['child']['sql']}"
    values_of = [values for _, values in children]
    changing = varying(values_of) or [0]
    loop, columns = [], []
    for values in {tuple(v): v for v in values_of}.values():
        text = filled(TOKEN.sub(lambda m: m["name"] or "?", children[0][0]), values)
        try:
            rows, columns = database.rows(text)
        except Exception as error:  # whatever the driver says
            return f"the loop cannot be asked again: {str(error).strip().splitlines()[0]}: {text}"
        loop += rows
    parents = [v for _, v in executions_of(records, finding["parent"])] if finding["parent"] else []
    parents = list({tuple(v): v for v in parents}.values()) or [[]]
    sql = finding["suggestion"]["sql"]
    keys = sorted({tuple(values[i] for i in changing) for values in values_of})
    if "WITH RECURSIVE" in sql:
        # Where the walks began: the rest is to be found by itself.
        found = {literal_of for row in loop for cell in row for literal_of in (cell, f"'{cell}'")}
        first = tuple(values_of[0][i] for i in changing)
        keys = sorted({first} | {key for key in keys if key[0] not in found})
        parents = [[]]
    got, names = [], []
    for of_parent in parents:
        text = filled(sql, constants_of(sql, values_of[0], changing, of_parent), [", ".join(key) for key in keys])
        try:
            rows, names = database.rows(text)
        except Exception as error:  # whatever the driver says
            return f"does not run: {str(error).strip().splitlines()[0]}: {text}"
        got += rows
    shared = [i for i, name in enumerate(columns) if any(is_same_name(n, name) for n in names)]
    if not shared and len(columns) > 1:
        return f"has none of the loop's columns {columns}: {sql}"
    if not shared:
        shared = [0]  # an aggregate or a question under a name of its own: compared by its values
    best = None
    link = finding["link"] or {}
    for places in candidates(columns, names, shared, {link.get("child_column"): link.get("parent_column")}):
        wanted = Counter(tuple(row[i] for i in shared) for row in loop)
        given = Counter(tuple(row[p] for p in places) for row in got)
        missing = {row for row in set(wanted) - set(given) if set(row) != {"0"}}  # no rows to count, no group
        best = min(best, len(missing)) if best is not None else len(missing)
    return None if best == 0 else f"lacks {best} of {len(set(map(tuple, loop)))} rows of the loop: {text}"


def is_same_name(given, wanted):
    """avg(stars) may be called avg, a second name posts_name, and authors_name just name."""
    wanted = wanted.split("(")[0]
    return given == wanted or given.endswith("_" + wanted) or wanted.endswith("_" + given)


def candidates(columns, names, shared, linked):
    """Which of the replacement's columns stand for the loop's: the parent's column that gave the key, then those of the name, the last
    one first; a column of a new name for one that has none."""
    choices = []
    for i in shared:
        keys = [p for p, name in enumerate(names) if name == linked.get(columns[i])]
        of_name = [p for p, name in enumerate(names) if is_same_name(name, columns[i])]
        choices.append(keys + of_name[::-1] or list(range(len(names)))[::-1])
    combinations = [[]]
    for places in choices:
        combinations = [c + [p] for c in combinations for p in places][:1024]
    return combinations


def one_run(build, databases, label, kind):
    program = programs.PROGRAMS[label.program](build)
    url = databases.copy(program, kind, SIZE)
    folder = tempfile.mkdtemp(prefix="replacements.")
    profiler, out, trace = os.path.join(build, "bin", "n1prof"), os.path.join(folder, "report"), os.path.join(folder, "trace")
    offered, wrong = 0, []
    try:
        untouched = databases.copy(program, kind, SIZE)
        env = dict(os.environ, SCENARIO_DB=url, PYTHONDONTWRITEBYTECODE="1", LC_ALL="C.UTF-8")
        subprocess.run([profiler, "run", "--values", "--keep", trace, "--format", "json", "-o", out, "--", *program.command, label.scenario],
                       env=env, capture_output=True, timeout=60, cwd=program.folder, check=True)
        dump = subprocess.run([profiler, "dump", trace, "--format", "ndjson"], capture_output=True, text=True, check=True).stdout
        records = [json.loads(line) for line in dump.splitlines()]
        with open(out, encoding="utf-8") as file:
            findings = [f for f in json.load(file)["findings"] if f["suggestion"]["sql"]]
        database = Database(url if program.makes_tables else untouched)
        for finding in findings:
            complaint = verify(database, finding, records)
            offered += 1
            if complaint:
                wrong.append(complaint)
        database.db.close()
        databases.drop(untouched)
    finally:
        databases.drop(url)
        shutil.rmtree(folder)
    return f"{label.program}/{label.scenario} {kind}", offered, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="scenarios.")
    databases = run.Databases(folder)
    # What several databases or a database of the program's own hold is not in the copy. The graves' statements are for one quarter each.
    skipped = re.compile(r"another_database|archive|graves|across_databases|insert|create|inserted")
    what = [(label, kind) for label, kind, _ in run.runs_of(labels.read_labels(), options.only, databases.admin is not None)
            if label.wanted and not skipped.search(label.scenario)]
    what = list({(label.program, label.scenario, kind): (label, kind) for label, kind in what}.values())
    offered = failed = 0
    try:
        with ThreadPoolExecutor(options.jobs) as pool:
            for name, count, wrong in pool.map(lambda w: one_run(os.path.abspath(options.build), databases, *w), what):
                offered, failed = offered + count, failed + len(wrong)
                for complaint in wrong:
                    print(f"{name}: {complaint}", flush=True)
    finally:
        if databases.admin is not None:
            databases.close()
        shutil.rmtree(folder)
    print(f"{len(what)} programs, {offered} replacements, {failed} of them wrong")
    return 1 if failed or not offered else 0


if __name__ == "__main__":
    sys.exit(main())
