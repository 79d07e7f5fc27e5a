"""Every report that formats_emit writes, against what its readers demand: schemas where there are some, rules where not.

    formats_validate.py EMIT SCHEMAS     ends with 1 after naming each fault, 77 when a checker is missing
"""
import collections
import copy
import html.parser
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("needs python3-jsonschema")
    sys.exit(77)
if not shutil.which("xmllint"):
    print("needs libxml2-utils")
    sys.exit(77)

KINDS = ("n_plus_one", "query_loop", "duplicate_query", "write_loop", "read_modify_write")
faults = []


def demand(holds, where, what):
    if not holds:
        faults.append(f"{where}: {what}")


def is_relative(path):
    return bool(path) and not path.startswith(("/", "./", "../")) and "//" not in path and "/../" not in path


def against(validator, document, where):
    for error in list(validator.iter_errors(document))[:3]:
        faults.append(f"{where}: {'/'.join(map(str, error.absolute_path))}: {error.message[:300]}")


# ---- JSON formats


def check_sarif(text, where, validators):
    log = json.loads(text)
    against(validators["sarif"], log, where)
    run = log["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    demand(tuple(rules) == KINDS, where, f"rules {rules}")
    demand(re.fullmatch(r"n1prof/[\w.-]*/", run["automationDetails"]["id"], re.ASCII), where, run["automationDetails"]["id"])
    for rule in run["tool"]["driver"]["rules"]:
        for key in ("shortDescription", "fullDescription", "help"):
            demand(rule[key]["text"], where, f"{rule['id']} lacks {key}")
        demand("helpUri" not in rule, where, "helpUri without a stable page")
    for result in run["results"]:
        demand(rules[result["ruleIndex"]] == result["ruleId"], where, "ruleIndex is another rule")
        demand(result["message"]["text"], where, "no message")
        # GitHub takes no result without a place in a file.
        place = result["locations"][0]["physicalLocation"]
        demand(is_relative(place["artifactLocation"]["uri"]), where, f"uri {place['artifactLocation']['uri']}")
        demand(all(isinstance(v, str) and v for v in result["partialFingerprints"].values()), where, "fingerprints")
        demand(isinstance(result["suppressions"], list), where, "suppressions are on all results or none")
        steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
        demand(1 <= len(steps) <= 50, where, f"{len(steps)} steps")
        for uri in re.findall(r'"uri": "([^"]*)"', json.dumps(result)):
            demand(is_relative(uri) and re.fullmatch(r"(?:[\w.~!$&'()*+,;=:@/-]|%[0-9A-F]{2})+", uri, re.ASCII), where, f"uri {uri}")


def check_json(text, where, validators):
    against(validators["report"], json.loads(text), where)


def check_gitlab(text, where, _):
    entries = json.loads(text)
    for entry in entries:
        demand(set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}, where, f"keys {set(entry)}")
        demand(entry["severity"] in ("info", "minor", "major", "critical", "blocker"), where, entry["severity"])
        demand(is_relative(entry["location"]["path"]), where, f"path {entry['location']['path'][:80]}")
        demand(entry["location"]["lines"]["begin"] >= 1, where, "line")
        demand(entry["description"] and "\n" not in entry["description"], where, "description")
        demand(entry["check_name"] in KINDS, where, entry["check_name"])
    fingerprints = [entry["fingerprint"] for entry in entries]
    demand(len(set(fingerprints)) == len(fingerprints), where, "a fingerprint twice")


def check_speedscope(text, where, _):
    scope = json.loads(text)
    demand(scope["$schema"] == "https://www.speedscope.app/file-format-schema.json", where, "$schema")
    frames = scope["shared"]["frames"]
    demand(all(frame["name"] for frame in frames), where, "a frame without a name")
    demand(len({json.dumps(f, sort_keys=True) for f in frames}) == len(frames), where, "a frame twice")
    demand([p["unit"] for p in scope["profiles"]] == ["none", "nanoseconds"], where, "units")
    for profile in scope["profiles"]:
        demand(profile["type"] == "sampled", where, profile["type"])
        demand(len(profile["samples"]) == len(profile["weights"]), where, "samples and weights differ")
        demand(all(0 <= i < len(frames) for sample in profile["samples"] for i in sample), where, "an index beyond the frames")
        demand(profile["endValue"] == min(sum(profile["weights"]), 2**63 - 1), where, "endValue is not the sum")


