"""The contrast of the html report's colours, from its style sheet alone: WCAG 2.1 AA in both themes.

    contrast.py HTML_CSS     ends with 1 after naming each pair that is too faint
"""
import re
import sys

TEXT, GRAPHIC = 4.5, 3.0  # WCAG 2.1, 1.4.3 and 1.4.11
PAIRS = (
    [(ink, ground, TEXT) for ink in ("ink", "soft", "link", "red", "amber", "green") for ground in ("bg", "paper")]
    + [(ink, "sunken", TEXT) for ink in ("ink", "soft", "keyword", "string", "number")]
    + [(ink, "paper", TEXT) for ink in ("keyword", "string", "number")]
    + [(hue, hue + "-bg", TEXT) for hue in ("red", "amber", "green")]
    + [(part + "-ink", part, TEXT) for part in ("own", "lib", "sql")]
    + [("ink", "mark", TEXT), ("soft", "mark", TEXT), ("paper", "ink", TEXT)]
    + [(mark, ground, GRAPHIC) for mark in ("bar", "focus", "red", "link") for ground in ("paper",)]
    + [("soft", "paper", GRAPHIC), ("focus", "bg", GRAPHIC)]
)


def luminance(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def themes(css):
    """The colours of each rule that sets them, by its selector and place."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    found = []
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*--bg:[^{}]*)\}", css):
        found.append((selector.strip(), dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", body))))
    return found


def main(path):
    faults = []
    if abs(contrast("#ffffff", "#000000") - 21) > 1e-6 or abs(contrast("#777777", "#ffffff") - 4.478) > 1e-3:
        faults.append("the formula is wrong")
    with open(path) as file:
        rules = themes(file.read())
    names = [selector for selector, _ in rules]
    if len(rules) != 4:
        faults.append(f"{len(rules)} themes: {names}")
    for selector, colours in rules:
        if set(colours) != set(rules[0][1]):
            faults.append(f"{selector}: other colours than the first theme: {set(colours) ^ set(rules[0][1])}")
            continue
        for ink, ground, least in PAIRS:
            ratio = contrast(colours[ink], colours[ground])
            if ratio < least:
                faults.append(f"{selector}: {ink} on {ground}: {ratio:.2f}, needs {least}")
    if rules[1][1] != rules[2][1]:
        faults.append("the dark theme by choice differs from the one by preference")
    print("\n".join(faults) or f"{len(PAIRS)} pairs in {len(rules)} themes")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
