"""The html report in headless Chromium: with and without its script, both themes, wide and narrow, by mouse and by keyboard.

    page.py HTML_EMIT SOURCES [CASE...]     ends with 1 after naming each fault, 77 when there is no Chromium

N1_SHOTS=DIR keeps screenshots there, to be looked at.
"""
import http.server
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import chrome as browser  # noqa: E402

CASES = {}
faults = []


def case(function):
    CASES[function.__name__] = function
    return function


def demand(holds, where, *what):
    if not holds:
        faults.append(f"{where}: {' '.join(map(str, what))}")


# Every text against what is painted behind it: WCAG 2.1 AA. SVG text stands on the box before it.
CONTRAST = r"""(() => {
  const parts = colour => (colour.match(/[\d.]+/g) || []).map(Number);
  const light = c => { const l = c.slice(0, 3).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                       return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2]; };
  const opaque = c => c.length === 3 || (c.length === 4 && c[3] === 1);
  function ground(element) {
    for (let e = element; e; e = e.parentElement) {
      if (e.namespaceURI.endsWith("svg") && e.tagName === "svg" && e.querySelector(":scope > rect"))
        return parts(getComputedStyle(e.querySelector(":scope > rect")).fill);
      const c = parts(getComputedStyle(e).backgroundColor);
      if (opaque(c)) return c;
    }
    return [255, 255, 255];
  }
  const bad = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement, style = getComputedStyle(element);
    if (!walk.currentNode.textContent.trim() || element.closest("title") || element.closest("[hidden]") || !element.getClientRects().length) continue;
    const ink = parts(element.tagName === "text" ? style.fill : style.color), back = ground(element);
    const [a, b] = [light(ink), light(back)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
    seen++;
    if (ratio < 4.5) bad.push(`${element.tagName}.${element.getAttribute("class")} "${walk.currentNode.textContent.slice(0, 30)}" ${ratio.toFixed(2)}`);
  }
  return {seen, bad: bad.slice(0, 8)};
})()"""

# What sticks out of the window, unless it can be scrolled to within its own frame.
WIDER = """(() => {
  const width = document.documentElement.clientWidth, out = [];
  document.querySelectorAll("body *").forEach(e => {
    const r = e.getBoundingClientRect();
    if (r.right > width + 1 && r.width > 0 && !e.closest(".scroll") && !e.closest("svg") && !e.closest(".skip") && getComputedStyle(e).overflow === "visible"
        && !e.closest(".lanes")) out.push(e.tagName + "." + e.className);
  });
  return {scroll: document.documentElement.scrollWidth - width, out: out.slice(0, 5)};
})()"""


def looks(page, where):
    result = page.evaluate(CONTRAST)
    demand(result["seen"] > 10, where, "no text was seen")
    demand(not result["bad"], where, "too faint:", result["bad"])
    wide = page.evaluate(WIDER)
    demand(wide["scroll"] <= 0 and not wide["out"], where, "wider than the window:", wide)


def shoot(page, name):
    if os.environ.get("N1_SHOTS"):
        page.screenshot(os.path.join(os.environ["N1_SHOTS"], name + ".png"))


@case
def both_themes_wide_and_narrow(chrome, pages):
    for name in ("program", "django", "compared", "sources", "clean", "silent", "torn", "hostile-12", "hostile-13", "hostile-03"):
        for dark in (False, True):
            for width in (1280, 390):
                where = f"{name}, {'dark' if dark else 'light'}, {width}"
                page = chrome.open(pages[name], width=width, dark=dark)
                looks(page, where)
                demand(not page.faults, where, page.faults[:3])
                if not name.startswith("hostile"):
                    shoot(page, f"{name}-{'dark' if dark else 'light'}-{width}")
                page.close()


@case
def first_view_says_it_all(chrome, pages):
    """Verdict, place and mend stand above the fold, on a desk and on a telephone."""
    for name in ("program", "django", "sources", "compared"):
        for width, height in ((1280, 900), (390, 844)):
            page = chrome.open(pages[name], width=width, height=height)
            for what in ("h1", ".summary > .where", ".first-mend", ".tiles"):
                low = page.evaluate(f"document.querySelector({what!r}).getBoundingClientRect().bottom")
                demand(0 < low < height, f"{name}, {width}", what, "ends at", low, "of", height)
            page.close()


class Server:
    """Pages over loopback HTTP, with a policy of the server's own; serves until left."""

    def __init__(self, folder, policy):
        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=folder)

            def end_headers(self):
                self.send_header("Content-Security-Policy", policy)
                super().end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return f"http://127.0.0.1:{self.server.server_port}/"

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@case
def served_under_a_policy(chrome, pages):
    """With the policy of docs/formats.md as a header nothing is refused; without the script's hash the page is read all the same;
    without both it is a plain page."""
    path = pathlib.Path(urllib.request.url2pathname(urllib.parse.urlparse(pages["program"]).path))
    style, script = (re.search(tag + r"-src ('sha256-[^']+')", path.read_text(encoding="utf-8"))[1] for tag in ("style", "script"))
    words = "document.querySelector('main').innerText.length"
    styled = "getComputedStyle(document.querySelector('h1')).fontSize !== '32px'"
    for policy, expected in ((f"default-src 'none'; style-src {style}; script-src {script}; img-src data:", (True, True)),
                             (f"default-src 'none'; style-src {style}; img-src data:", (False, True)),
                             ("default-src 'none'; img-src data:; sandbox", (False, False))):
        with Server(str(path.parent), policy) as address:
            page = chrome.open(address + path.name)
            got = page.evaluate("document.documentElement.classList.contains('js')"), page.evaluate(styled)
            demand(got == expected, policy, "script, style:", got)
            demand(page.evaluate(words) > 5000, policy, "nothing to read")
            demand(bool(page.faults) != all(expected), policy, page.faults[:3])
            page.close()


