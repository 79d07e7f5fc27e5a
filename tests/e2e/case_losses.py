"""A recording without room: the program goes on, every execution is recorded or counted, and every report says so."""
import json

from harness import case, expect, expect_equal

EXECUTIONS, SLOT_EXECUTIONS, LOST_IN_THREAD, EXECUTIONS_AGAIN = 60003, 60015, 11, 60204


def recorded(the_case, how):
    """Records the victim; its output must be what it is without the profiler."""
    victim = the_case.program("victims/losses")
    plain = the_case.run(victim, how)
    run = the_case.run(the_case.n1prof, "record", "-o", the_case.path(how), "--", victim, how)
    expect_equal((run.out, run.err), (plain.out, plain.err), f"{how}: output under the profiler")
    return int(plain.out.split()[0])


FORMATS = ("text", "json", "html", "sarif", "junit", "markdown", "github", "github-summary", "speedscope", "folded", "otlp")


def reports(the_case, how, *formats):
    """The recording in these formats, by name."""
    wanted = [word for form in formats for word in ("-f", f"{form}={the_case.path('report.' + form)}")]
    the_case.run(the_case.n1prof, "report", the_case.path(how), "--no-source", *wanted)
    texts = {}
    for form in formats:
        with open(the_case.path("report." + form), encoding="utf-8") as file:
            texts[form] = file.read()
    return texts


@case
def losses_are_counted(the_case):
    for how, lost in (("none", 0), ("slot", LOST_IN_THREAD), ("disk", None), ("file_size", None), ("descriptors", EXECUTIONS),
                      ("read_only", EXECUTIONS)):
        executions = recorded(the_case, how)
        expect_equal(executions, SLOT_EXECUTIONS if how == "slot" else EXECUTIONS, f"{how}: executions")
        found = json.loads(reports(the_case, how, "json")["json"])
        expect_equal(found["totals"]["statements"] + found["trace"]["lost_events"], executions, f"{how}: recorded and lost")
        expect_equal(found["trace"]["complete"], how == "none", f"{how}: complete")
        if lost is None:
            expect(1000 < found["trace"]["lost_events"] < executions, f"{how}: lost", found["trace"]["lost_events"])
        else:
            expect_equal(found["trace"]["lost_events"], lost, f"{how}: lost")


@case
def recording_goes_on_when_there_is_room(the_case):
    """A disk that was full, descriptors that had run out: what runs afterwards is recorded, with its name and its place."""
    for how in ("disk_again", "descriptors_again"):
        executions = recorded(the_case, how)
        expect_equal(executions, EXECUTIONS_AGAIN, f"{how}: executions")
        found = json.loads(reports(the_case, how, "json")["json"])
        expect_equal(found["totals"]["statements"] + found["trace"]["lost_events"], executions, f"{how}: recorded and lost")
        queries = {q["sql"]: q for q in found["queries"]}
        for sql, least in (("SELECT max(x) FROM t", 100), ("SELECT x + ? FROM t WHERE x < ?", 100)):
            expect(sql in queries and queries[sql]["executions"] >= least, f"{how}: {sql} in", queries.keys())
            expect_equal(queries[sql]["location"]["function"], "when_there_is_room", f"{how}: place of {sql}")
        dump = the_case.run(the_case.n1prof, "dump", the_case.path(how)).out
        expect('"sql":null' not in dump and '"sql":""' not in dump, f"{how}: executions without a name")
        expect(not [w for w in found["trace"].get("warnings", ()) if "process" in w], f"{how}: {found['trace']}")


@case
def losses_are_shown(the_case):
    reasons = {"slot": "11 executions were not recorded", "disk": "No space left on device", "file_size": "File too large",
               "descriptors": "Too many open files", "read_only": "Permission denied"}
    numbers = {"descriptors": EXECUTIONS, "read_only": EXECUTIONS}
    for how, reason in reasons.items():
        recorded(the_case, how)
        texts = reports(the_case, how, *FORMATS)
        spans, folded = texts.pop("otlp"), texts.pop("folded")
        for form, text in texts.items():
            text = " ".join(text.split())
            expect(reason in text, f"{how}, {form}: no {reason!r} in\n{text[:2000]}")
            number = str(numbers.get(how, ""))
            expect(number in text.replace(",", ""), f"{how}, {form}: no {number} in\n{text[:2000]}")
        lost = [line for line in folded.splitlines() if line.startswith("[not recorded] ")]
        expect(len(lost) == 1 and int(lost[0].split()[-1]) > 0, f"{how}: folded stacks: {lost}")
        expect('"n1prof.complete"' not in spans or '"boolValue":false' in spans.replace(" ", ""), f"{how}: otlp calls it complete")
        check = the_case.run(the_case.n1prof, "check", the_case.path(how), "--allow-empty", "--baseline", the_case.path("none.json"),
                             status=None)
        expect_equal(check.status, 2, f"{how}: status of check:\n{check}")
    recorded(the_case, "none")
    for form, text in reports(the_case, "none", "text", "folded", "github", "speedscope").items():
        expect("not recorded" not in text and "not complete" not in text, f"{form}: a loss where none was:\n{text[:2000]}")
