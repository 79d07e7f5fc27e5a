"""Every Python call path that the stacks half reports, against what Python itself says of its frames.

    stack_python.py PROBE-LIBRARY

Prints nothing and exits with 0 when all agree.
"""
import asyncio
import contextlib
import ctypes
import functools
import importlib.util
import os
import random
import sqlite3
import sys
import tempfile
import threading

library = ctypes.CDLL(sys.argv[1])
library.n1_probe_call.argtypes = [ctypes.c_void_p]
HAS_QUALNAME = sys.version_info >= (3, 11)
failures = []
checked = 0
lock = threading.Lock()


def name_of(code):
    return code.co_qualname if HAS_QUALNAME else code.co_name


def check():
    """Called from anywhere: the probe's script frames must be Python's own, from our caller outwards."""
    global checked
    buffer = ctypes.create_string_buffer(1 << 16)
    frame = sys._getframe()
    identity = library.n1_probe(buffer, len(buffer))
    expected = []
    while frame:
        code = frame.f_code
        expected.append("%s:%d(%s)" % (os.path.basename(code.co_filename), frame.f_lineno, name_of(code)))
        frame = frame.f_back
    # Our own line: the probe was called one line before this one asked.
    own = "%s:%d(check)" % (os.path.basename(__file__), check.__code__.co_firstlineno + 5)
    expected[0] = own
    text = buffer.value.decode("utf-8", "surrogateescape")
    found = [part for part in split(text) if part != "*"]
    with lock:
        checked += 1
        if identity == 0 or found != expected[:len(found)] or (len(found) < len(expected) and len(expected) < 200):
            failures.append((found, expected))
    return split(text)


def split(text):
    """At the blanks between frames; names like <listcomp> hold none."""
    return text.split(" ") if text else []


# ---- shapes of Python code ------------------------------------------------------------------------------------------

class Post:
    @property
    def author(self):
        return check()

    @classmethod
    def make(cls):
        check()
        return cls()

    @staticmethod
    def of_no_one():
        return check()

    def __getattr__(self, name):
        return check()

    def __enter__(self):
        check()
        return self

    def __exit__(self, *exception):
        check()

    def __len__(self):
        check()
        return 1

    def __init__(self):
        check()


def decorated(function):
    @functools.wraps(function)
    def wrapper(*arguments):
        check()
        return function(*arguments)
    return wrapper


@decorated
def plain():
    return check()


@functools.lru_cache(maxsize=None)
def cached(number):
    return check()


def generator(count):
    for number in range(count):
        check()
        yield number


def delegating(count):
    yield from generator(count)


def recursive(depth):
    if depth == 0:
        return check()
    result = recursive(depth - 1)
    return result


@contextlib.contextmanager
def managed():
    check()
    yield
    check()


async def coroutine(depth):
    if depth:
        await coroutine(depth - 1)
    await asyncio.sleep(0)
    return check()


async def gathered():
    await asyncio.gather(coroutine(1), coroutine(3))


def with_finally():
    try:
        raise ValueError
    except ValueError:
        check()
    finally:
        check()


def over_lines(a, b):
    return check(
    )


def across():
    return (
        over_lines(
            check(),
            [check() for _ in range(2)],
        ),
        {key: check() for key in range(2)},
        {check() is None for _ in range(1)},
        list(check() for _ in range(2)),
    )


def sort_key(value):
    check()
    return -value


def from_callback():
    callback = ctypes.CFUNCTYPE(None)(lambda: recursive(2) and None)
    library.n1_probe_call(ctypes.cast(callback, ctypes.c_void_p))


def from_database():
    database = sqlite3.connect(":memory:")
    database.create_function("probe", 1, lambda value: bool(recursive(1)))
    database.execute("select probe(1)").fetchall()


class Driver:
    """Methods of the database interface, built in: what they are called is told from the caller's instructions."""
    execute = executemany = executescript = commit = library.n1_probe


class Cursor(Driver):
    def executemany(self, buffer, room):
        return super().executemany(buffer, room)


