"""The gate where it is used: its formats against what their readers demand, and examples/ci as the systems would run them."""
import json
import os
import shutil
import subprocess

from gate import BASELINE, CANNOT_TELL, PASSED, REGRESSED, Blog, check, content, verdict_of
from harness import PYTHON, SOURCE, case, expect, expect_equal


@case
def gate_formats(the_case):
    """Every format of a failing verdict, against what its reader demands; --format auto by the environment."""
    Blog(the_case).record(30)
    for name in ("text", "json", "junit", "markdown", "github"):
        the_case.run(the_case.n1prof, "check", "t", "--format", f"{name}=out.{name}", status=REGRESSED)
        text = content(the_case, "out." + name)
        expect("SELECT name FROM author" in text and the_case.dir not in text, f"{name}:\n{text}")
        expect("so that each row brings its own" in " ".join(text.split()), f"the mend is not in {name}:\n{text}")
        again = the_case.run(the_case.n1prof, "check", "t", "--format", name, status=REGRESSED).out
        expect_equal(again, text, f"{name}, a second time")
    line = content(the_case, "blog.py").splitlines().index(
        '    return db.execute("SELECT name FROM author WHERE id = ?", (author_id,)).fetchone()[0]') + 1
    expect(f"::error file=blog.py,line={line},endLine={line},title=n1prof%3A New findings::" in content(the_case, "out.github"),
           content(the_case, "out.github"))
    if shutil.which("xmllint"):
        schema = the_case.source("docs", "schemas", "junit-n1prof.xsd")
        run = subprocess.run(["xmllint", "--noout", "--schema", schema, the_case.path("out.junit")], capture_output=True,
                             text=True, check=False)
        expect_equal(run.returncode, 0, run.stderr)
    # A program whose sources lie outside of the recorded folder: names of files, not of folders of this machine.
    the_case.run(the_case.n1prof, "record", "-o", "outside", "--", the_case.program("shop_sqlite"), the_case.shop(), "slow")
    for name in ("text", "junit", "markdown", "github"):
        text = the_case.run(the_case.n1prof, "check", "outside", "--format", name, status=REGRESSED).out
        expect("in the query at shop.c:" in " ".join(text.split()) and os.path.dirname(SOURCE) + "/" not in text, f"{name}:\n{text}")
    several = the_case.run(the_case.n1prof, "check", "t", "-f", "text", "-f", "junit=j.xml", "-f", "markdown=m.md",
                           status=REGRESSED)
    expect(several.out.startswith("n1prof check: failed") and os.path.exists(the_case.path("j.xml")), several)
    expect("two reports" in the_case.run(the_case.n1prof, "check", "t", "-f", "text", "-f", "json", status=CANNOT_TELL).err,
           "two reports in one place")


NO_SYSTEM = {"GITHUB_ACTIONS": "", "GITHUB_STEP_SUMMARY": "", "GITLAB_CI": "", "JENKINS_URL": "", "TF_BUILD": ""}
SYSTEMS = (
    # what the system sets; how standard output begins; files of report, of check, of diff
    ({}, "n1prof", [], [], []),
    ({"GITHUB_ACTIONS": "true"}, "::", [], [], []),
    ({"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": "summary.md"}, "::", ["summary.md"], ["summary.md"], ["summary.md"]),
    ({"GITHUB_ACTIONS": "false"}, "n1prof", [], [], []),
    ({"GITLAB_CI": "true"}, "n1prof", ["gl-code-quality-report.json", "n1prof-junit.xml"], ["n1prof-check.xml"], []),
    ({"JENKINS_URL": "http://ci/"}, "n1prof", ["n1prof-junit.xml"], ["n1prof-check.xml"], []),
    ({"TF_BUILD": "True"}, "n1prof", ["n1prof-junit.xml"], ["n1prof-check.xml"], []),
)


