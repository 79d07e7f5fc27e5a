"""Every page of html_emit, as a parser and a strict reader see it.

    valid.py HTML_EMIT SOURCES     ends with 1 after naming each fault, 77 when html5lib is missing
"""
import base64
import hashlib
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

HTML = "{http://www.w3.org/1999/xhtml}"
MEGABYTE = 1000000
faults = []


def demand(holds, where, what):
    if not holds:
        faults.append(f"{where}: {what}")


def name_of(element):
    return element.tag.split("}")[-1] if isinstance(element.tag, str) else "comment"


def text_of(element):
    return "".join(element.itertext())


def check_policy(tree, where):
    """The policy's hashes are those of the one style and the one script; nothing needs more than it allows."""
    elements = list(tree.iter())
    policy = next(e.get("content") for e in elements if name_of(e) == "meta" and e.get("http-equiv") == "Content-Security-Policy")
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    demand(directives["default-src"] == "'none'", where, policy)
    for tag in ("style", "script"):
        found = [e for e in elements if name_of(e) == tag]
        demand(len(found) == 1, where, f"{len(found)} {tag} elements")
        digest = base64.b64encode(hashlib.sha256(text_of(found[0]).encode()).digest()).decode()
        demand(directives[f"{tag}-src"] == f"'sha256-{digest}'", where, f"the policy allows another {tag}")
    for element in elements:
        for attribute, value in element.attrib.items():
            demand(attribute != "style" and not attribute.startswith("on"), where, f"attribute {attribute}")
            if attribute in ("src", "href", "action", "data", "poster", "srcset"):
                demand(value.startswith("#") or value == "data:,", where, f"{attribute}={value[:100]}")
        demand(name_of(element) not in ("iframe", "object", "embed", "form", "base", "image", "use"), where, name_of(element))
        demand(not (name_of(element) == "link" and element.get("rel") != "icon"), where, "a link to a file")
    for tag in ("style", "script"):
        text = text_of(next(e for e in elements if name_of(e) == tag))
        demand("url(" not in text and "@import" not in text and "http" not in text, where, f"the {tag} names an address")


def check_structure(tree, where):
    elements = list(tree.iter())
    ids = [e.get("id") for e in elements if e.get("id")]
    demand(len(ids) == len(set(ids)), where, f"an id twice: {sorted(i for i in set(ids) if ids.count(i) > 1)[:3]}")
    for element in elements:
        if name_of(element) == "a":
            demand(element.get("href", "")[1:] in ids, where, f"a link to nowhere: {element.get('href')}")
        for attribute in ("aria-labelledby", "for"):
            demand(not element.get(attribute) or element.get(attribute) in ids, where, f"{attribute}={element.get(attribute)}")
    levels = [int(name_of(e)[1]) for e in elements if re.fullmatch("h[1-6]", name_of(e))]
    demand(levels[:1] == [1] and levels.count(1) == 1, where, f"headings begin {levels[:3]}")
    demand(all(b <= a + 1 for a, b in zip(levels, levels[1:])), where, f"a heading level is skipped: {levels}")
    demand(all(text_of(e).strip() for e in elements if re.fullmatch("h[1-6]|title|summary|th|button|a", name_of(e))), where, "an empty name")
    for tag in ("main", "nav", "footer", "header"):
        demand(any(name_of(e) == tag for e in elements), where, f"no {tag}")
    for table in (e for e in elements if name_of(e) == "table"):
        heads = [e for e in table.iter() if name_of(e) == "th"]
        demand(heads and all(e.get("scope") in ("col", "row") for e in heads), where, "a table without scopes")
        rows = [[c for c in row if name_of(c) in ("td", "th")] for row in table.iter() if name_of(row) == "tr"]
        demand(len({len(row) for row in rows}) == 1, where, "rows of different lengths")
    for svg in (e for e in elements if name_of(e) == "svg"):
        outer = svg.get("role") == "img" and svg.get("aria-label") or svg.get("aria-hidden")
        demand(outer or any(name_of(c) == "title" for c in svg), where, "a drawing without a name")
    demand(next(e for e in elements if name_of(e) == "html").get("lang") == "en", where, "no language")


def check_order(tree, where):
    """Without a script the queries stand by total time."""
    for table in (e for e in tree.iter() if e.get("id") == "query-table"):
        head = [e.get("data-key") for e in table.iter() if e.get("data-key")]
        rows = [row for row in table.iter() if name_of(row) == "tr" and row.get("data-fingerprint")]
        totals = [int([c for c in row if name_of(c) in ("td", "th")][head.index("total")].get("data-value")) for row in rows]
        demand(totals == sorted(totals, reverse=True), where, "queries out of order")
        demand([e.get("aria-sort") for e in table.iter() if e.get("aria-sort")] == ["descending"], where, "aria-sort")


def check(path):
    data = path.read_bytes()
    text = data.decode("utf-8")  # strict
    demand(len(data) < MEGABYTE, path.name, f"{len(data)} bytes")
    demand(not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", text), path.name, "a control character")
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"))
    tree = parser.parse(text)
    faults.extend(f"{path.name}: {position}: {error} {values}" for position, error, values in parser.errors[:5])
    check_policy(tree, path.name)
    check_structure(tree, path.name)
    check_order(tree, path.name)


def check_checker(folder):
    """A check that lets everything pass would prove nothing."""
    good = (folder / "django.html").read_text()
    for old, new in (("<main", "<div"), ("<h3", "<h5"), (' scope="col"', ""), ("'sha256-", "'sha256-x"), ('href="#about"', 'href="#gone"'),
                     ('id="queries"', 'id="findings"'), ("<p class", '<p style="color:red" class'), ("</pre>", ""), ('lang="en"', "")):
        spoilt = folder / "spoilt.html"
        spoilt.write_text(good.replace(old, new))
        before = len(faults)
        check(spoilt)
        found = faults[before:]
        del faults[before:]
        demand(old in good and found, "checker", f"lets {new!r} for {old!r} pass")


def main(emit, sources):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([emit, name, sources], check=True)
        pages = sorted(folder.glob("*.html"))
        for page in pages:
            check(page)
        source = (folder / "sources.html").read_text()
        demand("<mark><i>30</i>" in source and "<mark><i>12</i>" in source, "sources.html", "no source lines")
        demand("#include" in source, "sources.html", "no neighbours of the line")
        check_checker(folder)
    for fault in faults[:60]:
        print(fault)
    print(f"{len(pages)} pages, {len(faults)} faults")
    return 1 if faults or len(pages) < 20 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
