"""What is installed works by itself: under any prefix, moved, out of a Debian package, and it goes without a trace."""
import glob
import os
import shutil
import stat

import harness
from harness import check, run

MARKED = """#include <n1prof_mark.h>
int main(void) { n1prof_enter("GET /"); n1prof_relation("Post.author"); n1prof_leave("GET /"); return 0; }
"""


def files_below(root):
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(root) for name in names)


def works(prefix):
    """The programs below prefix do their job, with the shim that stands beside them."""
    program = os.path.join(prefix, "bin", "n1prof")
    database = f"sqlite:///{os.getcwd()}/blog.db"
    blog = os.path.join(harness.BUILD, "bin", "n1_blog")
    run([blog, "--db", database, "seed"])
    run([program, "record", "-o", "t", "--", blog, "--db", database, "slow"], env={"N1PROF_PRELOAD": ""})
    check("101 queries where 1 would do" in run([program, "report", "t"]), f"{program} records nothing")
    check(run([program, "--version"]).startswith("n1prof "), "--version")
    shell = os.path.join(prefix, "bin", "ormsh")
    check("100" in run([shell, "--db", database, "--inspect", "BlogPost.objects.count()"]), "ormsh")
    os.remove("blog.db")
    shutil.rmtree("t")


def compiles(prefix):
    """The header of the marks, as C and as C++, without anything of the source tree."""
    with open("marked.c", "w", encoding="ascii") as file:
        file.write(MARKED)
    for compiler in (["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror"], ["g++", "-x", "c++", "-Wall", "-Werror"]):
        run(compiler + [f"-I{prefix}/include", "marked.c", "-o", "marked"])
        run(["./marked"])


def install_prefix():
    first, second = os.path.abspath("first"), os.path.abspath("second")
    run(["cmake", "--install", harness.BUILD, "--prefix", first])
    works(first)
    compiles(first)
    os.rename(first, second)
    works(second)
    for path in ("share/man/man1/n1prof-run.1.gz", "share/bash-completion/completions/n1prof",
                 "share/zsh/site-functions/_n1prof", "lib/n1prof/libn1prof_preload.so", "include/n1prof_mark.h"):
        check(os.path.exists(os.path.join(second, path)), f"{path} is not installed")
    for path in files_below(os.path.join(second, "bin")) + files_below(os.path.join(second, "lib")):
        if os.path.islink(path) or not path.endswith((".so", "n1prof", "ormsh", ".pc", ".cmake")):
            continue
        with open(path, "rb") as file:
            content = file.read()
        if path.endswith((".pc", ".cmake")) or b"\x7fELF" == content[:4]:
            run_path = run(["readelf", "-d", path]) if content[:4] == b"\x7fELF" else content.decode()
            check(harness.BUILD not in run_path, f"{path} names the build folder")


def make_packages():
    run(["cpack", "-G", "DEB", "--config", os.path.join(harness.BUILD, "CPackConfig.cmake")])
    packages = sorted(glob.glob("*.deb"))
    check([name.split("_")[0] for name in packages] == ["libn1orm-dev", "n1prof"], f"packages: {packages}")
    return packages


def dpkg(root, *arguments):
    """dpkg on a system of its own below root: nothing of this machine's is touched. Scripts see a harmless ldconfig."""
    tools = os.path.abspath("tools")
    if not os.path.isdir(tools):
        os.makedirs(tools)
        with open(f"{tools}/ldconfig", "w", encoding="ascii") as file:
            file.write("#!/bin/sh\n")
        os.chmod(f"{tools}/ldconfig", stat.S_IRWXU)
    run(["dpkg", f"--root={root}", f"--log={os.path.abspath('dpkg.log')}", "--force-depends", "--force-not-root",
         "--force-script-chrootless", *arguments], env={"PATH": f"{tools}:/usr/sbin:/sbin:{os.environ['PATH']}"})


def installed_below(root):
    return [path for path in files_below(root) if "/var/lib/dpkg/" not in path]


def debian():
    packages = make_packages()
    for name in packages:
        run(["dpkg-deb", "-x", name, "unpacked"])
    works(os.path.abspath("unpacked/usr"))
    compiles(os.path.abspath("unpacked/usr"))
    needs = run(["dpkg-deb", "-f", [name for name in packages if name.startswith("n1prof_")][0], "Depends"])
    check("libc6" in needs and "libglib2.0-0" in needs and "libdw1" in needs, f"Depends: {needs}")
    check("libsqlite3-dev" in run(["dpkg-deb", "-f", packages[0], "Depends"]), "libn1orm-dev's Depends")
    if os.geteuid() != 0:
        print("not root: dpkg --root is left out")
        return
    root = os.path.abspath("root")
    for folder in ("info", "updates", "triggers"):
        os.makedirs(f"{root}/var/lib/dpkg/{folder}")
    for name in ("status", "available"):
        with open(f"{root}/var/lib/dpkg/{name}", "w", encoding="ascii"):
            pass
    dpkg(root, "-i", *packages)
    check(len(installed_below(root)) > 30, "dpkg installed nothing")
    works(f"{root}/usr")
    dpkg(root, "-P", "n1prof", "libn1orm-dev")
    check(not installed_below(root), f"left behind: {installed_below(root)}")


def lintian():
    for name in make_packages():
        root = ["--allow-root"] if os.geteuid() == 0 else []
        said = run(["lintian", *root, "--fail-on", "error,warning", name])
        check(not said.strip(), f"{name}: {said}")


CASES = {"install_prefix": install_prefix, "debian": debian, "lintian": lintian}
