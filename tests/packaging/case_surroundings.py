"""What n1prof takes from the place it runs in: the CI system, the repository's root, a terminal and its pager."""
import os

import harness
from harness import check, run

NO_CI = {"GITHUB_ACTIONS": "", "GITHUB_STEP_SUMMARY": "", "GITLAB_CI": "", "JENKINS_URL": "", "TF_BUILD": ""}


def report(*options, **env):
    return run([harness.PROGRAM, "report", "repository/sub/t", *options], env=dict(NO_CI, **env))


def on_terminal(argv, **env):
    environment = dict(NO_CI, TERM="xterm", NO_COLOR="", **env)
    text, status = harness.Terminal([harness.PROGRAM] + argv, environment).finish()
    check(status == 0, f"{argv}: status {status}: {text}")
    return text.replace("\r\n", "\n")


def surroundings():
    blog, database = os.path.join(harness.BUILD, "bin", "n1_blog"), f"sqlite:///{os.getcwd()}/blog.db"
    run([blog, "--db", database, "seed"])
    os.makedirs("repository/.git")
    os.mkdir("repository/sub")
    run([harness.PROGRAM, "record", "-o", "t", "--", blog, "--db", database, "slow"], cwd="repository/sub")

    check("101 queries where 1 would do" in report("--format", "auto"), "auto without CI is the text")
    with open("summary", "w", encoding="utf-8") as file:
        file.write("before\n")
    shown = report("--format", "auto", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY="summary")
    check(shown.startswith("::"), f"no annotation: {shown[:80]}")
    report("--format", "github-summary=summary", GITHUB_STEP_SUMMARY=os.path.abspath("summary"))
    with open("summary", encoding="utf-8") as file:
        lines = file.read().splitlines()
    check(lines[0] == "before" and sum(line.startswith("## n1prof") for line in lines) == 2,
          "the step's summary was not added to")
    report("--format", "auto", GITLAB_CI="true")
    check(os.path.exists("gl-code-quality-report.json") and os.path.exists("n1prof-junit.xml"), "GitLab's files")

    folder = os.path.dirname(harness.SOURCE)
    inside = report("--format", "sarif", "--root", harness.SOURCE)
    check('"uri": "examples/blog.c"' in inside, "--root")
    if folder != "/":  # which says nothing
        check(f'"uri": "{os.path.basename(harness.SOURCE)}/examples/blog.c"' in report("--format", "sarif", "--root", folder),
              "--root one higher")
    check('"uri": "examples/blog.c"' not in report("--format", "sarif"), "the root is the recorded folder's repository")

    paged = on_terminal(["report", "repository/sub/t"], N1PROF_PAGER="sed s/^/page:/")
    check("101 queries" in paged and all(line.startswith("page:") for line in paged.splitlines()), f"pager: {paged!r}")
    check("\033[" in paged, "colours do not pass through the pager")
    on_terminal(["report", "repository/sub/t"], N1PROF_PAGER="true")
    check("page:" not in on_terminal(["report", "repository/sub/t"], N1PROF_PAGER="", PAGER="sed s/^/page:/"),
          "an empty N1PROF_PAGER")
    check("page:" not in on_terminal(["report", "repository/sub/t", "-f", "json"], N1PROF_PAGER="sed s/^/page:/"),
          "only text is paged")

    for columns in (44, 90):
        prose = [line for line in run([harness.PROGRAM, "explain", "n_plus_one"], env={"COLUMNS": str(columns)})
                 .splitlines() if not line.startswith("    ")]
        longest = max(len(line) for line in prose)
        check(columns - 20 < longest <= columns, f"COLUMNS={columns}: {longest}")
    names = run([harness.PROGRAM, "explain"]).split("\nNAME, ")[1:]
    for line in "\n".join(names).splitlines():
        if line.startswith("  "):
            name = line.split()[0]
            page = run([harness.PROGRAM, "explain", name])
            missing = [stack for stack in ("Django", "ActiveRecord", "SQLAlchemy", "SQL", "bundled ORM")
                       if name != "none" and stack not in page]
            check(len(page) > 150 and not missing, f"explain {name}: {missing}")
    run([harness.PROGRAM, "explain", "nothing"], status=2)


CASES = {"surroundings": surroundings}
