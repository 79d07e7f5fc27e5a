"""Loops of look-ups in the dress of larger programs: each is an N+1."""
import asyncio
import concurrent.futures
import itertools
import json
import string
import threading

from database import LOCAL, Gate, Pool, connect, elsewhere, job, traced
from repositories import Authors, Post, Posts


@job
def repository(gate):
    authors = Authors(gate)
    for _, title, author in Posts(gate).newest():
        print(title, authors.get(author)[1])


@job
def comprehension(gate):
    authors = Authors(gate)
    print({title: authors.memo(author) for _, title, author in Posts(gate).newest()})


@job
def lru_cache_each(gate):
    authors = Authors(gate)
    return [authors.cached(author) for _, _, author in Posts(gate).newest()]


@job
def lazy_record(gate):
    authors = Authors(gate)
    posts = [Post(row, authors) for row in Posts(gate).newest()]
    for post in sorted(posts, key=lambda p: p.title):
        print(post.title, post.author)
        print(post.author[2])


@job
def serialised(gate):
    posts = Posts(gate)
    print(json.dumps([{"title": title, "comments": [c[1] for c in posts.comments(key)]} for key, title, _ in posts.newest()]))


@job
def template(gate):
    class Row(dict):
        def __missing__(self, name):
            return gate.row("SELECT count(*) FROM comment WHERE post_id = ?", self["id"])[0]  # @wild_template
    line = string.Template("$title ($comments)")
    for key, title, _ in Posts(gate).newest():
        print(line.substitute(Row(id=key, title=title)))


@job
def sorted_keys(gate):
    rows = Posts(gate).newest()
    names = {}
    for key in sorted({author for _, _, author in rows}, reverse=True):
        names[key] = gate.row("SELECT name FROM author WHERE id = ?", key)  # @wild_sorted_keys
    return [(title, names[author]) for _, title, author in rows]


@traced
def profile_of(gate, author):
    return gate.row("SELECT bio FROM profile WHERE author_id = ?", author)  # @wild_profile_of


@job
def decorated(gate):
    return [profile_of(gate, row[0]) for row in Authors(gate).all()]


@job
def mapped(gate):
    return list(map(lambda row: gate.row("SELECT body FROM post WHERE id = ?", row[0]), Posts(gate).newest()))  # @wild_mapped


def numbered(gate):
    for row in Posts(gate).newest():
        yield row


def with_best(gate, rows):
    posts = Posts(gate)
    for row in rows:
        yield row, posts.stars(row[0])


@job
def pipeline(gate):
    for row, stars in itertools.islice(with_best(gate, numbered(gate)), 40):
        print(row[1], stars)


@job
def keyset_each(gate):
    authors, posts, last = Authors(gate), Posts(gate), 0
    while page := posts.after(last, 10):
        for _, title, author in page:
            print(title, authors.get(author))
        last = page[-1][0]


@job
def pool_of_threads(gate):
    pool = Pool(4)

    def fetch(row):
        with pool.lend() as lent:
            return lent.row("SELECT name FROM author WHERE id = ?", row[2])  # @wild_pool_of_threads
    with concurrent.futures.ThreadPoolExecutor(4) as executor:
        print(list(executor.map(fetch, Posts(gate).newest())))
    pool.close()