def batches():
    """(calls, whether the innermost frame is executemany), each call twenty times, so that it is specialised too."""
    buffer = ctypes.create_string_buffer(1 << 16)
    driver, cursor, room = Driver(), Cursor(), len(buffer)

    def seen():
        return [part for part in split(buffer.value.decode()) if part != "*"][0].startswith(":0(executemany)")
    for _ in range(20):
        driver.executemany(buffer, room)
        yield seen(), True
        driver.execute(buffer, room)
        yield seen(), False
        cursor.executemany(buffer, [size for size in (1, room)][1])
        yield seen(), True
        driver.commit(buffer, room)
        driver.executescript(buffer, room), driver.executemany
        yield seen(), False


def batch_behind_many_names():
    """The name's number does not fit into one byte of the instruction."""
    source = "".join("n%d = 0\n" % number for number in range(300)) + "driver.executemany(buffer, room)\n"
    buffer = ctypes.create_string_buffer(1 << 16)
    exec(source, {"driver": Driver(), "buffer": buffer, "room": len(buffer)})
    return buffer.value.decode().lstrip("* ").startswith(":0(executemany)")


def calls_of_batches():
    wrong = [number for number, (got, wanted) in enumerate(batches()) if got != wanted]
    if wrong or not batch_behind_many_names():
        failures.append(("batches", wrong))


SHAPES = [
    lambda: Post().author, lambda: Post.make(), Post.of_no_one, lambda: Post().missing, lambda: len(Post()),
    plain, lambda: cached(random.random()), lambda: list(generator(3)), lambda: list(delegating(3)),
    lambda: recursive(random.randrange(40)), lambda: recursive(random.randrange(3)),
    lambda: asyncio.run(gathered()), with_finally, across, lambda: sorted([3, 1, 2], key=sort_key),
    lambda: list(map(sort_key, [1, 2])), from_callback, from_database,
    lambda: functools.partial(recursive, 2)(), lambda: functools.reduce(lambda a, b: check() and b, [1, 2, 3]),
]


def use_with():
    with Post(), managed():
        check()


SHAPES.append(use_with)


