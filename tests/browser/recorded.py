"""A real program, recorded and shown: n1prof record, report --format html, report --before.

    recorded.py BUILD SOURCES     ends with 1 after naming each fault, 77 when html5lib is missing
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import html5lib
except ImportError:
    print("needs python3-html5lib")
    sys.exit(77)

faults = []


def demand(holds, what):
    if not holds:
        faults.append(what)


def main(build, sources):
    binaries = pathlib.Path(build) / "bin"
    environment = dict(os.environ, ASAN_OPTIONS="verify_asan_link_order=0")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)

        def run(*argv):
            done = subprocess.run([str(part) for part in argv], cwd=sources, env=environment, capture_output=True, text=True, timeout=60)
            if done.returncode:
                raise RuntimeError(f"{argv}: {done.returncode}: {done.stderr}")
            return done.stdout

        def page(*argv):
            out = folder / "page.html"
            run(binaries / "n1prof", "report", *argv, "--format", f"html={out}")
            return out.read_text(encoding="utf-8")

        database = folder / "shop.db"
        run(binaries / "shop_sqlite", database, "seed")
        for which in ("slow", "fast"):
            run(binaries / "n1prof", "record", "-o", folder / which, "--", binaries / "shop_sqlite", database, which)
        slow, fast = page(folder / "slow"), page(folder / "fast", "--before", folder / "slow")
        for text in (slow, fast):
            parser = html5lib.HTMLParser()
            parser.parse(text)
            demand(not parser.errors, f"not HTML: {parser.errors[:3]}")
            demand(name not in text and build not in text and sources not in text, "names a folder of this machine")
        demand('<h1 class="is-proven">' in slow, "the slow program has no proven finding")
        demand('<article class="card is-proven" id="finding-1"' in slow, "no card")
        demand("<mark><i>" in slow and "shop.c" in slow, "no source line")
        demand("<mark><i>" not in page(folder / "slow", "--no-source"), "--no-source quotes source lines")
        bars = re.search(r'<path class="child" d="([^"]+)"', slow)
        demand(bars and bars[1].count("z") >= 1, "no bars on the timeline")
        demand(re.search(r'<g class="fans">\n<path', slow), "no fan from a query to those it caused")
        demand('id="flame-executions"' in slow and 'id="flame-time"' in slow, "no flame graphs")
        demand('<h1 class="is-clean">' in fast and '<ul class="gone">' in fast and '<ul class="new">' not in fast, "before and after")
        demand(page(folder / "slow") == slow, "other bytes the second time")
        missing = subprocess.run([binaries / "n1prof", "report", folder / "slow", "--before", folder / "none", "--format", f"html={folder}/x.html"],
                                 capture_output=True, text=True)
        demand(missing.returncode == 2 and "none" in missing.stderr and not (folder / "x.html").exists(), f"--before of nothing: {missing}")
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