@case
def formats_by_surroundings(the_case):
    """--format auto of report, check and diff: what the system can show, and no file that it does not ask for."""
    Blog(the_case).record(30)
    the_case.run("cp", "-r", "t", "u")
    for variables, begin, *files in SYSTEMS:
        env = dict(NO_SYSTEM, **variables)
        for command, expected in zip((("report", "t"), ("check", "t"), ("diff", "t", "u")), files):
            if "GITHUB_STEP_SUMMARY" in variables:
                with open(the_case.path("summary.md"), "w", encoding="utf-8") as file:
                    file.write("before\n")
            there = set(os.listdir(the_case.dir)) - set(expected)
            status = REGRESSED if command[0] == "check" else PASSED
            run = the_case.run(the_case.n1prof, *command, "--format", "auto", status=status, env=env)
            expect(run.out.startswith("n1prof" if command[0] == "diff" else begin), f"{variables}: {run}")
            expect_equal(sorted(set(os.listdir(the_case.dir)) - there), expected, f"{variables}: files of {command[0]}")
            for name in expected:
                text = content(the_case, name)
                expect(text.startswith("before\n") or name != "summary.md", f"{variables}: the summary was replaced")
                expect(command[0] == "diff" or ("blog.py" in text), f"{variables}: {name} of {command[0]}: {text}")
                os.remove(the_case.path(name))
            # Without --format: to standard output only.
            run = the_case.run(the_case.n1prof, *command, status=status, env=env)
            expect(run.out.startswith(begin if command[0] == "check" else "n1prof"), f"{variables}: {run}")
            expect_equal(set(os.listdir(the_case.dir)), there, f"{variables}: files of {command[0]} without --format")


@case
def same_bytes_everywhere(the_case):
    """What is written depends on the recording alone: not on locale, time zone, home, working folder, umask or the hour; and
    names nothing of this machine."""
    Blog(the_case, "index()\nsettings()").record(30)
    Blog(the_case, "index_mended()").record(30, "u")
    check(the_case, "u", "--update")
    locales = the_case.path("locales")
    os.mkdir(locales)
    for name in ("tr_TR", "de_DE"):
        if shutil.which("localedef"):
            the_case.run("localedef", "-i", name, "-f", "UTF-8", os.path.join(locales, name + ".UTF-8"), status=None)
    elsewhere = the_case.path("elsewhere")
    os.mkdir(elsewhere)
    places = [dict(LC_ALL=name, LOCPATH=locales, LANG=name, TZ=zone, HOME=home, USER=home, HOSTNAME=home, TMPDIR=elsewhere)
              for name, zone, home in (("tr_TR.UTF-8", "Asia/Kathmandu", "/nowhere"), ("de_DE.UTF-8", "America/St_Johns", "/root"),
                                       ("C", "UTC", ""))]
    t, u, baseline = (the_case.path(name) for name in ("t", "u", BASELINE))
    formats = {"report": ("text", "json", "html", "sarif", "junit", "markdown", "github", "github-summary", "gitlab", "folded",
                          "speedscope", "otlp"),
               "check": ("text", "json", "junit", "markdown", "github"), "diff": ("text", "json", "markdown")}
    arguments = {"report": (t,), "check": (t, "--baseline", baseline), "diff": (t, u)}
    for command, names in formats.items():
        for name in names:
            argv = (the_case.n1prof, command, *arguments[command], "--format", name)
            status = REGRESSED if command == "check" else PASSED
            first = the_case.run(*argv, status=status).out
            for env in places:
                run = the_case.run("sh", "-c", 'umask 077; cd "$1"; shift; exec "$@"', "sh", elsewhere, *argv, status=status, env=env)
                expect_equal(run.out, first, f"{command} --format {name} with {env}")
            private = [os.uname().nodename, os.path.expanduser("~"), the_case.dir + "/blog.py", elsewhere]
            # The command that accepts names its files as they were given.
            shown = first.replace(baseline, "").replace(t, "")
            for word in private:
                expect(len(word) < 4 or word not in shown, f"{command} --format {name} names {word}")
    # The file of what is accepted, too.
    for env in places:
        the_case.run("sh", "-c", 'umask 077; cd "$1"; shift; exec "$@"', "sh", elsewhere, the_case.n1prof, "check", u, "--baseline",
                     baseline + ".2", "--update", env=env)
        expect_equal(content(the_case, BASELINE + ".2"), content(the_case), f"the baseline with {env}")
        os.remove(baseline + ".2")