@case
def readable_without_script(chrome, pages):
    for name in ("program", "django", "big"):
        with_script, without = chrome.open(pages[name]), chrome.open(pages[name], script=False)
        words = "document.querySelector('main').innerText.replace(/\\s+/g, ' ')"
        # The debugger's own evaluation still works where the page's script does not.
        demand(not without.evaluate("document.documentElement.classList.contains('js')"), name, "the script ran")
        demand(without.evaluate("[...document.querySelectorAll('button, .tools')].every(e => !e.getClientRects().length)"), name,
               "controls that do nothing")
        demand(without.evaluate("document.querySelectorAll('.flame').length && [...document.querySelectorAll('.flame')].every(e => "
                                "e.getClientRects().length)"), name, "a flame graph is hidden")
        demand(len(without.evaluate(words)) > 500, name, "nothing to read")
        for sentence in ("queries where", "The proof", "The mend"):
            demand(sentence in without.evaluate(words), name, "lacks", sentence)
        demand(not without.faults and not with_script.faults, name, without.faults, with_script.faults)
        shoot(without, f"{name}-without-script")
        with_script.close()
        without.close()


@case
def sorts_and_searches(chrome, pages):
    page = chrome.open(pages["program"])
    column = ("[...document.querySelectorAll('#query-table tbody tr')].filter(r => !r.hidden)"
              ".map(r => Number(r.cells[%d].dataset.value))")
    first = page.evaluate(column % 3)
    demand(first == sorted(first, reverse=True) and len(first) == 40, "by total time at first", first[:5])
    press = "document.querySelector('th[data-key=%s] button').click()"
    for key, cell, orders in (("times", 1, ("descending", "ascending")), ("mean", 5, ("descending", "ascending"))):
        for order in orders:
            page.evaluate(press % key)
            values = page.evaluate(column % cell)
            demand(values == sorted(values, reverse=order == "descending"), f"by {key}, {order}", values[:6])
            sorts = page.evaluate("[...document.querySelectorAll('#query-table [aria-sort]')].map(e => [e.dataset.key, e.getAttribute('aria-sort')])")
            demand(sorts == [[key, order]], "aria-sort", sorts)
    page.evaluate(press % "query")
    names = page.evaluate("[...document.querySelectorAll('#query-table tbody tr')].map(r => r.cells[0].textContent.toLowerCase())")
    demand(names == sorted(names), "by query", names[:2])
    page.evaluate("(i => { i.value = 'KIND_7 item'; i.dispatchEvent(new Event('input')); })(document.getElementById('search'))")
    demand(len(page.evaluate(column % 3)) == 1, "the search finds", page.evaluate(column % 3))
    demand(page.evaluate("document.getElementById('found').textContent") == "1 of 40", "the search counts")
    page.evaluate("(i => { i.value = ''; i.dispatchEvent(new Event('input')); })(document.getElementById('search'))")
    demand(len(page.evaluate(column % 3)) == 40, "the search ends")
    demand(not page.faults, "faults", page.faults[:3])
    page.close()


@case
def zooms_the_flame_graph(chrome, pages):
    page = chrome.open(pages["program"])
    widths = "[...document.querySelectorAll('#flame-executions .graph > svg')].map(e => e.style.display === 'none' ? 0 : parseFloat(e.getAttribute('width')))"
    before = page.evaluate(widths)
    narrow = max(i for i, width in enumerate(before) if width < 20)
    press = f"document.querySelectorAll('#flame-executions .graph > svg')[{narrow}].dispatchEvent(new MouseEvent('click'))"
    page.evaluate(press)
    after = page.evaluate(widths)
    demand(abs(after[narrow] - 100) < 0.5, "the box fills the width", after[narrow])
    demand(all(0 <= width <= 100.5 for width in after) and after.count(0) > 3, "the others go", after[:9])
    page.evaluate(press)
    demand(page.evaluate(widths) == before, "a second press goes back")
    page.evaluate("document.querySelector('#flame-executions .graph > svg').focus()")
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.key(key)
    at = page.evaluate("[...document.querySelectorAll('#flame-executions .graph > svg')].indexOf(document.activeElement)")
    demand(at == 2, "the keyboard walks the boxes", at)
    demand(abs(page.evaluate(widths)[2] - 100) < 0.5, "Enter zooms")
    page.key("Escape")
    demand(page.evaluate(widths) == before, "Escape goes back")
    picked = "[...document.querySelectorAll('.flame')].map(e => !!e.getClientRects().length)"
    demand(page.evaluate(picked) == [True, False], "executions first")
    page.evaluate("document.querySelectorAll('#paths .pick button')[1].click()")
    demand(page.evaluate(picked) == [False, True], "then time")
    demand(not page.faults, "faults", page.faults[:3])
    page.close()


