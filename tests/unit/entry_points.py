"""entry_points.py: every function that the shim puts before the program's libraries is called by one of tests/programs."""
import glob
import os
import re
import sys

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def read(*path):
    with open(os.path.join(root, *path), encoding="utf-8") as file:
        return file.read()


hooked = set(re.findall(r"^ +((?:sqlite3_|PQ)\w+);", read("preload", "shim.map"), re.M))
audited = re.search(r"#define N1_LIBPQ_AUDITED\(X\)(.*)", read("preload", "binding", "real.h")).group(1)
hooked |= set(re.findall(r"X\((PQ\w+)\)", audited))
programs = "".join(read(path) for path in glob.glob(os.path.join(root, "tests", "programs", "*.[ch]")))
missing = sorted(name for name in hooked if not re.search(r'\b%s(\(|")' % name, programs))
if len(hooked) < 60 or missing:
    sys.exit(f"{len(hooked)} hooked functions; no program of tests/programs calls {', '.join(missing)}")
