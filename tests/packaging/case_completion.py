"""The completion scripts, sourced and asked: in bash by the function that bash would call, in zsh on a terminal."""
import os

import harness
from harness import check, run


def bash_completes(words):
    """What bash offers for the last word."""
    script = f"""source <("{harness.PROGRAM}" completion bash)
        COMP_WORDS=({' '.join(repr(word) for word in words)}) COMP_CWORD={len(words) - 1}
        _n1prof; printf '%s\\n' "${{COMPREPLY[@]}}" """
    return set(run(["bash", "--norc", "-c", script]).split())


def completion_bash():
    os.mkdir("a.trace")
    with open("a.json", "w", encoding="ascii"):
        pass
    commands = set(harness.commands())
    check(bash_completes(["n1prof", ""]) == commands | {"--help", "--version"}, "the commands")
    check(bash_completes(["n1prof", "rep"]) == {"report"}, "rep")
    for name in commands:
        want = set(harness.options(name))
        have = {option for option in bash_completes(["n1prof", name, "--"]) if "=" not in option}
        check(have == want, f"options of {name}: {have ^ want}")
    formats = bash_completes(["n1prof", "report", "--format", ""])
    check({"text", "json", "html", "html=", "auto"} <= formats, f"formats: {formats}")
    table = [
        (["report", "-f", "sar"], {"sarif", "sarif="}),
        (["report", "--format", "=", "mark"], {"markdown", "markdown="}),
        (["report", "--format", "html", "=", "a."], {"a.json", "a.trace"}),
        (["report", "--color", ""], {"always", "never", "auto"}),
        (["report", ""], {"a.trace"}),
        (["report", "--before", ""], {"a.trace"}),
        (["dump", "--output", "a.j"], {"a.json"}),
        (["check", "--format", "j"], {"json", "json=", "junit", "junit="}),
        (["diff", "--format", "j"], {"json", "json="}),
        (["baseline", "p"], {"prune"}),
        (["explain", "n_"], {"n_plus_one"}),
        (["completion", ""], {"bash", "zsh"}),
        (["run", "--keep", "a"], {"a.trace"}),
        (["run", "--keep", "t", "--", "a.js"], set()),
        (["record", "sh", "a.js"], {"a.json"}),
    ]
    for words, want in table:
        have = bash_completes(["n1prof"] + words)
        check(have == want, f"{words}: {have}, not {want}")
    check("sleep" in bash_completes(["n1prof", "run", "--", "slee"]), "a program behind --")


def completion_zsh():
    os.mkdir("a.trace")
    with open("_n1prof", "w", encoding="utf-8") as file:
        file.write(run([harness.PROGRAM, "completion", "zsh"]))
    run(["zsh", "-f", "-n", "_n1prof"])
    bin_folder = os.path.dirname(harness.PROGRAM)
    shell = harness.Terminal(["zsh", "-f", "-i"], {"TERM": "dumb", "PATH": f"{bin_folder}:{os.environ['PATH']}"})
    shell.send("PROMPT='>'; fpath=($PWD $fpath); autoload -U compinit; compinit -u -D; setopt no_beep list_ambiguous; "
               "echo rea''dy $_comps[n1prof]\n")
    shell.expect("ready _n1prof")
    table = [
        ("n1prof rep\t", "n1prof report "),
        ("n1prof report --form\t", "--format="),
        ("n1prof report --format=spee\t", "--format=speedscope"),
        ("n1prof report --format html=a.t\t", "html=a.trace/"),
        ("n1prof report --color ne\t", "--color never"),
        ("n1prof report a\t", "report a.trace/"),
        ("n1prof check --stri\t", "--strict "),
        ("n1prof check --sca\t", "--scale "),
        ("n1prof baseline sh\t", "show"),
        ("n1prof run --no-st\t", "--no-stacks "),
        ("n1prof explain write\t", "write_loop"),
        ("n1prof completion z\t", "completion zsh"),
    ]
    for typed, want in table:
        shell.send("\x15" + typed)
        shell.expect(want)
    shell.send("\x15exit\n")
    shell.finish()


CASES = {"completion_bash": completion_bash, "completion_zsh": completion_zsh}
