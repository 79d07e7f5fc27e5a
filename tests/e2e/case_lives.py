"""How processes come, change and go: spawned, forked twice, confined, full of threads, in signal handlers, gone without a word.
Nothing may be missing: the program says how many look-ups it made, and the recording holds as many."""
import os

from harness import case, expect, expect_equal, signal, signal_status


def look_ups(report):
    return sum(q["executions"] for q in report["queries"] if q["sql"].startswith("SELECT name FROM author"))


def check_life(the_case, way, processes, status=0):
    program = the_case.program("victims/processes")
    report, run = the_case.profile(program, way, status=status)
    numbers = [int(line) for line in run.out.split()]
    expect(numbers and min(numbers) > 0 and run.err == "", f"the program itself:\n{run}")
    expect_equal(look_ups(report), numbers[-1], f"{way}: look-ups")
    expect_equal(report["trace"]["lost_events"], 0, f"{way}: lost events")
    expect_equal(report["trace"]["complete"], True, f"{way}: complete")
    expect_equal(report["trace"]["processes"], processes, f"{way}: processes")
    return report


@case
def spawned_programs(the_case):
    check_life(the_case, "spawned", 4)
    check_life(the_case, "vforked", 3)
    check_life(the_case, "vforked_rights", 1)


@case
def daemons(the_case):
    check_life(the_case, "daemon", 3)


@case
def confined_programs(the_case):
    """Rights given up and another root directory: the recording's files cannot be opened any more. Needs root."""
    if os.geteuid() != 0:
        return
    os.chmod(the_case.dir, 0o700)
    check_life(the_case, "nobody", 1)
    check_life(the_case, "nobody_early", 1)
    check_life(the_case, "nobody_yet_early", 1)
    check_life(the_case, "new_root", 1)
    check_life(the_case, "new_root_early", 2)


@case
def thread_churn(the_case):
    report = check_life(the_case, "churn", 1)
    expect(report["trace"]["threads"] >= 4, "threads:", report["trace"]["threads"])


@case
def signal_handlers(the_case):
    check_life(the_case, "signals", 1)


@case
def sudden_ends(the_case):
    check_life(the_case, "aborts", 1, status=signal_status(signal.SIGABRT))
    check_life(the_case, "quits", 1, status=7)


@case
def chains_of_programs(the_case):
    """Pipelines, exec after exec, and make with two jobs at a time."""
    program = the_case.program("victims/processes")
    report, _ = the_case.profile("sh", "-c", f"'{program}' work | '{program}' work | cat; "
                                 f"exec env A=1 nice sh -c 'exec \"$0\" work' '{program}'")
    expect_equal((look_ups(report), report["trace"]["processes"]), (30, 3), "a pipeline and a chain")
    with open(the_case.path("Makefile"), "w", encoding="utf-8") as file:
        file.write("all: a b c\na b c:\n\t@" + program + " work >$@.out\n.PHONY: all a b c\n")
    report, _ = the_case.profile("make", "-j2")
    expect_equal((look_ups(report), report["trace"]["processes"]), (30, 3), "make")
