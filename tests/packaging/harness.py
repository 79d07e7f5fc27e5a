"""Shared by the packaging cases: where things are, running commands, what --help says."""
import os
import pty
import re
import select
import subprocess
import time

SOURCE = BUILD = PROGRAM = ""


class Failure(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failure(text)


def run(argv, status=0, env=None, **more):
    """Standard output of a command that must end with status."""
    environment = dict(os.environ, **(env or {}))
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=environment, timeout=150, **more)
    check(done.returncode == status,
          f"{' '.join(argv)}: status {done.returncode}, not {status}\n{done.stdout}{done.stderr}")
    return done.stdout


def commands():
    """Of `n1prof --help`: name → summary."""
    found = {}
    section = run([PROGRAM, "--help"]).split("\nCommands:\n")[1].split("\n\n")[0]
    for line in section.splitlines():
        name, summary = line.split(None, 1)
        found[name] = summary
    check(len(found) >= 6, f"--help names {len(found)} commands only")
    return found


def options(command):
    """Of `n1prof COMMAND --help`: the option names, each long one with its short one or None."""
    section = run([PROGRAM, command, "--help"]).split("\nOptions:\n")[1].split("\n\n")[0]
    found = {}
    for line in section.splitlines():
        match = re.match(r" +(?:(-\w), )?(--[a-z][a-z-]*)(=\S+)?", line)
        if match and not match.group(3):
            found[match.group(2)] = match.group(1)
    check("--help" in found, f"no options in the help of {command}")
    return found


class Terminal:
    """A program on a terminal of its own. expect() reads until a text appears."""

    def __init__(self, argv, env):
        self.seen = ""
        pid, self.fd = pty.fork()
        if pid == 0:
            os.execvpe(argv[0], argv, dict(os.environ, **env))
        self.pid = pid

    def send(self, text):
        os.write(self.fd, text.encode())

    def read(self, seconds):
        """More output; False at its end or after so many seconds without any."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.seen += data.decode(errors="replace")
        return bool(data)

    def expect(self, text, seconds=20):
        end = time.monotonic() + seconds
        while text not in self.seen:
            check(time.monotonic() < end and self.read(max(0.0, end - time.monotonic())),
                  f"no {text!r} on the terminal: {self.seen[-600:]!r}")
        before, self.seen = self.seen.split(text, 1)
        return before

    def finish(self):
        """Everything until the program has ended, and its status."""
        while self.read(20):
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return self.seen, os.waitstatus_to_exitcode(status)
