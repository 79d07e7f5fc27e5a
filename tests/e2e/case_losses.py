"""A recording without room: the program goes on, every execution is recorded or counted, and every report says so."""
import json

from harness import case, expect, expect_equal

EXECUTIONS, SLOT_EXECUTIONS, LOST_IN_THREAD = 60002, 60014, 11


def recorded(the_case, how):
    """Records the victim; its output must be what it is without the profiler."""
    victim = the_case.program("victims/losses")
    plain = the_case.run(victim, how)
    run = the_case.run(the_case.n1prof, "record", "-o", the_case.path(how), "--", victim, how)
    expect_equal((run.out, run.err), (plain.out, plain.err), f"{how}: output under the profiler")
    return int(plain.out.split()[0])


def report(the_case, how, form):
    return the_case.run(the_case.n1prof, "report", the_case.path(how), "-f", form, "--no-source").out


@case
def losses_are_counted(the_case):
    for how, lost in (("none", 0), ("slot", LOST_IN_THREAD), ("disk", None), ("file_size", None)):
        executions = recorded(the_case, how)
        expect_equal(executions, SLOT_EXECUTIONS if how == "slot" else EXECUTIONS, f"{how}: executions")
        found = json.loads(report(the_case, how, "json"))
        expect_equal(found["totals"]["statements"] + found["trace"]["lost_events"], executions, f"{how}: recorded and lost")
        expect_equal(found["trace"]["complete"], how == "none", f"{how}: complete")
        if lost is None:
            expect(1000 < found["trace"]["lost_events"] < executions, f"{how}: lost", found["trace"]["lost_events"])
        else:
            expect_equal(found["trace"]["lost_events"], lost, f"{how}: lost")


@case
def losses_are_shown(the_case):
    reasons = {"slot": "11 executions were not recorded", "disk": "No space left on device", "file_size": "File too large",
               "descriptors": "Too many open files", "read_only": "Permission denied"}
    for how, reason in reasons.items():
        recorded(the_case, how)
        for form in ("text", "json", "html", "sarif", "junit", "markdown", "github", "github-summary", "speedscope"):
            text = " ".join(report(the_case, how, form).split())
            expect(reason in text, f"{how}, {form}: no {reason!r} in\n{text[:2000]}")
        lost = [line for line in report(the_case, how, "folded").splitlines() if line.startswith("[not recorded] ")]
        expect(len(lost) == 1 and int(lost[0].split()[-1]) > 0, f"{how}: folded stacks: {lost}")
        spans = report(the_case, how, "otlp")
        expect('"n1prof.complete"' not in spans or '"boolValue":false' in spans.replace(" ", ""), f"{how}: otlp calls it complete")
        check = the_case.run(the_case.n1prof, "check", the_case.path(how), "--allow-empty", "--baseline", the_case.path("none.json"),
                             status=None)
        expect_equal(check.status, 2, f"{how}: status of check:\n{check}")
    for form in ("text", "folded", "github", "speedscope"):
        recorded(the_case, "none")
        text = report(the_case, "none", form)
        expect("not recorded" not in text and "not complete" not in text, f"{form}: a loss where none was:\n{text[:2000]}")
