"""Programs that ask often and are right to: nothing must be said of them."""
import random
import time

from common import q, scenario


@scenario
def counting_loop_after_a_list(db):
    """Numbers 1..30 that are no row's key: a report by day of the month, after some list with ids 1..n."""
    cur = db.cursor()
    cur.execute("SELECT id, name FROM tag")
    cur.fetchall()
    for day in range(1, 8):
        cur.execute(q("SELECT count(*) FROM post WHERE views = ?"), (day,))
        cur.fetchone()


@scenario
def weekdays(db):
    cur = db.cursor()
    for name in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"):
        cur.execute(q("SELECT count(*) FROM job WHERE state = ?"), (name,))
        cur.fetchone()


@scenario
def offset_pages(db):
    cur = db.cursor()
    offset = 0
    while True:
        cur.execute(q("SELECT id, title FROM post ORDER BY id LIMIT ? OFFSET ?"), (3, offset))
        if not cur.fetchall():
            break
        offset += 3


@scenario
def keyset_pages(db):
    cur = db.cursor()
    last = 0
    while True:
        cur.execute(q("SELECT id, title FROM post WHERE id > ? ORDER BY id LIMIT 3"), (last,))
        page = cur.fetchall()
        if not page:
            break
        last = page[-1][0]


@scenario
def chunks_of_keys(db):
    cur = db.cursor()
    cur.execute("SELECT id, author_id FROM post")
    ids = sorted({r[1] for r in cur.fetchall()})
    for start in range(0, len(ids), 5):
        part = ids[start:start + 5]
        cur.execute(q("SELECT id, name FROM author WHERE id IN (%s)" % ", ".join("?" * len(part))), part)
        cur.fetchall()


@scenario
def worker_takes_jobs(db):
    cur = db.cursor()
    while True:
        cur.execute("SELECT id, payload FROM job WHERE state = 'new' ORDER BY id LIMIT 1")
        job = cur.fetchone()
        if job is None:
            break
        cur.execute(q("UPDATE job SET state = 'done' WHERE id = ?"), (job[0],))
        db.commit()


def show_post(db, post_id):
    cur = db.cursor()
    cur.execute(q("SELECT title, author_id FROM post WHERE id = ?"), (post_id,))
    row = cur.fetchone()
    if row:
        cur.execute(q("SELECT name FROM author WHERE id = ?"), (row[1],))
        print(row[0], cur.fetchone()[0])


@scenario
def requests_with_one_lookup_each(db):
    order = random.Random(7)
    for _ in range(25):
        show_post(db, order.randrange(1, 51))
        db.commit()
        time.sleep(0.005)


def list_posts(db):
    cur = db.cursor()
    cur.execute("SELECT id, title FROM post ORDER BY id DESC LIMIT 10")
    return cur.fetchall()


@scenario
def listing_then_chosen_detail(db):
    order = random.Random(5)
    for _ in range(8):
        rows = list_posts(db)
        if rows:
            show_post(db, order.choice(rows)[0])
        db.commit()
        time.sleep(0.01)


@scenario
def polling(db):
    cur = db.cursor()
    for i in range(12):
        cur.execute("SELECT id FROM job WHERE state = 'urgent'")
        cur.fetchall()
        db.commit()
        time.sleep(0.03)


@scenario
def retries(db):
    cur = db.cursor()
    for attempt in range(4):
        cur.execute(q("SELECT value FROM setting WHERE name = ?"), ("missing",))
        if cur.fetchone():
            break


@scenario
def cache_is_filled_once(db):
    cur = db.cursor()
    cache = {}
    for code in ["de", "fr", "de", "in", "fr", "de", "pe", "in", "de", "fr"] * 5:
        if code not in cache:
            cur.execute(q("SELECT name FROM country WHERE code = ?"), (code,))
            cache[code] = cur.fetchone()


@scenario
def different_lookups_on_one_page(db):
    cur = db.cursor()
    cur.execute("SELECT id, title, author_id FROM post WHERE id = 1")
    row = cur.fetchone()
    if row:
        cur.execute(q("SELECT name, country_code FROM author WHERE id = ?"), (row[2],))
        author = cur.fetchone()
        cur.execute(q("SELECT name FROM country WHERE code = ?"), (author[1],))
        cur.fetchone()
        cur.execute(q("SELECT body FROM comment WHERE post_id = ?"), (row[0],))
        cur.fetchall()


def name_of(db, author_id):
    cur = db.cursor()
    cur.execute(q("SELECT name FROM author WHERE id = ?"), (author_id,))
    return cur.fetchone()


@scenario
def helper_for_two_things(db):
    cur = db.cursor()
    cur.execute("SELECT author_id FROM post WHERE id = 1")
    post = cur.fetchone()
    if post:
        print(name_of(db, post[0]))
    cur.execute("SELECT author_id FROM comment WHERE id = 2")
    comment = cur.fetchone()
    if comment:
        print(name_of(db, comment[0]))


@scenario
def savepoints(db):
    cur = db.cursor()
    cur.execute("BEGIN") if not hasattr(db, "autocommit") and not db.in_transaction else None
    for i in range(20):
        cur.execute(f"SAVEPOINT s{i}")
        cur.execute(f"RELEASE SAVEPOINT s{i}")


@scenario
def read_again_after_update(db):
    cur = db.cursor()
    for i in range(4):
        cur.execute("UPDATE account SET balance = balance + 1 WHERE id = 1")
        cur.execute("SELECT balance FROM account WHERE id = 1")
        cur.fetchone()


@scenario
def executemany_batches(db):
    cur = db.cursor()
    cur.execute("SELECT sum(views) FROM post")
    cur.fetchone()
    cur.execute("INSERT INTO entry (note) VALUES ('a'), ('b'), ('c')")


@scenario
def one_record_and_its_list(db):
    cur = db.cursor()
    cur.execute("SELECT id, name FROM author WHERE id = 1")
    author = cur.fetchone()
    if author:
        cur.execute(q("SELECT id, title FROM post WHERE author_id = ?"), (author[0],))
        cur.fetchall()


@scenario
def first_row_only(db):
    cur = db.cursor()
    cur.execute("SELECT id, author_id FROM post ORDER BY id")
    rows = cur.fetchall()
    if rows:
        cur.execute(q("SELECT name FROM author WHERE id = ?"), (rows[0][1],))
        cur.fetchone()


@scenario
def chance_meeting(db):
    """Random lottery numbers below 50 in a table of unrelated small ids."""
    cur = db.cursor()
    cur.execute("SELECT id, name FROM author")
    cur.fetchall()
    order = random.Random(3)
    for _ in range(8):
        cur.execute(q("SELECT count(*) FROM line WHERE quantity = ?"), (order.randrange(1, 50),))
        cur.fetchone()


@scenario
def date_ranges(db):
    cur = db.cursor()
    for low in range(0, 1000, 50):
        cur.execute(q("SELECT count(*) FROM post WHERE views BETWEEN ? AND ?"), (low, low + 49))
        cur.fetchone()


@scenario
def catalogue(db):
    cur = db.cursor()
    for table in ("post", "author", "tag", "comment", "job", "line", "price", "entry", "country", "setting", "account", "document"):
        if hasattr(db, "autocommit"):
            cur.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", (table,))
        else:
            cur.execute(f"PRAGMA table_info({table})")
        cur.fetchall()
