"""What the documentation says can be done: commands and options exist, links lead somewhere, the README's first finding is found."""
import glob
import os
import re
import shlex
import shutil

import harness
from harness import check, run


def pages():
    found = [os.path.join(harness.SOURCE, "README.md")] + glob.glob(os.path.join(harness.SOURCE, "docs", "**", "*.md"), recursive=True)
    found += glob.glob(os.path.join(harness.SOURCE, "examples", "ci", "**", "*"), recursive=True)
    return sorted(path for path in found if os.path.isfile(path))


def command_lines(text):
    """Every `n1prof …` of a page, as far as the line or the quoted code goes; of inline code and of code blocks."""
    for match in re.finditer(r"(?:^|[`$ (:'/])n1prof ([a-z]+)([^`\n]*)", text, re.M):
        yield match.group(1), match.group(2)


def wrong_options(command, rest, known):
    """Options before the program that the command does not have."""
    try:
        words = shlex.split(re.split(r" #|[|;&)]|\s{3}", rest)[0], posix=True)
    except ValueError:
        words = rest.split()
    for word in words:
        if word == "--":
            return
        name = word.split("=")[0]
        if re.fullmatch(r"--[a-z-]+", name) and name not in known[command][0]:
            yield name
        if re.fullmatch(r"-[a-z]", name) and name not in known[command][1]:
            yield name


def docs():
    known = {}
    for name in harness.commands():
        options = harness.options(name)
        known[name] = (set(options), {short for short in options.values() if short})
    seen = 0
    for path in pages():
        name = os.path.relpath(path, harness.SOURCE)
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
        if path.endswith(".md"):
            code = "\n".join(re.findall(r"^```.*?^```", text, re.M | re.S) + re.findall(r"`[^`\n]+`", text))
        else:
            code = text if path.endswith(("yml", "yaml", "file", ".sh")) else ""
        for command, rest in command_lines(code):
            if command not in known:
                check(name == "docs/README.md" or command in ("help", "version"), f"{name}: there is no n1prof {command}")
                continue
            seen += 1
            wrong = list(wrong_options(command, rest, known))
            check(not wrong, f"{name}: n1prof {command}{rest}: no option {wrong}")
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text) if path.endswith(".md") else []:
            if not re.match(r"[a-z]+:", target):
                check(os.path.exists(os.path.join(os.path.dirname(path), target)), f"{name}: {target} is not there")
    check(seen > 60, f"found only {seen} commands in the documentation")
    first_finding()


def first_finding():
    """The README's example prints what the README shows."""
    with open(os.path.join(harness.SOURCE, "README.md"), encoding="utf-8") as file:
        shown = re.findall(r"^```\n(n1prof: 101.*?)^```", file.read(), re.M | re.S)
    check(len(shown) == 1, "the README shows no finding")
    shutil.copytree(os.path.join(harness.SOURCE, "examples", "django_blog"), "blog")
    run(["/usr/bin/python3", "blog.py", "seed"], cwd="blog")
    run([harness.PROGRAM, "run", "-o", "report", "--", "/usr/bin/python3", "blog.py", "slow_forward"], cwd="blog")
    with open("blog/report", encoding="utf-8") as file:
        lines = file.read().splitlines()
    for line in shown[0].splitlines():
        check(line in lines, f"the README shows {line!r}, the report does not")


CASES = {"docs": docs}
