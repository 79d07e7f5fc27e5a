#!/usr/bin/python3
"""The same text to Django 3.2 and to ormsh, over the same database: rows, values and error classes must be equal.

    differential.py --ormsh BUILD/bin/ormsh [--pg] [--random N] [--wide | --deep] [--seed S] [--schema FILE.sql] [CORPUS]

--pg takes the server of N1_TEST_PG_URL. Without --random the corpus runs: an expression a line; a comment '# known: why'
before one says that it differs on purpose, '# sqlite' or '# pg' that it is for that database only. --random makes N
expressions (the seed is printed; a difference is made as short as possible), --wide those of more kinds, --deep writes, prefetched
lists, documents and what else comes behind a query. --schema: the
tables that a script makes, not the library's. Exit status 1: there was a difference."""
import argparse
import ast
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import django_side  # noqa: E402
import library  # noqa: E402


def number(v):
    if isinstance(v, bool):
        return float(v)
    if isinstance(v, (int, float)):
        return float(v)
    if isinstance(v, str):
        try:
            return float(v)
        except ValueError:
            return None
    return None


def same_scalar(a, b):
    if type(a) is type(b) and a == b:
        return True
    if isinstance(a, str) and isinstance(b, str):  # decimals: equal numbers; other texts have to be equal
        if not all(c in "0123456789.-+eE" for c in a + b) or "." not in a + b and "E" not in a + b:
            return False
    elif isinstance(a, str) or isinstance(b, str) or a is None or b is None:
        return False
    x, y = number(a), number(b)
    return x is not None and y is not None and abs(x - y) <= 1e-11 * max(abs(x), abs(y))


def same(a, b):
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    return same_scalar(a, b)


def rough(v):
    """A key for sorting in which nearly equal numbers are equal."""
    if isinstance(v, dict):
        return json.dumps({k: rough(x) for k, x in v.items()}, sort_keys=True)
    if isinstance(v, list):
        return json.dumps([rough(x) for x in v])
    x = number(v)
    return "%.6g" % x if x is not None else json.dumps(v)


def same_rows(a, b, ordered):
    if len(a) != len(b):
        return False
    if not ordered:
        a, b = sorted(a, key=rough), sorted(b, key=rough)
    return all(same(x, y) for x, y in zip(a, b))


