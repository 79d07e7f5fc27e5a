"""run.py SOURCE BUILD CASE: one case of the packaging tests; says what is wrong and ends with 1, or ends with 0."""
import importlib
import os
import shutil
import sys

MODULES = ["case_texts", "case_completion", "case_surroundings", "case_install", "case_docs"]


def main():
    source, build, name = sys.argv[1:]
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import harness

    harness.SOURCE, harness.BUILD = source, build
    harness.PROGRAM = os.path.join(build, "bin", "n1prof")
    home = os.path.join(build, "packaging", name)
    shutil.rmtree(home, ignore_errors=True)
    os.makedirs(home)
    os.chdir(home)
    cases = {}
    for module in MODULES:
        cases.update(importlib.import_module(module).CASES)
    try:
        cases[name]()
    except harness.Failure as failure:
        print(f"packaging.{name}: {failure}", file=sys.stderr)
        return 1
    return 0


sys.exit(main())
