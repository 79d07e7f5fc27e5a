#!/usr/bin/python3
"""One host under the profiler and without it, side by side: run.py BUILD HOST [PYTHON]. The two runs must end alike, print the same on
both streams (but for times and addresses), and the recording must be whole and hold what the host asked.

A host is a program with a behavioural suite that prints what it saw: values, types, errors, return codes, errno, signal masks. Each
run has a folder and, on PostgreSQL, a fresh schema; nothing else may differ. A package's own suite comes with its source, which
apt-get fetches into BUILD/hosts/sources and which is kept there; where it is not to be had the test is skipped (status 77).
"""
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"
SKIPPED = 77


def here(*parts):
    return os.path.join(HERE, *parts)


def libpq(*argv):
    return {"argv": argv, "postgres": True}


# Name: the command; its standard input; how many statements the recording must hold at least; what differs from run to run anyway.
HOSTS = {
    "python_sqlite3": {"argv": [PYTHON, here("python_sqlite3.py")], "statements": 300},
    "sqlite3_shell": {"argv": ["sqlite3", "-batch", "shell.db"], "stdin": here("shell.sql"), "statements": 60, "status": 3},
    "perl_dbd_sqlite_own": {"argv": ["prove", "-v", "t/"], "statements": 4000, "source": "libdbd-sqlite3-perl"},
    "perl_dbd_sqlite": {"argv": ["perl", here("dbi.pl"), "dbi:SQLite:dbname=perl.db"], "statements": 60},
    "ruby_sqlite3": {"argv": ["ruby", here("ruby_sqlite3.rb")], "statements": 50},
    "psql": {**libpq("psql", "-X", "-v", "VERBOSITY=verbose", "-f", here("psql.sql")), "statements": 40, "status": 2},
    "pgbench_simple": {**libpq("pgbench", "-n", "-M", "simple", "-f", here("pgbench.sql")), "statements": 800},
    "pgbench_extended": {**libpq("pgbench", "-n", "-M", "extended", "-f", here("pgbench.sql")), "statements": 800},
    "pgbench_prepared": {**libpq("pgbench", "-n", "-M", "prepared", "-f", here("pgbench.sql")), "statements": 800},
    "pgbench_pipeline": {**libpq("pgbench", "-n", "-M", "extended", "-f", here("pgbench_pipeline.sql")), "statements": 800},
    "perl_dbd_pg": {**libpq("perl", here("dbi.pl"), "dbi:Pg:"), "statements": 60},
    "ruby_pg": {**libpq("ruby", here("ruby_pg.rb")), "statements": 50},
    "python_psycopg2": {**libpq(PYTHON, here("python_psycopg2.py")), "statements": 60},
}
for host in HOSTS.values():
    if host["argv"][0] == "pgbench":
        host["argv"] = (*host["argv"], "-c", "2", "-j", "2", "-t", "100", "-r")

# What no two runs share: times, process ids, addresses, and pgbench's measurements.
VARIES = [(r"\b0x[0-9a-f]{4,}", "ADDRESS"), (r"(?m)^(latency|tps|initial connection|duration).*\n", ""),
          (r"(?m)^ +\d+\.\d+ +(\d+ +)?(\\\S+|SELECT|INSERT|UPDATE|BEGIN|END).*\n", ""), (r"(?m)^Time: .*$", "TIME"),
          (r"server process with PID \d+", "server process"), (r"pid=\d+", "pid"), (r"(?m)^(Ran \d+ tests) in .*s$", r"\1"), (r"(lo_import|lo_unlink) \d+", r"\1")]
# Beside these of prove and the suites under it: where a line ends that two processes write.
PROVE_VARIES = [(r"\bfoo\d+", "foo"), (r"/\w{10}/", "/TEMPORARY/"), (r"\d+\.\d{4} secs", "secs"),
                (r"(?m)^(Files=\d+, Tests=\d+), .*$", r"\1"), (r"(?m)^\n", "")]


def clean(text, host):
    for pattern, instead in VARIES + (PROVE_VARIES if host["argv"][0] == "prove" else []):
        text = re.sub(pattern, instead, text)
    return text