def is_ordered(text):
    """Does the chain itself, not a query inside an argument, end its order with the key?"""
    node = ast.parse(text, mode="eval").body
    while isinstance(node, (ast.Call, ast.Attribute, ast.Subscript)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "order_by":
            last = node.args[-1] if node.args else None
            return isinstance(last, ast.Constant) and last.value in ("id", "-id", "pk", "-pk")
        node = node.func if isinstance(node, ast.Call) else node.value
    return False


def same_answer(text, django, ours):
    if "error" in django or "error" in ours:
        return django.get("error") == ours.get("error")
    if "rows" in django and "rows" in ours:
        ordered = is_ordered(text)
        return same_rows(django["rows"], ours["rows"], ordered)
    if django.get("value") == [] and ours.get("rows") == []:  # an empty list of what
        return True
    if "value" in django and "rows" in ours and len(ours["rows"]) == 1:  # one record of values()
        return same(django["value"], ours["rows"][0])
    return "value" in django and "value" in ours and same(django["value"], ours["value"])


def is_django_defect(django):
    """exclude() over two relations beside F() arithmetic: Django 3.2 trims a table that the value still uses. HAVING with
    exclude() over a relation: it groups by the subquery, which PostgreSQL takes for a value. | and & of querysets that both
    join a table twice: an assertion of its own about aliases."""
    if django.get("error") == "AssertionError" and not django["message"]:
        return True
    return any(x in django.get("message", "") for x in ("no such column", "missing FROM-clause entry",
                                                       "invalid reference to FROM-clause", "more than one row returned by a subquery",
                                                       "subquery uses ungrouped column", "column t", "column v",
                                                       "column \"x"))


class Pair:
    def __init__(self, ormsh, pg, work, script=None):
        if pg:
            parts, self.url = library.make_postgres(os.environ["N1_TEST_PG_URL"], f"orm_differential_{os.getpid()}", script)
            settings = {"ENGINE": "django.db.backends.postgresql", "NAME": f"orm_differential_{os.getpid()}",
                        "HOST": parts["host"], "PORT": parts["port"], "USER": parts["user"]}
        else:
            path = os.path.join(work, "library.sqlite3")
            self.url = library.make_sqlite(path, script)
            settings = {"ENGINE": "django.db.backends.sqlite3", "NAME": path}
        self.ormsh = ormsh
        self.pg = pg
        self.scope = django_side.setup(settings)

    def ours(self, texts):
        run = subprocess.run([self.ormsh, "--db", self.url, "--inspect", "--json", "--sql", "--rollback"],
                             input="".join(t + "\n" for t in texts).encode(), capture_output=True, timeout=600)
        lines = run.stdout.decode("utf-8", "replace").splitlines()
        if run.returncode or len(lines) != len(texts):
            at = texts[len(lines)] if len(lines) < len(texts) else ""
            raise SystemExit(f"ormsh ended with {run.returncode} after {len(lines)} of {len(texts)} lines, at\n  {at}\n"
                             + run.stderr.decode("utf-8", "replace")[-3000:])
        return [json.loads(line) for line in lines]

    def compare(self, texts):
        """[(text, django, ours)] of those that differ"""
        ours = self.ours(texts)
        pairs = [(t, django_side.answer(self.scope, t), o) for t, o in zip(texts, ours)]
        return [(t, d, o) for t, d, o in pairs if not same_answer(t, d, o)]

    def drop(self):
        if self.pg:
            import psycopg2
            from django.db import connection
            name = connection.settings_dict["NAME"]
            connection.close()
            admin = psycopg2.connect(os.environ["N1_TEST_PG_URL"])
            admin.autocommit = True
            with admin.cursor() as c:
                c.execute(f'DROP DATABASE IF EXISTS "{name}"')
            admin.close()


def read_corpus(path, pg):
    """[(text, why it may differ or None)]"""
    out, known, only = [], None, None
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if line.startswith("# known:"):
            known = line[8:].strip()
        elif line in ("# pg", "# sqlite"):
            only = line[2:]
        elif line and not line.startswith("#"):
            if only in (None, "pg" if pg else "sqlite"):
                out.append((line, known))
            known = only = None
    return out


def show(text, django, ours):
    def short(x):
        x = dict(x)
        sql = x.pop("sql", None)
        t = json.dumps(x, ensure_ascii=False)
        return (t if len(t) < 700 else t[:700] + f"... ({len(x.get('rows', []))} rows)") + (f"\n    {sql}" if sql else "")
    print(f"DIFFERENT  {text}\n  django  {short(django)}\n  ormsh   {short(ours)}")


def run_corpus(pair, path):
    corpus = read_corpus(path, pair.pg)
    different = pair.compare([t for t, _ in corpus])
    known = {t: why for t, why in corpus if why}
    for d in different:
        if d[0] not in known:
            show(*d)
    stale = [t for t in known if t not in {d[0] for d in different}]
    for t in stale:
        print(f"EQUAL NOW, though it is said to differ ({known[t]})\n  {t}")
    bad = [d for d in different if d[0] not in known]
    print(f"{len(corpus)} expressions, {len(known)} known differences, {len(bad)} differences")
    return len(bad) + len(stale)


def run_random(pair, n, seed, kind):
    import deep
    import generate
    import wide
    print(f"seed {seed}")
    maker = {"plain": generate.Maker, "wide": wide.Wide, "deep": deep.Deep}[kind](seed)
    made = [maker.query() for _ in range(n)]
    different = [d for d in pair.compare([q.text() for q in made]) if not is_django_defect(d[1])]
    by_text = {q.text(): q for q in made}
    seen = set()
    for text, django, ours in different[:12]:
        small = generate.shrink(by_text[text], lambda q: any(not is_django_defect(d[1]) for d in pair.compare([q.text()])))
        if small.text() not in seen:
            seen.add(small.text())
            show(*(pair.compare([small.text()]) or [(text, django, ours)])[0])
    errors = sum("error" in o for o in pair.ours([q.text() for q in made]))
    print(f"{n} random expressions ({errors} of them errors), {len(different)} differences")
    return len(different)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--ormsh", required=True)
    p.add_argument("--pg", action="store_true")
    p.add_argument("--random", type=int, default=0)
    p.add_argument("--seed", type=int)
    p.add_argument("--schema")
    p.add_argument("--wide", action="store_true")
    p.add_argument("--deep", action="store_true")
    p.add_argument("corpus", nargs="?", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus.txt"))
    a = p.parse_args()
    if a.pg and not os.environ.get("N1_TEST_PG_URL"):
        sys.exit("differential.py --pg needs N1_TEST_PG_URL")
    with tempfile.TemporaryDirectory() as work:
        pair = Pair(a.ormsh, a.pg, work, a.schema)
        try:
            seed = a.seed if a.seed is not None else int.from_bytes(os.urandom(4), "big")
            bad = run_random(pair, a.random, seed, "deep" if a.deep else "wide" if a.wide else "plain") if a.random else run_corpus(pair, a.corpus)
        finally:
            pair.drop()
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