@case
def paths_from_the_root(the_case):
    """check and diff show paths from the repository's root, as report does: by .git, or --root."""
    blog = Blog(the_case, "index()")
    blog.record(30)
    os.mkdir(the_case.path("elsewhere"))
    for command in (("check", "t", "--fail-on", "all"), ("report", "t")):
        def file_of(*options):
            run = the_case.run(the_case.n1prof, *command, "--format", "github", *options, status=None)
            return [part.split("=")[1].split(",")[0] for part in run.out.split("::") if part.startswith("error file=")]

        expect_equal(set(file_of("--root", ".")), {"blog.py"}, "from the recorded folder")
        expect_equal(set(file_of("--root", "..")), {os.path.basename(the_case.dir) + "/blog.py"}, "from the folder above")
        expect_equal(file_of("--root", "elsewhere"), [], "from a folder that does not hold it")
    os.makedirs(the_case.path(".git"), exist_ok=True)
    run = the_case.run(the_case.n1prof, "check", "t", "--format", "github", status=REGRESSED)
    expect("::error file=blog.py," in run.out, run)


# ---- examples/ci, run as the systems' runners would -----------------------------------------------------------------


def ci_file(the_case, *parts):
    with open(the_case.source("examples", "ci", *parts), encoding="utf-8") as file:
        return file.read()


def ci_yaml(the_case, *parts):
    import yaml

    return yaml.safe_load(ci_file(the_case, *parts))


class Runner:
    """A checked-out repository with a blog whose baseline accepts the mended form, and a shell as CI systems give it: n1prof is
    installed and in PATH, and nothing of this machine's CI system is in the environment."""

    def __init__(self, the_case):
        self.case = the_case
        the_case.run("cmake", "--install", the_case.build, "--prefix", the_case.path("prefix"))
        the_case.n1prof = the_case.path("prefix", "bin", "n1prof")
        self.environment = dict(NO_SYSTEM, N1PROF_PRELOAD="", PATH=os.path.dirname(the_case.n1prof) + os.pathsep + os.environ["PATH"])
        self.slow, self.mended = Blog(the_case, "index()"), Blog(the_case, "index_mended()")
        self.mended.record(9)
        check(the_case, "t", "--update")
        shutil.rmtree(the_case.path("t"))
        with open(the_case.path("failing.py"), "w", encoding="utf-8") as file:
            file.write("import sys\nimport blog\nsys.exit(3)\n")
        self.git("init", "-q")
        self.commit("start")

    def git(self, *argv, status=0):
        return self.case.run("git", "-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main", *argv, status=status,
                             env=self.environment)

    def commit(self, text, status=0):
        self.git("add", BASELINE, *(["blog.py"] if os.path.exists(self.case.path("blog.py")) else []))
        return self.git("commit", "-qm", text, status=status)

    def work(self, blog):
        """What the pull request changed."""
        with open(self.case.path("blog.py"), "w", encoding="utf-8") as file:
            file.write(blog.text)

    def clean(self):
        """A fresh work tree, as a runner has it."""
        self.git("clean", "-qfdx", "-e", "prefix", "-e", "failing.py")

    def shell(self, script, status=None, shell=("bash", "--noprofile", "--norc", "-eo", "pipefail"), **variables):
        with open(self.case.path("prefix", "step.sh"), "w", encoding="utf-8") as file:
            file.write(script)
        return self.case.run(*shell, os.path.join("prefix", "step.sh"), status=status, env=dict(self.environment, **variables))


# What is recorded, how the step ends, what the gate says.
PASSING, FAILING_TESTS, NOTHING = f"{PYTHON} blog.py 9", f"{PYTHON} failing.py 9", "true"


