"""labels.txt as objects, and what a report is worth against them."""
import os
import re
from dataclasses import dataclass, field

FEW = 10  # with fewer rows only a proven N+1 is due: other loops are told by their number
MANY = 36  # with fewer rows a key that gave one row each time may be one of many
HERE = os.path.dirname(os.path.abspath(__file__))


@dataclass
class Wanted:
    kind: str
    mark: str
    actions: list
    arguments: list = field(default_factory=list)
    link: str = ""
    confidence: str = ""
    least: int = 2  # with fewer rows there is nothing to find
    most: int = 1 << 30  # with more rows it is said otherwise
    executions: int = 0  # of the loop, where the label says so
    few: str = ""  # an action that is right, too, where fewer rows than MANY cannot tell

    def __str__(self):
        return f"{self.kind} @{self.mark}"


@dataclass
class Label:
    program: str
    scenario: str
    options: set
    wanted: list


def read_finding(text):
    words = text.split()
    action = re.fullmatch(r"([\w|]+)(?:\((.*)\))?", words[2])
    wanted = Wanted(words[0], words[1].lstrip("@"), action[1].split("|"), action[2].split("|") if action[2] else [])
    for word in words[3:]:
        if word.startswith("from:"):
            wanted.least = int(word[5:])
        elif word.startswith("to:"):
            wanted.most = int(word[3:])
        elif word.startswith("few:"):
            wanted.few = word[4:]
        elif re.fullmatch(r"x\d+", word):
            wanted.executions = int(word[1:])
        elif ">" in word:
            wanted.link = word
        else:
            wanted.confidence = word
    return wanted


def read_labels(path=os.path.join(HERE, "labels.txt")):
    labels, program = [], None
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            if line.startswith("["):
                program = line.strip("[]")
                continue
            try:
                head, findings = line.split("=", 1)
                name, _, options = head.partition(":")
                labels.append(Label(program, name.strip(), set(options.split()),
                                    [read_finding(f) for f in findings.split(";") if f.strip()]))
            except (ValueError, TypeError, IndexError) as error:
                raise SystemExit(f"{path}:{number}: {error}") from error
    return labels


def marks_of(folder):
    """Marker → (file's base name, line), of all the programs in a folder."""
    marks = {}
    for root, _, files in os.walk(folder):
        for name in files:
            if name.endswith(".pyc"):
                continue
            with open(os.path.join(root, name), encoding="utf-8") as file:
                for number, line in enumerate(file, 1):
                    for mark in re.findall(r"(?:#|//|/\*) @(\w+)", line):
                        marks[mark] = (name, number)
    return marks


def place_of(finding):
    location = finding["child"]["location"]
    return os.path.basename(location["file"] or "?"), location["line"]


def link_of(finding):
    link = finding["link"]
    return "{parent_table}.{parent_column}>{child_table}.{child_column}".format(**link) if link else ""


def link_fits(wanted, link):
    parts = re.split(r"[.>]", wanted)
    got = re.split(r"[.>]", link)
    return len(got) == len(parts) and all(w == "*" or g in w.split("|") for w, g in zip(parts, got))


def sums_of(finding):
    """What does not add up in a finding's figures."""
    e, s, kind = finding["evidence"], finding["suggestion"], finding["kind"]
    child, parent = finding["child"], finding["parent"]
    before, after = s["queries_before"], s["queries_after"]
    rules = {
        "more in loops than were executed": e["executions"] <= child["executions"],
        "more parameters than executions": e["distinct_parameters"] <= e["executions"],
        "more found than there were": e["matched_parameters"] <= e["distinct_parameters"],
        "more queries after than before": after <= before,
        "the loop is not among the queries before": e["executions"] <= before,
        "more time saved than was spent": s["saved_ns"] <= child["db_time_ns"] + (parent["db_time_ns"] if parent else 0),
        "nothing saved by a mend": s["action"] == "none" or after < before,
    }
    if kind == "n_plus_one" and parent["sql"] != child["sql"]:
        rules["before is not parents and children"] = before == e["parent_executions"] + e["executions"]
        rules["more parents than were executed"] = e["parent_executions"] <= parent["executions"]
        rules["found in fewer rows than values"] = e["matched_parameters"] <= e["parent_rows"]
    return [f"{what}: {e} {before} → {after}, child {child['executions']}" for what, holds in rules.items() if not holds]


def wanted_of(label, n):
    return [w for w in label.wanted if w.least <= n <= w.most]


def judge(wanted, marks, findings, n):
    """For each wanted finding the one that answers it and what is wrong with that; then the findings that answer none."""
    left = list(findings)
    answers = []
    for want in wanted:
        of_kind = [f for f in left if f["kind"] == want.kind]
        placed = [f for f in of_kind if place_of(f) == marks.get(want.mark)]
        linked = [f for f in of_kind if want.link and link_fits(want.link, link_of(f))]
        answer = next((f for f in placed if f in linked), (placed or linked or of_kind or [None])[0])
        if answer is None:
            answers.append((want, None, ["missed"]))
            continue
        left.remove(answer)
        wrong = []
        suggestion = answer["suggestion"]
        if place_of(answer) != marks.get(want.mark):
            wrong.append(f"place {place_of(answer)[0]}:{place_of(answer)[1]}, not {marks.get(want.mark)}")
        is_unsure = n < MANY and suggestion["action"] == want.few
        if suggestion["action"] not in want.actions and not is_unsure:
            wrong.append(f"action {suggestion['action']}, not {'|'.join(want.actions)}")
        argument = suggestion["argument"] or "-"
        if not is_unsure and want.arguments and "*" not in want.arguments and argument not in want.arguments:
            wrong.append(f"argument {argument}, not {'|'.join(want.arguments)}")
        if want.link and not link_fits(want.link, link_of(answer)):
            wrong.append(f"link {link_of(answer)}, not {want.link}")
        if want.confidence and answer["confidence"] != want.confidence:
            wrong.append(f"confidence {answer['confidence']}, not {want.confidence}")
        if want.executions and answer["evidence"]["executions"] != want.executions:
            wrong.append(f"{answer['evidence']['executions']} executions, not {want.executions}")
        answers.append((want, answer, wrong))
    return answers, left