@case
def timeline_theme_and_copy(chrome, pages):
    page = chrome.open(pages["program"])
    box = "document.getElementById('timeline-plot').getAttribute('viewBox').split(' ').map(Number)"
    whole = page.evaluate(box)
    for button in (0, 0, 3):
        page.evaluate(f"document.querySelectorAll('#timeline .pick button')[{button}].click()")
    part = page.evaluate(box)
    demand(part[2] == whole[2] / 4 and part[0] > 0 and part[3] == whole[3], "the timeline zooms", part)
    page.evaluate("document.querySelectorAll('#timeline .pick button')[4].click()")
    demand(page.evaluate(box) == whole, "the timeline goes back")
    ground = "getComputedStyle(document.body).backgroundColor"
    seen = [page.evaluate(ground)]
    for _ in range(3):
        page.evaluate("document.getElementById('theme').click()")
        seen.append(page.evaluate(ground))
    demand(seen[0] == seen[1] == seen[3] != seen[2], "auto, light, dark, auto", seen)
    page.evaluate("document.getElementById('theme').click(); document.getElementById('theme').click()")
    again = chrome.open(pages["program"])
    demand(again.evaluate(ground) == seen[2], "the theme is kept")
    looks(again, "dark by choice")
    again.evaluate("document.getElementById('theme').click()")
    again.close()
    copies = page.evaluate("document.querySelectorAll('.mend .copy').length")
    demand(copies > 5, "copy buttons", copies)
    page.send("Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
    copied = page.evaluate("""new Promise(done => { document.querySelector('.mend .copy').click();
        setTimeout(() => done([document.querySelector('.mend .copy').textContent, getSelection().toString()]), 300); })""")
    demand(copied[0] in ("Copied", "Selected"), "copy says", copied)
    demand(not page.faults, "faults", page.faults[:3])
    page.close()


@case
def keyboard_and_screen_reader(chrome, pages):
    page = chrome.open(pages["django"])
    page.key("Tab")
    demand(page.evaluate("document.activeElement.className") == "skip", "the first stop skips to the verdict")
    demand(page.evaluate("document.activeElement.getBoundingClientRect().left >= 0"), "the skip link shows itself")
    stops, outlines = 0, []
    for _ in range(60):
        page.key("Tab")
        state = page.evaluate("""(e => e === document.body ? null : [e.tagName, e.id || e.className.baseVal || e.className || e.textContent.slice(0, 20),
            getComputedStyle(e).outlineStyle !== 'none' || !!e.closest('svg')])(document.activeElement)""")
        if state is None:
            break
        stops += 1
        if not state[2]:
            outlines.append(state[:2])
    demand(stops > 20, "stops of the Tab key", stops)
    demand(not outlines, "focus cannot be seen on", outlines[:4])
    nodes = page.send("Accessibility.getFullAXTree")["nodes"]
    value = lambda node, key: (node.get(key) or {}).get("value")
    roles = [value(node, "role") for node in nodes if not node.get("ignored")]
    for role in ("main", "navigation", "banner", "contentinfo", "region", "article", "table", "heading"):
        demand(role in roles, "landmarks", role, "is missing in", sorted(set(filter(None, roles))))
    regions = [value(node, "name") for node in nodes if not node.get("ignored") and value(node, "role") in ("region", "navigation")]
    demand(len(set(regions)) == len(regions), "two landmarks of one name:", sorted(regions))
    unlike = page.evaluate("[...document.querySelectorAll('[aria-label]')].filter(e => e.getAttribute('role') === 'button' && "
                           "!e.getAttribute('aria-label').includes(e.querySelector('text').textContent)).length")
    demand(unlike == 0, "names that lack what is shown:", unlike)
    for node in nodes:
        if not node.get("ignored") and value(node, "role") in ("button", "link", "searchbox", "textbox", "region", "article", "image", "img", "columnheader"):
            demand(value(node, "name"), "without a name:", value(node, "role"))
    page.close()


@case
def prints(chrome, pages):
    page = chrome.open(pages["django"], dark=True, media="print", width=700)
    demand(page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)", "paper is white")
    demand(page.evaluate("[...document.querySelectorAll('nav, button')].every(e => !e.getClientRects().length)"), "controls on paper")
    looks(page, "print")
    page.close()


def main(emit, sources, *wanted):
    if not browser.program():
        print("needs chromium")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([emit, folder, sources], check=True)
        pages = {path.stem: path.as_uri() for path in pathlib.Path(folder).glob("*.html")}
        with browser.Chrome() as chrome:
            for name, function in CASES.items():
                if not wanted or name in wanted:
                    before = len(faults)
                    function(chrome, pages)
                    print(f"{name}: {'ok' if len(faults) == before else 'FAULTS'}", flush=True)
    for fault in faults[:60]:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
