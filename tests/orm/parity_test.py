#!/usr/bin/env python3
"""docs/orm-parity.md says what is true: the calls of its second column are in the installed headers, the expressions of its third
are lines of the corpus or of the stories, or name a test."""
import glob
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def read(*patterns):
    return "\n".join(open(f, encoding="utf-8").read() for p in patterns for f in sorted(glob.glob(os.path.join(ROOT, p))))


headers = read("orm/orm.h", "orm/model.h", "orm/steps.h", "orm/types.h")
lines = {line.strip() for line in read("tests/orm/differential/corpus.txt", "tests/orm/stories/stories.txt").splitlines()}
tests = set(re.findall(r"\bstatic void (test_\w+)\(", read("tests/orm/test_*.c")))
rows = [line for line in read("docs/orm-parity.md").splitlines() if line.startswith("| ")][2:]
faults = []
for row in rows:
    _, django, calls, tried, _ = re.split(r"(?<!\\)\|", row)
    for call in re.findall(r"`(\w+)`", calls):
        if not re.search(rf"\b{call}\b", headers):
            faults.append(f"{django.strip()}: {call} is in no header")
    probe = re.fullmatch(r"\s*`(.+)`\s*", tried)
    if not probe and tried.strip() != "—":
        faults.append(f"{django.strip()}: tried by nothing")
    elif probe and probe[1].replace("\\|", "|") not in (tests if probe[1].startswith("test_") else lines):
        faults.append(f"{django.strip()}: {probe[1]} is no line of the corpus, and no test")
print("\n".join(faults) or f"parity_test: {len(rows)} lines")
sys.exit(1 if faults or len(rows) < 50 else 0)