@job
def queue_of_threads(gate):
    import queue
    work = queue.Queue()
    for row in Posts(gate).newest():
        work.put(row)

    def worker():
        local = Gate(connect())
        while True:
            try:
                row = work.get_nowait()
            except queue.Empty:
                local.connection.close()
                return
            local.rows("SELECT stars FROM comment WHERE post_id = ?", row[0])  # @wild_queue_of_threads
    threads = [threading.Thread(target=worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@job
def gathered(gate):
    async def one(row):
        await asyncio.sleep(0)
        name = gate.row("SELECT name FROM author WHERE id = ?", row[2])  # @wild_gathered
        await asyncio.sleep(0)
        return name

    async def all_of_them():
        return await asyncio.gather(*[one(row) for row in Posts(gate).newest()])
    print(asyncio.run(all_of_them()))


@job
def off_loop(gate):
    def look(row):
        return LOCAL.get().row("SELECT name FROM author WHERE id = ?", row[2])  # @wild_off_loop

    async def all_of_them():
        return [await asyncio.to_thread(look, row) for row in Posts(gate).newest()]
    print(asyncio.run(all_of_them()))


@job
def class_of_report(gate):
    class Report:
        def __init__(self):
            self.lines = []

        def build(self):
            for row in Authors(gate).all():
                self.section(row)
            return self

        def section(self, row):
            self.lines.append(row[1])
            self.lines += [title for title, in self.posts_of(row[0])]

        def posts_of(self, author):
            return gate.rows("SELECT title FROM post WHERE author_id = ? ORDER BY id", author)  # @wild_report
    print("\n".join(Report().build().lines))


@job
def mail_in_lower_case(gate):
    for _, name, email in Authors(gate).all():
        print(name, gate.row("SELECT id, name FROM author WHERE lower(email) = ?", email.upper().lower()))  # @wild_mail


@job
def upper_code(gate):
    for code, in gate.rows("SELECT country_code FROM author ORDER BY id"):
        gate.row("SELECT name FROM country WHERE upper(code) = ?", code.upper())  # @wild_upper_code


@job
def padded_text(gate):
    for code, in gate.rows("SELECT product_code FROM line ORDER BY id"):
        gate.rows("SELECT cents FROM price WHERE product_code = ?", " %s ".strip() % code)  # @wild_padded_text


@job
def uuid_object(gate):
    import uuid
    for text, in gate.rows("SELECT document_uuid FROM revision ORDER BY id"):
        gate.row("SELECT title FROM document WHERE uuid = ?", str(uuid.UUID(text)))  # @wild_uuid_object


@job
def exists_each(gate):
    for key, title, _ in Posts(gate).newest():
        print(title, bool(gate.row("SELECT EXISTS (SELECT 1 FROM comment WHERE post_id = ? AND stars = 5)", key)[0]))  # @wild_exists


@job
def newest_comment_each(gate):
    for key, title, _ in Posts(gate).newest():
        print(title, gate.row("SELECT body FROM comment WHERE post_id = ? ORDER BY id DESC LIMIT 1", key))  # @wild_newest


@job
def tags_each(gate):
    for key, title, _ in Posts(gate).newest():
        print(title, gate.rows("SELECT t.name FROM tag t JOIN post_tag pt ON pt.tag_id = t.id WHERE pt.post_id = ?", key))  # @wild_tags


@job
def two_columns_each(gate):
    for product, region, quantity in gate.rows("SELECT product_code, region_no, quantity FROM line"):
        price = gate.row("SELECT cents FROM price WHERE product_code = ? AND region_no = ?", product, region)  # @wild_two_columns
        print(quantity * (price[0] if price else 0))


@job
def tree_by_recursion(gate):
    def walk(key, depth):
        for child, name in gate.rows("SELECT id, name FROM category WHERE parent_id = ? ORDER BY id", key):  # @wild_tree
            print(" " * depth, name)
            walk(child, depth + 1)
    walk(gate.row("SELECT id FROM category WHERE parent_id IS NULL")[0], 0)


@job
def tree_by_levels(gate):
    level = gate.rows("SELECT id, name FROM category WHERE parent_id IS NULL")
    while level:
        below = []
        for key, _ in level:
            below += gate.rows("SELECT id, name FROM category WHERE parent_id = ?", key)  # @wild_levels
        level = below


@job
def ancestors(gate):
    key = gate.row("SELECT max(id) FROM category")[0]
    while key:
        _, key = gate.row("SELECT name, parent_id FROM category WHERE id = ?", key)  # @wild_ancestors


@job
def from_another_database(gate):
    """The list lies in another database of the same kind, which no join reaches."""
    other = elsewhere()
    other.run("CREATE TEMPORARY TABLE favourite (id INTEGER PRIMARY KEY, post_id INTEGER)")
    keys = [row[0] for row in Posts(gate).newest()]
    if keys:
        other.run("INSERT INTO favourite VALUES " + ", ".join(["(?, ?)"] * len(keys)), *[v for pair in enumerate(keys) for v in pair])
    for post, in other.rows("SELECT post_id FROM favourite ORDER BY id"):
        print(gate.row("SELECT title FROM post WHERE id = ?", post))  # @wild_from_another
        print(gate.row("SELECT count(*) FROM comment WHERE post_id = ?", post))  # @wild_count_from_another


@job
def over_two_connections(gate):
    """Two connections, one database."""
    other = Gate(connect())
    for _, _, author in Posts(other).newest():
        print(gate.row("SELECT name FROM author WHERE id = ?", author))  # @wild_two_connections
    print(other.row("SELECT count(*) FROM author"))


@job
def three_passes(gate):
    """The same mistake three times over the same rows: read, add, write back, each row alone."""
    for _ in range(3):
        for key, balance in gate.rows("SELECT id, balance FROM account ORDER BY id"):
            gate.run("UPDATE account SET balance = ? WHERE id = ?", balance + balance // 7 + 3, key)  # @wild_three_passes
        gate.connection.commit()
    print(gate.row("SELECT sum(balance) FROM account"))


@job
def two_helpers(gate):
    """One loop that reaches the same look-up by two ways."""
    authors = Authors(gate)

    def short(key):
        return authors.get(key)[1]

    def long(key):
        return " ".join(authors.get(key)[1:])
    for key, title, author in Posts(gate).newest():
        print(title, short(author) if key % 3 else long(author))


@job
def update_each(gate):
    for key, _, _ in Posts(gate).newest():
        gate.run("UPDATE post SET views = views + 1 WHERE id = ?", key)  # @wild_update_each
    print(gate.row("SELECT sum(views) FROM post"))


@job
def keys_from_two_lists(gate):
    """One helper, two lists, each with a loop of its own."""
    authors = Authors(gate)
    for _, _, author in Posts(gate).newest():
        authors.get(author)
    for author, in gate.rows("SELECT author_id FROM comment WHERE stars > 3"):
        authors.get(author)


@job
def selected_in_python(gate):
    """All posts, but only every fifth is looked at closer."""
    posts = Posts(gate)
    for key, title, _ in posts.newest():
        if key % 5 == 0:
            print(title, posts.comments(key))


@job
def inserted_then_listed(gate):
    """Rows that the program itself wrote, then read back by the keys it knows."""
    gate.run("DELETE FROM job WHERE id > 1000")
    for key in range(1001, 1031):
        gate.run("INSERT INTO job (id, state, payload) VALUES (?, ?, ?)", key, "new", f"p{key}")  # @wild_insert_known
    print(gate.row("SELECT count(*) FROM job"))
    for key in range(1001, 1031):
        gate.row("SELECT payload FROM job WHERE id = ?", key)  # @wild_select_known