def source_of(build, package):
    """The folder of a Debian package's source, or the reason why there is none."""
    folder = os.path.join(build, "hosts", "sources")
    place = os.path.join(folder, package)
    if not os.path.isdir(place):
        os.makedirs(folder, exist_ok=True)
        try:
            for argv in (["apt-get", "source", "--download-only", package], ["sh", "-c", f"dpkg-source --no-check -x {package}_*.dsc {package}"]):
                subprocess.run(argv, cwd=folder, check=True, capture_output=True, text=True, timeout=60)
        except FileNotFoundError as error:
            return None, error
        except subprocess.TimeoutExpired:
            return None, "the archive does not answer"
        except subprocess.CalledProcessError as error:
            return None, (error.stderr.strip().splitlines() or ["apt-get failed"])[-1]
    return place, None


class Side:
    """One of the two runs."""

    def __init__(self, build, name, host, is_recorded):
        self.trace = None
        folder = os.path.join(build, "hosts", name, "recorded" if is_recorded else "plain")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        at = folder
        if "source" in host:
            at = shutil.copytree(source_of(build, host["source"])[0], os.path.join(folder, "source"))
        env = {k: v for k, v in os.environ.items() if not k.startswith("N1PROF_") and k != "LD_PRELOAD"}
        env.update(LC_ALL="C.UTF-8", TZ="UTC", PGTZ="UTC", PERL_HASH_SEED="0", HOME=folder, N1_BUILD=build)
        if host.get("postgres"):
            schema = f"n1_host_{name}"
            subprocess.run(["psql", "-qX", "-c", f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}"], env=dict(
                env, PGOPTIONS="--client-min-messages=error"), check=True)
            env["PGOPTIONS"] = f"--search_path={schema}"
        argv = list(host["argv"])
        if is_recorded:
            self.trace = os.path.join(folder, "trace")
            argv = [os.path.join(build, "bin", "n1prof"), "record", "-o", self.trace, "--", *argv]
        with open(host.get("stdin", os.devnull), "rb") as stdin:
            run = subprocess.run(argv, cwd=at, env=env, stdin=stdin, capture_output=True, timeout=110)
        self.status = run.returncode
        self.out, self.err = (clean(stream.decode("utf-8", "backslashreplace").replace(folder, "FOLDER"), host) for stream in (run.stdout, run.stderr))


def differences(plain, recorded):
    if plain.status != recorded.status:
        yield f"status {recorded.status} instead of {plain.status}"
    for stream in ("out", "err"):
        a, b = getattr(plain, stream).splitlines(), getattr(recorded, stream).splitlines()
        for number, (x, y) in enumerate(zip(a + [""] * len(b), b + [""] * len(a)), 1):
            if x != y:
                yield f"std{stream}, line {number}: {y!r} instead of {x!r}"
                break


def own_suite(python):
    """Python's own tests of its module sqlite3, with the interpreter of that path. They report on standard error."""
    return {"argv": [python, "-m", "unittest", "-v", "test.test_sqlite3"], "statements": 2000, "talks": "err"}


def main(build, name, python=None):
    host = own_suite(python) if python else HOSTS[name]
    why = source_of(build, host["source"])[1] if "source" in host else None
    if why:
        print(f"{name}: skipped: the source of {host['source']} is not to be had: {why}")
        return SKIPPED
    plain, recorded = (Side(build, name, host, is_recorded) for is_recorded in (False, True))
    wrong = list(differences(plain, recorded))
    if plain.status != host.get("status", 0) or len(getattr(plain, host.get("talks", "out"))) < 100:
        wrong.append(f"the host itself fails: status {plain.status}\n{plain.out[-1000:]}{plain.err[-2000:]}")
    report = json.loads(subprocess.run([os.path.join(build, "bin", "n1prof"), "report", recorded.trace, "-f", "json"],
                                       capture_output=True, check=True).stdout)
    if not report["trace"]["complete"] or report["trace"]["lost_events"]:
        wrong.append(f"the recording is not whole: {report['trace']}")
    if report["totals"]["statements"] < host["statements"]:
        wrong.append(f"only {report['totals']['statements']} statements were recorded")
    for line in wrong:
        print(f"{name}: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), *sys.argv[2:]))
