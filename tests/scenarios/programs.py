"""How each of the corpus' programs is started, and over which tables."""
import os
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"


@dataclass
class Program:
    folder: str
    command: list
    style: str
    seed: list = None  # a program that fills its own tables: SEED N; else seed.py's tables in that style
    makes_tables: bool = False  # when it runs, and not before


def script(name, interpreter, file, style, seeds_itself=False):
    folder = os.path.join(HERE, name)
    command = [interpreter, os.path.join(folder, file)]
    return lambda build: Program(folder, command, style, [*command, "seed"] if seeds_itself else None)


def compiled(name, style):
    """A C program, built by this folder's CMakeLists.txt."""
    return lambda build: Program(os.path.join(HERE, name), [os.path.join(build, "bin", "scenarios_" + name)], style)


def strangers(build):
    """Programs with tables of their own, which each makes for itself."""
    folder = os.path.join(HERE, "strangers")
    empty = ["/bin/sh", "-c", 'case $SCENARIO_DB in *=*) ;; *) : >"$SCENARIO_DB" ;; esac']
    return Program(folder, [os.path.join(folder, "start"), os.path.join(build, "bin")], "strangers", empty, makes_tables=True)


def guests(build):
    """Programs over tables that are filled beforehand."""
    folder = os.path.join(HERE, "guests")
    start = os.path.join(folder, "start")
    return Program(folder, [start], "guests", [start, "seed"])


PROGRAMS = {
    "c": compiled("c", "plain"),
    "orm": compiled("orm", "blog"),
    "plain": script("plain", PYTHON, "main.py", "plain"),
    "wild": script("wild", PYTHON, "main.py", "plain"),
    "strangers": strangers,
    "guests": guests,
    "django": script("django", PYTHON, "main.py", "django", seeds_itself=True),
    "sqlalchemy": script("sqlalchemy", PYTHON, "main.py", "plural"),
    "peewee": script("peewee", PYTHON, "main.py", "plain"),
    "pony": script("pony", PYTHON, "main.py", "plain"),
    "ruby": script("ruby", "/usr/bin/ruby", "main.rb", "plural"),
    "sequel": script("sequel", "/usr/bin/ruby", "main.rb", "plural"),
    "perl": script("perl", "/usr/bin/perl", "main.pl", "plain"),
    "dbic": script("dbic", "/usr/bin/perl", "main.pl", "plain"),
    "php": script("php", "/usr/bin/php", "main.php", "plain"),
}
DATABASES = {name: ("sqlite", "postgres") for name in PROGRAMS}
