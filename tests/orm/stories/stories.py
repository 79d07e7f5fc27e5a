#!/usr/bin/python3
"""The same session in Django 3.2 and in ormsh, over tables that each has made itself: values, error classes and the number of
queries of each line must be equal.

    stories.py --ormsh BUILD/bin/ormsh --models BUILD/.../libstories_models.so [--pg] [STORIES]

A session is lines of Python that build on one another (variables, objects, caches); an indented block belongs to the line
before it. How many statements a delete() takes is its own affair. '# known: why' before a line says that its answer differs on purpose, '# queries: why' that the number of its queries
does, '# sqlite' or '# pg' that it is for that database only."""
import argparse
import builtins
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "differential")]
import differential  # noqa: E402
import django_side  # noqa: E402
import library  # noqa: E402

CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "CLOSE")


def read(path, pg):
    """[(statement, notes)]: notes are what the comments before it say."""
    out, notes = [], {}
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        if line.startswith("#"):
            word, _, why = line[1:].strip().partition(":")
            notes[word] = why.strip() or True
        elif not line.strip():
            notes = {}
        elif line.startswith((" ", "else:", "elif ", "except")):
            out[-1][0] += "\n" + line
        else:
            out.append([line, notes])
            notes = {}
    other = "sqlite" if pg else "pg"
    return [(text, notes) for text, notes in out if other not in notes]


def make_tables():
    from django.db import connection
    import models as module
    from django.db import models
    made = [m for m in vars(module).values() if isinstance(m, type) and issubclass(m, models.Model) and not m._meta.abstract]
    with connection.schema_editor() as editor:
        for m in made:
            editor.create_model(m)


class Django:
    def __init__(self, settings):
        import django
        from django.conf import settings as all_settings
        all_settings.configure(DATABASES={"default": settings}, USE_TZ=True, TIME_ZONE="UTC", INSTALLED_APPS=[],
                               DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")
        django.setup()
        import models as module
        django_side.add_app(module)
        make_tables()
        self.scope = django_side.scope_of(module)
        from django.db import transaction
        self.scope["transaction"] = transaction
        from django.db import utils
        self.scope.update({k: v for k, v in vars(utils).items() if k.endswith("Error")})
        self.scope["TransactionManagementError"] = transaction.TransactionManagementError

    def value(self, text):
        from django.db import models
        try:
            code = compile(text, "story", "eval")
        except SyntaxError:
            lines = []
            self.scope["print"] = lambda *a, sep=" ": lines.append(sep.join(str(x) for x in a))
            exec(text, self.scope)
            self.scope["print"] = builtins.print
            return {"value": lines or None}
        v = eval(code, self.scope)
        if isinstance(v, models.Manager) or hasattr(v, "get_queryset"):
            v = v.all()
        if isinstance(v, models.QuerySet) or (isinstance(v, list) and v and hasattr(v[0], "_meta")):
            return {"rows": [django_side.scalar(x) for x in v]}
        if isinstance(v, models.Model):
            return {"rows": [django_side.scalar(v)]}
        return {"value": django_side.scalar(v)}

    def answer(self, text):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext
        with CaptureQueriesContext(connection) as seen:
            try:
                out = self.value(text)
            except Exception as e:  # every class is an answer
                out = {"error": type(e).__name__, "message": str(e)}
        sql = [q["sql"] or "" for q in seen.captured_queries if not (q["sql"] or "").startswith(CONTROL)]
        return out, sql


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--ormsh", required=True)
    p.add_argument("--models", required=True)
    p.add_argument("--pg", action="store_true")
    p.add_argument("stories", nargs="?", default=os.path.join(HERE, "stories.txt"))
    a = p.parse_args()
    story = read(a.stories, a.pg)
    empty = os.path.join(HERE, "empty.sql")
    with tempfile.TemporaryDirectory() as work:
        if a.pg:
            names = [f"orm_stories_{os.getpid()}_{who}" for who in ("ours", "django")]
            parts, ours = library.make_postgres(os.environ["N1_TEST_PG_URL"], names[0], empty)
            library.make_postgres(os.environ["N1_TEST_PG_URL"], names[1], empty)
            settings = {"ENGINE": "django.db.backends.postgresql", "NAME": names[1], "HOST": parts["host"],
                        "PORT": parts["port"], "USER": parts["user"]}
        else:
            ours = library.make_sqlite(os.path.join(work, "ours.db"), empty)
            settings = {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(work, "django.db")}
        lines = ["migrate()"] + [text for text, _ in story]
        run = subprocess.run([a.ormsh, "--db", ours, "--models", a.models, "--json", "--sql"],
                             input="\n".join(lines).encode() + b"\n", capture_output=True, timeout=300)
        answers = [json.loads(line) for line in run.stdout.decode("utf-8", "replace").splitlines()]
        if run.returncode or len(answers) != len(lines) or "error" in answers[0]:
            sys.exit(f"ormsh ended with {run.returncode}: {len(answers)} answers to {len(lines)} lines: {answers[:1]}\n"
                     + run.stderr.decode("utf-8", "replace"))
        django = Django(settings)
        bad = 0
        for (text, notes), mine in zip(story, answers[1:]):
            theirs, sql = django.answer(text)
            # rows in no order of their own are compared as a set
            same = differential.same_answer("x.order_by('id')" if "order" in text or "[" in text else "x", theirs, mine)
            if same == ("known" in notes):
                bad += 1
                print(("EQUAL NOW, though it is said to differ" if same else "DIFFERENT") +
                      f"  {text}\n  django  {json.dumps(theirs)[:900]}\n  ormsh   {json.dumps({**mine, 'sql': 0})[:900]}")
            equal_count = len(sql) == len(mine["sql"]) or ".delete()" in text
            if same and equal_count == ("queries" in notes):
                bad += 1
                print(f"{'EQUAL NUMBER NOW' if equal_count else 'QUERIES'}  {text}\n  django  " + "\n          ".join(sql)
                      + "\n  ormsh   " + "\n          ".join(mine["sql"]))
        if a.pg:
            import psycopg2
            from django.db import connection
            connection.close()
            admin = psycopg2.connect(os.environ["N1_TEST_PG_URL"])
            admin.autocommit = True
            for name in names:
                admin.cursor().execute(f'DROP DATABASE IF EXISTS "{name}"')
            admin.close()
    print(f"{len(story)} statements, {bad} differences")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