# opentelemetry-proto 1.x, in lowerCamelCase as OTLP/JSON has it: every field that a message may have, and its JSON type.
OTLP = {
    "TracesData": {"resourceSpans": ["ResourceSpans"]},
    "ResourceSpans": {"resource": "Resource", "scopeSpans": ["ScopeSpans"], "schemaUrl": str},
    "Resource": {"attributes": ["KeyValue"], "droppedAttributesCount": int},
    "ScopeSpans": {"scope": "InstrumentationScope", "spans": ["Span"], "schemaUrl": str},
    "InstrumentationScope": {"name": str, "version": str, "attributes": ["KeyValue"], "droppedAttributesCount": int},
    "Span": {"traceId": str, "spanId": str, "traceState": str, "parentSpanId": str, "flags": int, "name": str, "kind": int,
             "startTimeUnixNano": str, "endTimeUnixNano": str, "attributes": ["KeyValue"], "droppedAttributesCount": int,
             "events": ["Event"], "droppedEventsCount": int, "links": ["Link"], "droppedLinksCount": int, "status": "Status"},
    "Event": {"timeUnixNano": str, "name": str, "attributes": ["KeyValue"], "droppedAttributesCount": int},
    "Link": {"traceId": str, "spanId": str, "traceState": str, "attributes": ["KeyValue"], "droppedAttributesCount": int, "flags": int},
    "Status": {"message": str, "code": int},
    "KeyValue": {"key": str, "value": "AnyValue"},
    "AnyValue": {"stringValue": str, "boolValue": bool, "intValue": str, "doubleValue": float, "arrayValue": "ArrayValue"},
    "ArrayValue": {"values": ["AnyValue"]},
}


def check_message(message, name, where):
    """The OTLP message has known fields only, each of its type."""
    for field, value in message.items():
        kind = OTLP[name].get(field)
        demand(kind is not None, where, f"{name} has no field {field}")
        if isinstance(kind, list):
            for inner in value:
                check_message(inner, kind[0], where)
        elif isinstance(kind, str):
            check_message(value, kind, where)
        elif kind is not None:
            demand(type(value) is kind, where, f"{name}.{field}: {value!r}")


