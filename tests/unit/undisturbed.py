"""The host is undisturbed: every hooked function is called with errno, results and signal masks observed (tests/programs/observed.h), in
programs that run plain, recorded, and recorded into a place without room. All three print the same, and together they call every
function that the shim hooks.

undisturbed.py calls                  prints observed_calls.h, made of preload/shim.map
undisturbed.py ways PROGRAM           prints the program's ways, for a list of CMake
undisturbed.py BUILD PROGRAM...       runs the programs in all their ways; those of libpq need PG* in the environment
"""
import os
import re
import resource
import shutil
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
VOID = {"PQreset", "PQfinish"}
# Nothing is printed at the end of these: they are killed or replaced by another program. The last two measure.
LEFT_OUT = {"killed", "peek_and_die", "replaced", "long_run", "lookups"}
FILE_BYTES = 24 * 1024  # counters, a stream and little more
# An answer of the server may have come or not when libpq looks for it: EAGAIN.
WAITED = re.compile(r"(?m)^(observed PQ.*errno)((?: \d+)*),")


def hooked():
    with open(os.path.join(ROOT, "preload", "shim.map"), encoding="utf-8") as file:
        return [name for name in re.findall(r"^ +(\w+);", file.read(), re.M) if not name.startswith("n1prof_")]


def print_calls():
    names = hooked()
    print("#define OBSERVED_FUNCTIONS(X)", " ".join(f"X({name})" for name in names))
    print('#include "observed.h"')
    for name in names:
        print(f"#define {name}(...) {'OBSERVED_VOID' if name in VOID else 'OBSERVED'}({name}, __VA_ARGS__)")


def ways_of(program):
    """The ways that a program's source names in its table, or none: a program that does one thing."""
    with open(os.path.join(ROOT, "tests", "programs", program + ".c"), encoding="utf-8") as file:
        ways = re.findall(r'\{"(\w+)", (?!NULL)\w+\}|strcmp\(way, "(\w+)"\)', file.read())
    return [[way] for pair in ways for way in pair if way and way not in LEFT_OUT] or [[]]


def run(build, argv, folder, is_recorded, is_full):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    if is_recorded:
        argv = [os.path.join(build, "bin", "n1prof"), "record", "-o", os.path.join(folder, "trace"), "--", *argv]
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, resource.RLIM_INFINITY))
    env = {name: value for name, value in os.environ.items() if not name.startswith("N1PROF_") and name != "LD_PRELOAD"}
    done = subprocess.run(argv, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=100, check=False,
                          preexec_fn=limit if is_full else None)
    out = done.stdout.decode("utf-8", "backslashreplace")
    return done.returncode, WAITED.sub(lambda m: m[1] + " ".join(sorted(set(m[2].split()) - {"11"} | {"0"})), out), done.stderr.decode()


def main(build, *programs):
    wrong, seen = [], set()
    for program in programs:
        path = os.path.join(build, "bin", "victims", "observed_" + program)
        for way in ways_of(program):
            way += {"extension": [os.path.join(build, "bin", "victims", "sqlite_extension.so")], "busy": ["busy.db"]}.get("".join(way), [])
            folder = os.path.join(build, "undisturbed", program)
            plain, recorded, full = (run(build, [path, *way], folder, is_recorded, is_full)
                                     for is_recorded, is_full in ((False, False), (True, False), (True, True)))
            for name, other in (("recorded", recorded), ("without room", full)):
                for a, b in zip((plain[0], *plain[1].splitlines(), *plain[2].splitlines()),
                                (other[0], *other[1].splitlines(), *other[2].splitlines())):
                    if a != b:
                        wrong.append(f"{program} {' '.join(way)}, {name}:\n  {b!r} instead of\n  {a!r}")
                if plain != other and not wrong:
                    wrong.append(f"{program} {' '.join(way)}, {name}: {other} instead of {plain}")
            seen |= set(re.findall(r"(?m)^observed (\w+):", plain[1]))
            if "observed" not in plain[1]:
                wrong.append(f"{program} {way}: nothing observed: {plain}")
    missing = [name for name in hooked() if name not in seen and name.startswith("PQ") == ("libpq_calls" in programs)]
    if missing:
        wrong.append("hooked and called by no program: " + ", ".join(missing))
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(seen)} functions observed")
    return 1 if wrong else 0


if __name__ == "__main__":
    if sys.argv[1] == "calls":
        print_calls()
    elif sys.argv[1] == "ways":
        print(";".join("".join(way) for way in ways_of(sys.argv[2])), end="")
    else:
        sys.exit(main(os.path.abspath(sys.argv[1]), *sys.argv[2:]))