def from_file(directory, name, function):
    path = os.path.join(directory, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write("# a comment\ndef %s(check):\n    return check()\n" % function)
    spec = importlib.util.spec_from_file_location("n1_" + str(abs(hash(name))), path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    getattr(module, function)(check)


def from_strings():
    """Code objects that come and go at the same addresses."""
    for number in range(50):
        source = "\n" * (number % 7) + "check()"
        exec(compile(source, "<string-%d>" % (number % 11), "exec"), {"check": check})


def made_and_freed(count, source, call):
    """Code objects that are made and freed, each with another file and line at the same positions. How often one stood where
    an earlier one had stood."""
    reused, before = 0, set()
    for number in range(count):
        text = "\n" * (number % 5) + source
        names = {"check": check}
        exec(compile(text, "made_%d.py" % (number % 13), "exec"), names)
        address = id(names["made"].__code__)
        reused += address in before
        before.add(address)
        call(names["made"])
        check()
        names.clear()
    return reused


MADE = "def made(depth):\n    return made(depth - 1) if depth else check()\n"
MADE_GENERATOR = "def made(depth):\n    yield check()\n    yield from made(depth - 1) if depth else [check()]\n"


def at_the_same_addresses():
    """What is remembered of frames must not outlive their code: in functions, generators, and beside a thread that does the
    same. Without a code object at the address of another one this would show nothing."""
    def used_twice(function):
        function(2)
        function(2)

    def in_two_steps(function):
        steps = function(1)
        next(steps)
        recursive(1)
        list(steps)

    reused = made_and_freed(300, MADE, used_twice) + made_and_freed(300, MADE_GENERATOR, in_two_steps)
    if reused < 100:
        failures.append(("code objects at the addresses of others", reused))
    threads = [threading.Thread(target=made_and_freed, args=(150, source, call))
               for source, call in ((MADE, used_twice), (MADE_GENERATOR, in_two_steps), (MADE, used_twice))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def runs_that_end_elsewhere():
    """The same frames at the same addresses and positions below the same native frames: what differs is which of them C
    called. Before 3.11 C calls each of them."""
    seen = {False: set(), True: set()}

    def inner(is_outer):
        parts = check()
        seen[is_outer].add("".join("*" if part == "*" else "p" for part in parts)[:6])

    def middle(call, is_outer):
        call(is_outer)

    def outer(call, callee, is_outer):
        call(callee, is_outer)

    ways = (functools.partial(middle), inner, True), (middle, functools.partial(inner), False)
    for number in range(100):
        outer(*ways[number % 2])
    wanted = ({"*ppp*p"}, {"*pp*pp"}) if sys.version_info >= (3, 11) else (seen[True], seen[True])
    if (seen[True], seen[False]) != wanted:
        failures.append(("runs", seen))


def play(seed):
    chooser = random.Random(seed)
    for _ in range(60):
        chooser.choice(SHAPES)()


def merged_in_place():
    """Native frames between the runs, at the right places: Python, ctypes, Python, C, Python."""
    parts = []

    def innermost():
        parts.extend(check())
    callback = ctypes.CFUNCTYPE(None)(innermost)
    library.n1_probe_call(ctypes.cast(callback, ctypes.c_void_p))
    kinds = "".join("*" if part == "*" else "p" for part in parts)
    # check and innermost, then ctypes and the library, then the rest; before 3.11 each frame has an activation of its own
    if kinds != ("*pp*ppp*" if sys.version_info >= (3, 11) else "*p" * 5 + "*"):
        failures.append(("order", parts))


def on_foreign_thread():
    buffer = ctypes.create_string_buffer(1 << 16)
    if library.n1_probe_on_thread(buffer, len(buffer)) == 0 or buffer.value != b"*":
        failures.append(("foreign thread", buffer.value))


def in_forked_child():
    child = os.fork()
    if child == 0:
        before = len(failures)
        recursive(4)
        plain()
        os._exit(0 if len(failures) == before else 1)
    if os.waitpid(child, 0)[1] != 0:
        failures.append(("forked child", "differs"))


def in_subinterpreter():
    """Which frames are seen there depends on the version; that there is a stack and no crash does not."""
    try:
        import _xxsubinterpreters as interpreters
    except ImportError:
        try:
            import _interpreters as interpreters
        except ImportError:
            return
    identity = interpreters.create()
    source = """if True:
        try:
            import ctypes
            library = ctypes.CDLL(%r)
        except ImportError:
            library = None
        def inner():
            buffer = ctypes.create_string_buffer(1 << 16)
            assert library.n1_probe(buffer, len(buffer)) != 0
        if library:
            inner()
    """ % sys.argv[1]
    interpreters.run_string(identity, source)
    recursive(2)
    interpreters.destroy(identity)
    recursive(2)


def main():
    with tempfile.TemporaryDirectory() as directory:
        for name, function in (("ascii.py", "ascii"), ("caf\u00e9.py", "f\u00e9e"), ("\u6587\u66f8.py", "\u51fd\u6570"),
                               ("\U0001f40d.py", "\u03c0"), ("\udcff.py", "undecodable")):
            from_file(directory, name, function)
    from_strings()
    at_the_same_addresses()
    runs_that_end_elsewhere()
    merged_in_place()
    calls_of_batches()
    on_foreign_thread()
    in_forked_child()
    in_subinterpreter()
    sys.setrecursionlimit(5000)
    recursive(1200)
    play(1)
    threads = [threading.Thread(target=play, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    play(2)
    for thread in threads:
        thread.join()
    for found, expected in failures[:3]:
        print("found:   ", found, "\nexpected:", expected, file=sys.stderr)
    if failures or checked < 1000:
        sys.exit("%d of %d stacks are wrong" % (len(failures), checked))


if __name__ == "__main__":
    main()