def check_otlp(text, where, _):
    spans = []
    for line in text.splitlines():
        check_message(json.loads(line), "TracesData", where)
    for line in text.splitlines():
        for resource in json.loads(line)["resourceSpans"]:
            demand(resource["resource"]["attributes"][0]["key"] == "service.name", where, "service.name")
            for scope in resource["scopeSpans"]:
                spans += scope["spans"]
    ids = {span["spanId"] for span in spans}
    demand(len(ids) == len(spans), where, "a span id twice")
    demand(len({span["traceId"] for span in spans}) == 1, where, "several traces")
    demand([span for span in spans if "parentSpanId" not in span] == spans[:1], where, "one span stands above the others")
    for span in spans:
        demand(re.fullmatch("[0-9a-f]{32}", span["traceId"]), where, span["traceId"])
        demand(re.fullmatch("[0-9a-f]{16}", span["spanId"]), where, span["spanId"])
        demand(span.get("parentSpanId", spans[0]["spanId"]) == spans[0]["spanId"], where, "another parent")
        demand(int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"]) < 2**64, where, "times")
        demand(span["name"], where, "no name")
        demand(all(link["spanId"] in ids and link["traceId"] == span["traceId"] for link in span.get("links", [])), where, "a link to nowhere")
        keys = collections.Counter(a["key"] for a in span["attributes"])
        demand(max(keys.values()) == 1, where, f"an attribute twice: {keys.most_common(1)}")
        if span["kind"] == 3:
            demand("db.system.name" in keys and "db.query.summary" in keys, where, "a db.* attribute is missing")
            demand("db.collection.name" not in keys, where, "db.collection.name is a guess")
        for attribute in span["attributes"] + [a for e in span.get("events", []) for a in e["attributes"]]:
            (kind, value), = attribute["value"].items()
            demand(isinstance(value, {"boolValue": bool}.get(kind, str)), where, f"{attribute}")
            if kind == "intValue":
                demand(-2**63 <= int(value) < 2**63, where, f"{attribute}")


# ---- text formats


def check_folded(text, where, _):
    stacks = []
    for line in text.splitlines():
        match = re.fullmatch(r"([^;]+(?:;[^;]+)*) (\d+)", line)
        demand(match, where, f"line {line[:200]}")
        if match:
            stacks.append(match[1])
    demand(stacks == sorted(set(stacks), key=lambda s: s.encode()), where, "not sorted, or a stack twice")


TAGS = re.compile(r"</?(?:details|summary|code|sub)>|<!-- (?:n1prof-report: [\w.-]* )?-->", re.ASCII)


# What GitHub's own renderer makes of a page: elements, their attributes, and how many cells a row may have.
ELEMENTS = {"p": (), "blockquote": (), "h2": (), "h3": (), "h4": (), "ul": (), "ol": ("start",), "li": (), "table": (), "thead": (), "tbody": (), "tr": (),
            "th": ("align",), "td": ("align",), "pre": ("lang",), "code": ("class",), "strong": (), "em": (), "details": (), "summary": (),
            "sub": (), "br": (), "hr": ()}


class Rendered(html.parser.HTMLParser):
    def __init__(self, where):
        super().__init__()
        self.where, self.cells, self.widths = where, 0, []

    def handle_starttag(self, tag, attrs):
        demand(tag in ELEMENTS and all(name in ELEMENTS[tag] for name, _ in attrs), self.where, f"rendered: <{tag} {attrs}>")
        self.cells += tag in ("th", "td")
        self.widths = [] if tag == "table" else self.widths
        self.cells = 0 if tag == "tr" else self.cells

    def handle_endtag(self, tag):
        if tag == "tr":
            self.widths.append(self.cells)
        if tag == "table":
            demand(len(set(self.widths)) == 1, self.where, f"rendered: rows of {set(self.widths)} cells")


def check_rendered(text, where):
    """cmark-gfm, with everything on that GitHub has on; raw HTML is let through, so that what the page brings can be seen."""
    if not shutil.which("cmark-gfm"):
        return
    done = subprocess.run(["cmark-gfm", "--unsafe", "--github-pre-lang", *(part for name in ("table", "autolink", "strikethrough", "tasklist")
                                                                         for part in ("-e", name))],
                          input=text.encode(), stdout=subprocess.PIPE, check=True)
    page = Rendered(where)
    page.feed(done.stdout.decode())
    page.close()


def check_markdown(text, where, _):
    check_rendered(text, where)
    fence, depth, columns = None, 0, None
    for number, line in enumerate(text.split("\n"), 1):
        here = f"{where}:{number}"
        if fence:
            if re.fullmatch(r"`{%d,} *" % len(fence), line):
                fence = None
            continue
        opening = re.fullmatch(r"(`{3,})\w*", line)
        if opening:
            fence = opening[1]
            continue
        depth += line.count("<details>") - line.count("</details>")
        demand(depth in (0, 1), here, "details in details")
        rest = TAGS.sub("", line)
        demand("<" not in rest, here, f"a tag: {rest[:200]}")
        demand("```" not in line.replace("\\`", ""), here, "a fence in a line")
        demand(not re.search(r"(?<!\\)@\w", re.sub("<code>.*?</code>", "", line)), here, "a mention")
        pipes = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else None
        demand(columns is None or pipes is None or pipes == columns, here, f"{pipes} pipes in a table of {columns}")
        columns = pipes
    demand(fence is None, where, "a fence stays open")
    demand(depth == 0, where, "details stay open")


def check_comment(text, where, validators):
    demand(re.match(r"<!-- n1prof-report: [\w.-]* -->\n## n1prof: ", text, re.ASCII), where, "marker and verdict")
    demand(len(text) <= 65536, where, f"{len(text)} characters")
    check_markdown(text, where, validators)


def check_summary(text, where, validators):
    demand(len(text.encode()) <= 900000, where, f"{len(text.encode())} bytes")
    check_markdown(text, where, validators)


def check_github(text, where, _):
    given = collections.Counter()
    for line in text.splitlines():
        match = re.fullmatch(r"::(error|warning|notice) ((?:file=[^,:]+,)?(?:line=\d+,endLine=\d+,)?title=[^,:]+)::(.+)", line)
        demand(match, where, f"line {line[:200]}")
        if match:
            given[match[1]] += 1
            path = re.match("file=([^,]+)", match[2])
            demand(path is None or is_relative(path[1]), where, f"path {path and path[1][:80]}")
            demand("line=" not in match[2] or path, where, "a line of no file")
    demand(all(n <= 10 for n in given.values()), where, f"{given}")


# One of a thing is not several. "1 processes": the number stands alone, not at the end of a larger one, a path or a time.
PLURALS = re.compile(r"(?<![\w.,:/#+-])1 (?:different )?(?:processes|threads|rows|queries|executions|statements|findings|connections"
                     r"|times|events|entries|calls|sets|bytes|parameters|regressions|scopes)\b")


def check_plurals(text, where):
    found = PLURALS.search(re.sub("<[^>]*>", "", text))
    demand(not found, where, f"one, but several: {found and found[0]}")


CHECKS = {
    "json": check_json, "sarif": check_sarif, "gitlab": check_gitlab, "speedscope": check_speedscope, "otlp": check_otlp,
    "folded": check_folded, "markdown": check_comment, "github-summary": check_summary, "github": check_github,
}


def check_junit(files, schema):
    xmllint = ["xmllint", "--noout", "--nonet", "--huge", "--schema", schema]
    done = subprocess.run(xmllint + files, capture_output=True, text=True)
    if done.returncode:
        faults.extend(line[:400] for line in done.stderr.splitlines() if not line.endswith(" validates"))


def check_checkers(folder, validators, schema):
    """A schema that lets everything pass would prove nothing."""
    report = json.loads((folder / "django.json").read_text())
    sarif = json.loads((folder / "django.sarif").read_text())
    for name, document, spoil in (
        ("report", report, lambda d: d["findings"][0].pop("evidence")),
        ("report", report, lambda d: d["findings"][0].update(kind="n+1")),
        ("report", report, lambda d: d["queries"][0].update(rows="many")),
        ("report", report, lambda d: d["findings"][0]["child"]["location"].update(line=0)),
        ("sarif", sarif, lambda d: d.update(version="2.0")),
        ("sarif", sarif, lambda d: d["runs"][0]["results"][0].pop("message")),
        ("sarif", sarif, lambda d: d["runs"][0]["results"][0]["stacks"][0].pop("frames")),
    ):
        spoilt = copy.deepcopy(document)
        spoil(spoilt)
        demand(not validators[name].is_valid(spoilt), name, "its schema lets a spoilt report pass")
    junit = (folder / "django.junit").read_text()
    for old, new in (("<failure", "<fault"), (' name="', ' title="'), ('tests="', 'tests="x')):
        demand(old in junit, "junit", old)
        spoilt = folder / "spoilt.xml"
        spoilt.write_text(junit.replace(old, new).replace(f"</{old[1:]}>", f"</{new[1:]}>"))
        done = subprocess.run(["xmllint", "--noout", "--schema", schema, spoilt], capture_output=True)
        demand(done.returncode != 0, "junit", f"its schema lets {new} pass")
    for spoilt in ("1 processes", "in <b>1</b> rows.", "of 1 different parameters"):
        before = len(faults)
        check_plurals(spoilt, "spoilt")
        found = faults[before:]
        del faults[before:]
        demand(found, "plurals", f"its check lets {spoilt!r} pass")
    if shutil.which("cmark-gfm"):
        for spoilt in ("<script>alert(1)</script>", "see www.example.com", "![x](y)", "- [ ] x", "~~gone~~", "[a](b)"):
            before = len(faults)
            check_rendered(spoilt, "spoilt")
            found = faults[before:]
            del faults[before:]
            demand(found, "markdown", f"its renderer lets {spoilt!r} pass")
    for spoilt in ("```sql\nSELECT 1\n", "<details>\n", "<script>", "| a | b |\n| --- | --- |\n| a |\n"):
        before = len(faults)
        check_markdown(spoilt, "spoilt", validators)
        found = faults[before:]
        del faults[before:]
        demand(found, "markdown", f"its check lets {spoilt!r} pass")


def main(emit, schemas):
    schemas = pathlib.Path(schemas)
    load = lambda name: json.loads((schemas / name).read_text())
    jsonschema.Draft7Validator.check_schema(load("n1prof-report-1.schema.json"))
    validators = {
        "report": jsonschema.Draft7Validator(load("n1prof-report-1.schema.json")),
        "sarif": jsonschema.Draft4Validator(load("sarif-2.1.0.json")),
    }
    junit = str(schemas / "junit-n1prof.xsd")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([emit, name], check=True)
        files = sorted(folder.iterdir())
        formats = collections.Counter()
        for file in files:
            kind = file.name.split(".", 1)[1]
            text = file.read_bytes().decode("utf-8")  # strict
            # The json format gives strings back as they are: JSON itself forbids the first 32 characters only.
            control = r"[\x00-\x09\x0b-\x1f]" if kind == "json" else r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]"
            demand(not re.search(control, text), file.name, "a control character")
            check_plurals(text, file.name)
            if kind in CHECKS:
                CHECKS[kind](text, file.name, validators)
            formats[kind] += 1
        check_junit([str(file) for file in files if file.name.endswith(".junit")], junit)
        missing = (set(CHECKS) | {"junit"}) - set(formats)
        demand(not missing, "formats", f"not written: {missing}")
        check_checkers(folder, validators, junit)
    for fault in faults[:60]:
        print(fault)
    print(f"{sum(formats.values())} reports of {len(formats)} formats, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
