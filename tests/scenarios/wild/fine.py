"""Programs of the same dress that ask well: nothing is to be said of them."""
import asyncio
import concurrent.futures
import random
import threading
import time

from database import LOCAL, Gate, Pool, connect, job
from repositories import Authors, Posts


def chunks(items, size):
    for start in range(0, len(items), size):
        yield items[start:start + size]


@job
def joined_by_dict(gate):
    authors = {row[0]: row for row in Authors(gate).all()}
    for _, title, author in Posts(gate).newest():
        print(title, authors[author][1])


@job
def joined_in_sql(gate):
    for title, name in gate.rows("SELECT p.title, a.name FROM post p JOIN author a ON a.id = p.author_id"):
        print(title, name)


@job
def batches(gate):
    rows, authors = Posts(gate).newest(), Authors(gate)
    for part in chunks(sorted({r[2] for r in rows}), 7):
        print(authors.many(part))


@job
def data_loader(gate):
    """Keys are collected while the event loop turns, and asked for together."""
    class Loader:
        def __init__(self):
            self.waiting = {}

        async def load(self, key):
            if not self.waiting:
                asyncio.get_running_loop().call_soon(self.flush)
            future = self.waiting.setdefault(key, asyncio.get_running_loop().create_future())
            return await future

        def flush(self):
            waiting, self.waiting = self.waiting, {}
            found = Authors(gate).many(list(waiting))
            for key, future in waiting.items():
                future.set_result(found.get(key))

    async def work():
        loader = Loader()
        return await asyncio.gather(*[loader.load(row[2]) for row in Posts(gate).newest()])
    print(asyncio.run(work()))


@job
def keyset(gate):
    last = 0
    while page := Posts(gate).after(last, 10):
        last = page[-1][0]


@job
def queue_worker(gate):
    for _ in range(20):
        found = gate.row("SELECT id, payload FROM job WHERE state = 'new' ORDER BY id LIMIT 1")
        if not found:
            return
        gate.run("UPDATE job SET state = ? WHERE id = ?", "done", found[0])
        gate.connection.commit()


def show(gate, key):
    """One page: the post, its author, its comments."""
    post = Posts(gate).get(key)
    if post:
        Authors(gate).get(post[2])
        Posts(gate).comments(post[0])


@job
def thread_a_request(gate):
    """Each request in a thread of its own, on a connection of its own; the chosen posts come from outside."""
    chosen = random.Random(4).sample(range(1, 51), 8)

    def handle(key):
        local = Gate(connect())
        show(local, key)
        local.connection.close()
    threads = [threading.Thread(target=handle, args=(key,)) for key in chosen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@job
def pool_of_requests(gate):
    pool, chosen = Pool(3), random.Random(5).sample(range(1, 51), 8)

    def handle(key):
        with pool.lend() as lent:
            show(lent, key)
    with concurrent.futures.ThreadPoolExecutor(3) as executor:
        list(executor.map(handle, chosen))
    pool.close()


@job
def tasks_as_requests(gate):
    """Requests as tasks of one thread, each asking in three steps, interleaved."""
    async def handle(key):
        await asyncio.sleep(0)
        post = Posts(gate).get(key)
        await asyncio.sleep(0)
        if post:
            Authors(gate).get(post[2])
            await asyncio.sleep(0)
            Posts(gate).comments(post[0])

    async def serve():
        await asyncio.gather(*[handle(key) for key in random.Random(6).sample(range(1, 51), 8)])
    asyncio.run(serve())


@job
def two_lists_two_requests(gate):
    """Two users each list posts and open one."""
    def session(number):
        local = LOCAL.get()
        rows = Posts(local).newest(20)
        if rows:
            Posts(local).comments(rows[number % len(rows)][0])
    threads = [threading.Thread(target=session, args=(n,)) for n in (1, 4)]
    for thread in threads:
        thread.start()
        thread.join()


@job
def list_then_one_opened(gate):
    """A list, then the one row that the user clicks: ten times, each time the whole list anew."""
    choose = random.Random(7)
    for _ in range(10):
        rows = Posts(gate).newest(20)
        if rows:
            Posts(gate).comments(choose.choice(rows)[0])


@job
def settings_once(gate):
    values = dict(gate.rows("SELECT name, value FROM setting"))
    print([values.get(name) for name in ("currency", "theme", "language")])


@job
def totals(gate):
    for sql in ("SELECT count(*) FROM post", "SELECT count(*) FROM comment", "SELECT sum(stars) FROM comment",
                "SELECT count(*) FROM author", "SELECT max(views) FROM post"):
        print(gate.row(sql))


@job
def report_by_stars(gate):
    """Five fixed questions: the stars are the program's, not a table's."""
    for stars in range(1, 6):
        print(stars, gate.row("SELECT count(*) FROM comment WHERE stars = ?", stars))


@job
def waits_for_a_job(gate):
    for _ in range(6):
        gate.row("SELECT state FROM job WHERE id = ?", 1)
        time.sleep(0.01)


@job
def ordered_import(gate):
    """Several rows a statement, 10 statements."""
    for part in chunks(list(range(100)), 10):
        gate.run("INSERT INTO entry (post_id, note) VALUES " + ", ".join(["(?, ?)"] * len(part)),
                 *[value for n in part for value in (n + 1, f"n{n}")])


@job
def random_probe(gate):
    """A health check asks for a few rows it chose itself."""
    for key in (3, 7, 11):
        gate.row("SELECT title FROM post WHERE id = ?", key)


@job
def dashboard(gate):
    """A dozen tiles, each its own question about one author."""
    author = gate.row("SELECT id, name FROM author WHERE id = 5")
    if author:
        gate.row("SELECT count(*) FROM post WHERE author_id = ?", author[0])
        gate.row("SELECT count(*) FROM comment WHERE author_id = ?", author[0])
        gate.row("SELECT bio FROM profile WHERE author_id = ?", author[0])
        gate.rows("SELECT title FROM post WHERE author_id = ? ORDER BY views DESC LIMIT 3", author[0])
        gate.row("SELECT name FROM author WHERE id = (SELECT boss_id FROM author WHERE id = ?)", author[0])


@job
def two_reports(gate):
    """Two tables with the same small keys: one listed, the other asked by a range of days."""
    gate.rows("SELECT id, name FROM tag")
    for first in range(1, 13, 4):
        gate.rows("SELECT id FROM job WHERE id BETWEEN ? AND ?", first, first + 3)


@job
def transfers(gate):
    """One transaction each: two rows locked by their order, moved by expressions."""
    for first, second in ((1, 2), (3, 4), (5, 6)):
        gate.run("UPDATE account SET balance = balance - ? WHERE id = ?", 10, first)
        gate.run("UPDATE account SET balance = balance + ? WHERE id = ?", 10, second)
        gate.connection.commit()
