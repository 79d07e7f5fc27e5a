"""Rules of other tools, re-implemented from their source over n1prof's recordings, and the steps of an ablation.

They are re-implementations: the originals run inside one framework each, and look at its own events. Every rule gets what it
needs (statements, parameters, stacks, times); what it says is a list of groups of executions.
"""
import os
import re
from collections import defaultdict

LIBRARY = re.compile(r"/(site|dist)-packages/|/lib/python3|/usr/share/(perl|php)|/lib/.*/perl|/usr/share/ruby|/gems/|/usr/lib/ruby|/var/lib/gems|<internal|<frozen|\(eval")


class Execution:
    def __init__(self, record):
        self.sql = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/|--.*", "", record["sql"])).strip()
        self.parameters = tuple(p.get("hash", p["kind"]) for p in record["parameters"])
        self.frames = tuple((f.get("file"), f.get("line"), f.get("function")) for f in record["stack"] if f.get("language") != "c")
        self.user = tuple(f for f in self.frames if f[0] and not LIBRARY.search(f[0])) or tuple(
            (None, None, (f.get("module"), f.get("address"))) for f in record["stack"])
        self.duration_ns = record["duration_ns"] or 0
        self.process, self.thread = record["process"], record["thread"]
        catalogue = re.search(r"pg_|sqlite_|information_schema|django_content_type|schema_migrations", self.sql)
        self.is_select = bool(re.match(r"(SELECT|WITH)\b", self.sql, re.IGNORECASE)) and not catalogue


def groups_of(executions, key, at_least=2, distinct=False):
    groups = defaultdict(list)
    for e in executions:
        if e.is_select:
            groups[key(e)].append(e)
    return [g for g in groups.values()
            if len({e.parameters for e in g} if distinct else g) >= at_least]


def prosopite(executions):
    """Equal fingerprint and equal whole stack, at least 2."""
    return groups_of(executions, lambda e: (e.thread, e.frames or e.user, e.sql))


def zeal(executions):
    """One user frame, at least 2 (the model and field are taken to be the statement)."""
    return groups_of(executions, lambda e: (e.thread, e.sql, e.user[:1]))


def sentry(executions):
    """A run of at least 5 equal spans behind a different one. Its threshold of 50 ms is left out: the corpus' databases are local."""
    found, run = [], []
    for e in executions + [None]:
        if run and (e is None or e.sql != run[0].sql or e.thread != run[0].thread):
            if len(run) >= 5 and run[0].is_select:
                found.append(run)
            run = []
        if e is not None:
            run.append(e)
    return found


def truta(executions):
    """Equal statement and first user frame with at least 5 different parameter sets."""
    return groups_of(executions, lambda e: (e.process, e.sql, e.user[:1]), 5, True)


def debug_toolbar(executions):
    """Equal statements ("similar"), more than one."""
    return groups_of(executions, lambda e: e.sql)


def with_stack(executions):
    return groups_of(executions, lambda e: (e.sql, e.user))


def with_distinct(executions):
    return groups_of(executions, lambda e: (e.sql, e.user), 2, True)


RULES = [("prosopite", prosopite), ("django-zeal", zeal), ("Sentry, without its 50 ms", sentry),
         ("Truta446/nplusone", truta), ("django-debug-toolbar", debug_toolbar)]
ABLATION = [("shape alone", debug_toolbar), ("+ call path", with_stack), ("+ distinct parameters", with_distinct)]


def speaks_of(group, place):
    """Whether a group's stacks go through a place (base name, line)."""
    return any(os.path.basename(f[0]) == place[0] and f[1] == place[1] for e in group for f in e.frames if f[0])
