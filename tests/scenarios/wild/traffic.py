"""Many small pieces of work in one program, some of them loops and most of them not: pages that are opened, jobs that are taken, waits."""
import asyncio
import concurrent.futures
import itertools
import time

from database import IS_POSTGRES, Gate, Pool, connect, job
from fine import show
from repositories import Authors, Posts


@job
def list_then_pages_opened(gate):
    """A few of the rows, in no order: the keys came from whoever clicked."""
    print(len(Posts(gate).newest()), len(Authors(gate).all()))
    for key in (12, 5, 33):
        show(gate, key)


@job
def jobs_that_look_up(gate):
    """Each job is taken by itself and asks for what it needs; all of them need the same setting."""
    while found := gate.row("SELECT id, payload FROM job WHERE state = 'new' ORDER BY id LIMIT 1"):
        gate.row("SELECT value FROM setting WHERE name = ?", "theme")
        gate.row("SELECT title FROM post WHERE id = ?", int(found[1].split()[1]) * 7 % 50 + 1)
        gate.run("UPDATE job SET state = ? WHERE id = ?", "done", found[0])
        gate.connection.commit()


@job
def arrays_of_keys(gate):
    keys = [row[0] for row in Posts(gate).newest()]
    for start in range(0, len(keys), 10):
        gate.rows("SELECT post_id, count(*) FROM comment WHERE post_id = ANY(?) GROUP BY post_id", keys[start:start + 10])


def page(gate, key):
    for name in ("theme", "language"):
        gate.row("SELECT value FROM setting WHERE name = ?", name)
    return gate.row("SELECT title FROM post WHERE id = ?", key)


@job
def pool_of_pages(gate):
    """Each request asks for the settings once; they share threads and connections."""
    pool = Pool(3)

    def handle(key):
        with pool.lend() as lent:
            return page(lent, key)
    with concurrent.futures.ThreadPoolExecutor(3) as executor:
        print(list(executor.map(handle, [key * 7 % 50 + 1 for key in range(24)])))
    pool.close()


@job
def tasks_of_pages(gate):
    async def handle(key):
        await asyncio.sleep(0)
        return page(gate, key)

    async def serve():
        return [await handle(key) for key in (9, 31, 4, 18, 44, 2, 27)]
    print(asyncio.run(serve()))


@job
def same_breath(gate):
    """The same again and again, on whichever connection the pool lends."""
    gates = itertools.cycle([gate, Gate(connect())])
    for lent in itertools.islice(gates, 2):
        lent.row("SELECT 1")
    for lent in itertools.islice(gates, 12):
        lent.row("SELECT value FROM setting WHERE name = ?", "language")  # @wild_same_breath


@job
def heartbeat(gate):
    for _ in range(8):
        gate.row("SELECT value FROM setting WHERE name = ?", "theme")
        time.sleep(0.03)


def slowly(gate, seconds, rows):
    for _, title, author in Posts(gate).newest()[:rows]:
        time.sleep(seconds)
        print(title, gate.row("SELECT name FROM author WHERE id = ?", author))  # @wild_slowly


@job
def waits_of_2_ms(gate):
    slowly(gate, 0.002, 50)


@job
def waits_of_20_ms(gate):
    slowly(gate, 0.02, 20)


@job
def waits_of_200_ms(gate):
    slowly(gate, 0.2, 4)


@job
def own_keys_with_waits(gate):
    print(len(Posts(gate).newest()))
    for number in range(30):
        time.sleep(0.005)
        gate.row("SELECT id FROM author WHERE email = ?", f"a{number}@example.org")  # @wild_own_keys


def weight(gate, category):
    own = gate.row("SELECT length(name) FROM category WHERE id = ?", category)[0]  # @wild_weight_own
    below = gate.rows("SELECT id FROM category WHERE parent_id = ?", category)  # @wild_weight_below
    return own + sum(weight(gate, key) for key, in below)


@job
def weighed_tree(gate):
    print(weight(gate, 1))


@job
def link_rows_then_cached(gate):
    names = {}
    for key, title, _ in Posts(gate).newest():
        for tag, in gate.rows("SELECT tag_id FROM post_tag WHERE post_id = ?", key):  # @wild_link_rows
            if tag not in names:
                names[tag] = gate.row("SELECT name FROM tag WHERE id = ?", tag)  # @wild_link_names
        print(title, len(names))


@job
def written_then_read(gate):
    """The database gives the keys; the driver hands SQLite's over beside the rows."""
    print(len(Posts(gate).newest()), len(Authors(gate).all()))
    keys = []
    for number in range(12):
        cursor = gate.connection.cursor()
        if IS_POSTGRES:
            cursor.execute("INSERT INTO entry (note) VALUES (%s) RETURNING id", (f"note {number}",))  # @wild_written_pg
            keys.append(cursor.fetchone()[0])
        else:
            cursor.execute("INSERT INTO entry (note) VALUES (?)", (f"note {number}",))  # @wild_written_lite
            keys.append(cursor.lastrowid)
    for key in keys:
        print(gate.row("SELECT note FROM entry WHERE id = ?", key))  # @wild_read_back