def github_action(runner, command, **given):
    """Runs the composite action as the runner does: expressions put in, steps behind a failure left out unless always().
    Returns the status of the first step that failed (0: none), the outputs, the log."""
    action = ci_yaml(runner.case, "github", "action.yml")
    expect_equal(action["runs"]["using"], "composite", "the action")
    expect_equal({name for name, value in action["inputs"].items() if value.get("required")} - {"command"}, set(), "required inputs")
    inputs = {name: given.get(name, value.get("default", "")) for name, value in action["inputs"].items()} | {"command": command}
    runner.clean()
    folder = runner.case.path("prefix", "runner")
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    status, log = 0, ""
    for step in action["runs"]["steps"]:
        if status != 0 and step.get("if") != "always()":
            continue
        expect_equal(step["shell"], "bash", "shell of a step")
        env = {key: value.replace("${{ inputs.", "{").replace(" }}", "}").format(**inputs) for key, value in step.get("env", {}).items()}
        run = runner.shell(step["run"], GITHUB_ACTIONS="true", RUNNER_TEMP=folder, GITHUB_OUTPUT=os.path.join(folder, "output"),
                           GITHUB_STEP_SUMMARY=os.path.join(folder, "summary.md"), **env)
        status = status or run.status
        log += run.out
    files = {name: content(runner.case, os.path.join("prefix", "runner", name)) for name in os.listdir(folder)}
    outputs = dict(line.split("=", 1) for line in files.get("output", "").splitlines())
    expect_equal(set(outputs) - set(action["outputs"]), set(), "outputs that the action does not declare")
    return status, outputs.get("verdict"), log, files.get("summary.md", "")


@case
def ci_github(the_case):
    runner = Runner(the_case)
    runner.work(runner.mended)
    status, verdict, log, summary = github_action(runner, PASSING)
    expect_equal((status, verdict), (0, "passed"), log)
    expect("passed: no regression" in summary and "::error" not in log, summary, log)
    runner.work(runner.slow)
    status, verdict, log, summary = github_action(runner, PASSING, options="--strict --budget 'a scope=3'")
    expect_equal((status, verdict), (REGRESSED, "failed"), log)
    expect(f"::error file=blog.py,line={runner.slow.line('return db.execute(')}," in log, log)
    expect("SELECT name FROM author" in summary and "the budget of 'a scope' was not tested" in summary, summary)
    results = json.loads(content(the_case, "n1prof.sarif"))["runs"][0]["results"]
    expect_equal(results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "blog.py", "place in SARIF")
    status, verdict, log, summary = github_action(runner, FAILING_TESTS)
    expect_equal((status, verdict, summary), (3, None, ""), log)
    expect(os.path.exists(the_case.path("n1prof.sarif")), "no SARIF of failing tests")
    status, verdict, log, summary = github_action(runner, NOTHING)
    expect_equal((status, verdict), (CANNOT_TELL, "inconclusive"), log)
    expect("no database call" in log and "no database call" in summary, log, summary)
    status, verdict, log, _ = github_action(runner, "no-such-program")
    expect_equal((status, verdict), (127, None), log)
    # The workflow gives only what the action knows, and uploads what it writes.
    steps = ci_yaml(the_case, "github", "workflow.yml")["jobs"]["n1prof"]["steps"]
    inputs = ci_yaml(the_case, "github", "action.yml")["inputs"]
    expect_equal(steps[1]["with"].keys() - inputs.keys(), set(), "inputs of the workflow")
    expect_equal(steps[2]["with"]["sarif_file"], "n1prof.sarif", "what is uploaded")


@case
def ci_gitlab(the_case):
    runner = Runner(the_case)
    template = ci_yaml(the_case, "gitlab", "n1prof.yml")[".n1prof"]
    reports = template["artifacts"]["reports"]
    for blog, command, status in ((runner.mended, PASSING, 0), (runner.slow, PASSING, REGRESSED), (runner.mended, FAILING_TESTS, 3),
                                  (runner.mended, NOTHING, CANNOT_TELL)):
        runner.work(blog)
        runner.clean()
        variables = dict(template["variables"], N1_COMMAND=command, GITLAB_CI="true")
        for shell in (("bash", "-eo", "pipefail"), ("sh", "-e")):
            run = runner.shell("\n".join(template["script"]), status, shell=shell, **variables)
        runner.shell("\n".join(template["after_script"]), 0, **variables)
        entries_of = json.loads(content(the_case, reports["codequality"]))
        expect_equal(bool([e for e in entries_of if e["check_name"] == "n_plus_one"]), blog is runner.slow, "code quality")
        expect_equal(os.path.exists(the_case.path(reports["junit"])), status != 3, f"test report of status {status}")
        if status == REGRESSED:
            expect("<failure" in content(the_case, reports["junit"]) and "blog.py:" in run.out, run)
        if status == CANNOT_TELL:
            expect("<error" in content(the_case, reports["junit"]), "what cannot be told is an error")


