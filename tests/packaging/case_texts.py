"""Man pages say what the programs do: each command has one, with its summary and exactly its options."""
import glob
import gzip
import os
import re
import subprocess

import harness
from harness import check, run


def read_page(name):
    path = os.path.join(harness.SOURCE, "docs", "man", f"{name}.1.scd")
    check(os.path.exists(path), f"{name} has no man page")
    with open(path, encoding="utf-8") as file:
        return file.read()


def section(page, title):
    match = re.search(rf"^# {title}\n\n(.*?)(?=^# |\Z)", page, re.M | re.S)
    return match.group(1) if match else ""


def documented(page):
    """Long option → short option, of the terms in OPTIONS."""
    found = {}
    for line in section(page, "OPTIONS").splitlines():
        match = re.match(r"(?:\*(-\w)\*, )?\*(--[a-z][a-z-]*)\*", line)
        if match:
            found[match.group(2)] = match.group(1)
    return found


def man_pages():
    summaries = harness.commands()
    front = read_page("n1prof")
    for name, summary in summaries.items():
        page = read_page(f"n1prof-{name}")
        check(section(page, "NAME").strip() == f"n1prof-{name} - {summary}",
              f"n1prof-{name}(1) says {section(page, 'NAME').strip()!r}, --help says {summary!r}")
        have, want = documented(page), harness.options(name)
        check(have == want, f"n1prof-{name}(1) and --help differ: {set(have.items()) ^ set(want.items())}")
        check(f"*n1prof-{name}*(1)" in section(front, "COMMANDS"), f"n1prof(1) does not name {name}")
        check(section(page, "EXIT STATUS") != "", f"n1prof-{name}(1) has no exit status")
    pages = {os.path.basename(p)[:-6] for p in glob.glob(os.path.join(harness.SOURCE, "docs/man/*.1.scd"))}
    check(pages == {"n1prof", "ormsh"} | {f"n1prof-{name}" for name in summaries}, f"stray or missing pages: {pages}")
    shell = run([os.path.join(harness.BUILD, "bin", "ormsh"), "--help"])
    want = set(re.findall(r"--[a-z]+", shell)) | {"--help"}
    check(set(documented(read_page("ormsh"))) == want, f"ormsh(1) and its help differ: {want}")
    for name in pages:
        path = os.path.join(harness.BUILD, "docs", "man", f"{name}.1.gz")
        check(os.path.exists(path), f"{path} was not made: is scdoc missing?")
        with gzip.open(path) as file:
            done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z"], input=file.read(), stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, check=False)
        check(done.returncode == 0 and not done.stdout, f"{name}(1): groff complains: {done.stdout.decode()}")


CASES = {"man_pages": man_pages}
