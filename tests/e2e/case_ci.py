"""The gate where it is used: its formats against what their readers demand, and examples/ci as the systems would run them."""
import json
import os
import shutil
import subprocess

from gate import BASELINE, CANNOT_TELL, PASSED, REGRESSED, Blog, check, content, verdict_of
from harness import PYTHON, case, expect, expect_equal


@case
def gate_formats(the_case):
    """Every format of a failing verdict, against what its reader demands; --format auto by the environment."""
    Blog(the_case).record(30)
    for name in ("text", "json", "junit", "markdown", "github"):
        the_case.run(the_case.n1prof, "check", "t", "--format", f"{name}=out.{name}", status=REGRESSED)
        text = content(the_case, "out." + name)
        expect("SELECT name FROM author" in text and the_case.dir not in text, f"{name}:\n{text}")
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
    os.mkdir(the_case.path(".git"))
    run = the_case.run(the_case.n1prof, "check", "t", "--format", "github", status=REGRESSED)
    expect("::error file=blog.py," in run.out, run)


# ---- examples/ci, run as the systems' runners would -----------------------------------------------------------------


def ci_file(the_case, *parts):
    with open(the_case.source("examples", "ci", *parts), encoding="utf-8") as file:
        return file.read()


class Runner:
    """A shell as CI systems give it: n1prof in PATH, variables of the system's."""

    def __init__(self, the_case, **variables):
        self.case = the_case
        path = os.path.dirname(the_case.n1prof) + os.pathsep + os.environ["PATH"]
        self.variables = dict(variables, PATH=path)

    def shell(self, script, status, shell=("bash", "--noprofile", "--norc", "-eo", "pipefail"), **variables):
        with open(self.case.path("step.sh"), "w", encoding="utf-8") as file:
            file.write(script)
        return self.case.run(*shell, "step.sh", status=status, env=dict(self.variables, **variables))


def github_action(the_case, command, status, **inputs):
    """Runs the composite action; the verdict that it puts out."""
    import yaml

    action = yaml.safe_load(ci_file(the_case, "github", "action.yml"))
    inputs = {name: inputs.get(name, value.get("default", "")) for name, value in action["inputs"].items()} | {"command": command}
    for name in ("output", "summary.md"):
        open(the_case.path(name), "w", encoding="utf-8").close()
    runner = Runner(the_case, GITHUB_ACTIONS="true", RUNNER_TEMP=the_case.dir, GITHUB_OUTPUT=the_case.path("output"),
                    GITHUB_STEP_SUMMARY=the_case.path("summary.md"))
    expect_equal(action["runs"]["using"], "composite", "the action")
    has_failed, out = False, ""
    for step in action["runs"]["steps"]:
        if has_failed and step.get("if") != "always()":
            continue
        env = {key: value.replace("${{ inputs.", "{").replace(" }}", "}").format(**inputs)
               for key, value in step.get("env", {}).items()}
        run = runner.shell(step["run"], status if step.get("id") == "check" else 0, **env)
        has_failed |= run.status != 0
        out += run.out
    return content(the_case, "output"), out


@case
def gate_in_ci(the_case):
    try:
        import yaml
    except ImportError:
        expect(False, "python3-yaml is needed to read the examples")
    command = f"{PYTHON} blog.py 9"
    mended, slow = Blog(the_case, "index_mended()"), Blog(the_case, "index()")
    mended.record(9)
    check(the_case, "t", "--update")
    out = github_action(the_case, command, PASSED)
    expect_equal(out[0], "verdict=passed\n", "output of the action")
    expect("passed: no regression" in content(the_case, "summary.md"), "the summary")
    slow.record(9)
    out = github_action(the_case, command, REGRESSED, options="--strict --budget 'a scope=3'")
    expect_equal(out[0], "verdict=failed\n", "output of the action")
    expect(f"::error file=blog.py,line={slow.line('return db.execute(')}," in out[1], out[1])
    expect("SELECT name FROM author" in content(the_case, "summary.md"), "the summary")
    expect(json.loads(content(the_case, "n1prof.sarif"))["runs"], "the action's SARIF")
    out = github_action(the_case, "true", CANNOT_TELL)
    expect_equal(out[0], "verdict=inconclusive\n", "output of the action")
    workflow = yaml.safe_load(ci_file(the_case, "github", "workflow.yml"))
    expect_equal(workflow["jobs"]["n1prof"]["steps"][1]["with"].keys() - yaml.safe_load(
        ci_file(the_case, "github", "action.yml"))["inputs"].keys(), set(), "inputs of the workflow")

    template = yaml.safe_load(ci_file(the_case, "gitlab", "n1prof.yml"))[".n1prof"]
    variables = dict(template["variables"], N1_COMMAND=command, GITLAB_CI="true", GITHUB_ACTIONS="")
    for blog, status in ((mended, PASSED), (slow, REGRESSED)):
        blog.record(9)
        runner = Runner(the_case, **variables)
        runner.shell("\n".join(template["script"]), status)
        runner.shell("\n".join(template["after_script"]), PASSED)
        for name, path in template["artifacts"]["reports"].items():
            expect(content(the_case, path), f"no {name} report")
        json.loads(content(the_case, template["artifacts"]["reports"]["codequality"]))

    script = ci_file(the_case, "jenkins", "Jenkinsfile").split("sh '''")[1].split("'''")[0]
    for blog, status in ((mended, PASSED), (slow, REGRESSED)):
        blog.record(9)
        runner = Runner(the_case, N1_COMMAND=command)
        runner.shell(script, status, shell=("sh", "-xe"))
        expect("<testsuites" in content(the_case, "n1prof-junit.xml"), "no test results")

    hooks = yaml.safe_load(ci_file(the_case, "pre-commit", ".pre-commit-hooks.yaml"))
    hook = the_case.source(*hooks[0]["entry"].split("/"))
    runner = Runner(the_case)
    for options in ((), (BASELINE,)):
        the_case.run(hook, *options, env=runner.variables)
    with open(the_case.path(BASELINE), "a", encoding="utf-8") as file:
        file.write(">>>>>>> theirs\n")
    for options in ((), (BASELINE,)):
        expect(BASELINE in the_case.run(hook, *options, status=1, env=runner.variables).err, "the hook names the file")