@case
def ci_jenkins(the_case):
    runner = Runner(the_case)
    text = ci_file(the_case, "jenkins", "Jenkinsfile")
    script, results = text.split("sh '''")[1].split("'''")[0], text.split("testResults: '")[1].split("'")[0]
    for blog, command, status in ((runner.mended, PASSING, 0), (runner.slow, PASSING, REGRESSED), (runner.mended, FAILING_TESTS, 3)):
        runner.work(blog)
        runner.clean()
        runner.shell(script, status, shell=("sh", "-xe"), N1_COMMAND=command)
        expect_equal(os.path.exists(the_case.path(results)), status != 3, f"test results of status {status}")
        if status != 3:
            expect_equal("<failure" in content(the_case, results), status == REGRESSED, "a failed case")


@case
def ci_pre_commit(the_case):
    """The hook by itself, as git's, and by pre-commit from a repository that holds it."""
    import yaml

    runner = Runner(the_case)
    script = the_case.source("examples", "ci", "pre-commit", "check-baseline")
    good = content(the_case)
    bad = good.replace('"entries"', '<<<<<<< ours\n"entries"')

    def write(text):
        with open(the_case.path(BASELINE), "w", encoding="utf-8") as file:
            file.write(text)

    for text, status in ((good, 0), (bad, 1)):
        write(text)
        for options in ((), (BASELINE,)):
            run = the_case.run(script, *options, status=status, env=runner.environment)
            expect((BASELINE in run.err) == (status == 1), "the hook names the file:", run)
    # As a hook of git's.
    hook = the_case.path(".git", "hooks", "pre-commit")
    os.makedirs(os.path.dirname(hook), exist_ok=True)
    shutil.copy(script, hook)
    expect("conflict" in runner.commit("torn", status=1).err, "the conflict is not named")
    write(good.replace('"schema"', '\n"schema"'))
    runner.commit("good")
    os.remove(hook)
    if not shutil.which("pre-commit"):
        return
    # By pre-commit, from a clone of a repository with our files in their places.
    hooks = the_case.path("prefix", "hooks")
    with open(the_case.source(".pre-commit-hooks.yaml"), encoding="utf-8") as file:
        entry = yaml.safe_load(file)[0]["entry"]
    os.makedirs(os.path.join(hooks, os.path.dirname(entry)))
    for name in (".pre-commit-hooks.yaml", entry):
        shutil.copy(the_case.source(name), os.path.join(hooks, name))
    runner.git("-C", hooks, "init", "-q")
    runner.git("-C", hooks, "add", "-A")
    runner.git("-C", hooks, "commit", "-qm", "hooks")
    config = ci_file(the_case, "pre-commit", "pre-commit-config.yaml").replace("N1PROF_REPOSITORY", "prefix/hooks", 2)
    expect_equal(yaml.safe_load(config)["repos"][0]["rev"], "main", "the branch")
    config = config.replace("main", runner.git("-C", hooks, "rev-parse", "HEAD").out.strip())
    with open(the_case.path(".pre-commit-config.yaml"), "w", encoding="utf-8") as file:
        file.write(config)
    runner.git("add", ".pre-commit-config.yaml")
    env = dict(runner.environment, PRE_COMMIT_HOME=the_case.path("prefix", "pre-commit"))
    for text, status in ((good, 0), (bad, 1)):
        write(text)
        runner.git("add", BASELINE)
        run = the_case.run("pre-commit", "run", "--color=never", "--all-files", status=status, env=env)
        expect((BASELINE in run.out) == (status == 1), run)
        expect(("Passed" if status == 0 else "Failed") in run.out, run)
