"""The same few loops in the shapes that programs give them: helpers, generators, pages, threads, spelling."""
import multiprocessing
from concurrent.futures import ThreadPoolExecutor

from common import IS_POSTGRES, connect, q, scenario


def db_query(db, sql, args=()):
    cur = db.cursor()
    cur.execute(q(sql), args)  # @the_wrapper
    return cur.fetchall()


@scenario
def wrapper(db):
    for post_id, author_id in db_query(db, "SELECT id, author_id FROM post"):
        print(post_id, db_query(db, "SELECT name FROM author WHERE id = ?", (author_id,)))  # @wrapper
    print(db_query(db, "SELECT count(*) FROM tag"))


def run_query(db, sql, args=()):
    return db_query(db, sql, args)


@scenario
def wrapper_in_wrapper(db):
    posts = run_query(db, "SELECT id, author_id FROM post")
    for post_id, author_id in posts:
        print(post_id, run_query(db, "SELECT name FROM author WHERE id = ?", (author_id,)))  # @wrapper_in_wrapper


def author_name(db, author_id):
    cur = db.cursor()
    cur.execute(q("SELECT name FROM author WHERE id = ?"), (author_id,))  # @helper
    return cur.fetchone()[0]


@scenario
def helper(db):
    cur = db.cursor()
    cur.execute("SELECT title, author_id FROM post")
    for title, author_id in cur.fetchall():
        print(title, author_name(db, author_id))


class Post:
    def __init__(self, db, row):
        self.db, (self.id, self.title, self.author_id) = db, row

    @property
    def author(self):
        cur = self.db.cursor()
        cur.execute(q("SELECT id, name FROM author WHERE id = ?"), (self.author_id,))  # @behind_property
        return cur.fetchone()


@scenario
def behind_property(db):
    cur = db.cursor()
    cur.execute("SELECT id, title, author_id FROM post")
    posts = [Post(db, row) for row in cur.fetchall()]
    print([p.title + p.author[1] for p in posts])


@scenario
def some_rows(db):
    cur = db.cursor()
    cur.execute("SELECT id, title, author_id, views FROM post")
    for post_id, title, author_id, views in cur.fetchall():
        if views % 3 == 0 or post_id < 3:
            cur.execute(q("SELECT name FROM author WHERE id = ?"), (author_id,))  # @some_rows
            print(title, cur.fetchone())


@scenario
def work_between(db):
    cur = db.cursor()
    cur.execute("SELECT id, author_id FROM post")
    for post_id, author_id in cur.fetchall():
        cur.execute(q("SELECT name FROM author WHERE id = ?"), (author_id,))  # @work_between
        cur.fetchone()
        if post_id % 13 == 0:
            cur.execute("SELECT count(*) FROM tag")
            cur.fetchone()
            db.commit()


@scenario
def sorted_and_distinct(db):
    cur = db.cursor()
    cur.execute("SELECT id, author_id FROM post")
    ids = sorted({author_id for _, author_id in cur.fetchall()}, reverse=True)
    for author_id in ids:
        cur.execute(q("SELECT name FROM author WHERE id = ?"), (author_id,))  # @sorted_and_distinct
        print(cur.fetchone())


@scenario
def ids_kept_first(db):
    cur = db.cursor()
    cur.execute("SELECT author_id FROM post")
    ids = [row[0] for row in cur.fetchall()]
    cur.execute("SELECT name, value FROM setting")
    settings = dict(cur.fetchall())
    for author_id in ids:
        cur.execute(q("SELECT name FROM author WHERE id = ?"), (author_id,))  # @ids_kept_first
        print(settings["theme"], cur.fetchone())


@scenario
def pages_each_with_loop(db):
    cur = db.cursor()
    last = 0
    while True:
        cur.execute(q("SELECT id, author_id FROM post WHERE id > ? ORDER BY id LIMIT 10"), (last,))
        page = cur.fetchall()
        if not page:
            break
        for post_id, author_id in page:
            cur.execute(q("SELECT name FROM author WHERE id = ?"), (author_id,))  # @pages_each_with_loop
            print(cur.fetchone())
            last = post_id


@scenario
def open_cursor(db):
    outer, inner = db.cursor(), db.cursor()
    outer.execute("SELECT id, author_id FROM post")
    for post_id, author_id in outer:
        inner.execute(q("SELECT name FROM author WHERE id = ?"), (author_id,))  # @open_cursor
        print(post_id, inner.fetchone())


@scenario
def server_cursor(db):
    assert IS_POSTGRES
    outer, inner = db.cursor("rows"), db.cursor()
    outer.itersize = 8
    outer.execute("SELECT id, author_id FROM post")
    for post_id, author_id in outer:
        inner.execute("SELECT name FROM author WHERE id = %s", (author_id,))  # @server_cursor
        print(post_id, inner.fetchone())
    outer.close()


@scenario
def server_cursor_alone(db):
    assert IS_POSTGRES
    outer = db.cursor("rows")
    outer.itersize = 4
    outer.execute("SELECT id, author_id FROM post")
    print(sum(1 for _ in outer))
    outer.close()


@scenario
def sql_prepare(db):
    assert IS_POSTGRES
    cur = db.cursor()
    cur.execute("PREPARE author_by_id (int) AS SELECT name FROM author WHERE id = $1")
    cur.execute("SELECT id, author_id FROM post")
    for post_id, author_id in cur.fetchall():
        cur.execute("EXECUTE author_by_id (%s)", (author_id,))  # @sql_prepare
        print(post_id, cur.fetchone())


def post_rows(db):
    cur = db.cursor()
    cur.execute("SELECT id, title FROM post")
    for row in cur.fetchall():
        yield row


@scenario
def generator(db):
    cur = db.cursor()
    for post_id, title in post_rows(db):
        cur.execute(q("SELECT body FROM comment WHERE post_id = ?"), (post_id,))  # @generator
        print(title, len(cur.fetchall()))


@scenario
def literal_in_text(db):
    cur = db.cursor()
    cur.execute("SELECT id, title FROM post")
    for post_id, title in cur.fetchall():
        cur.execute(f"SELECT body FROM comment WHERE post_id = {post_id}")  # @literal_in_text
        print(title, len(cur.fetchall()))


@scenario
def comment_in_text(db):
    cur = db.cursor()
    cur.execute("SELECT id, title FROM post")
    for post_id, title in cur.fetchall():
        cur.execute(q(f"SELECT body FROM comment WHERE post_id = ? /* trace={post_id * 7919:x} */"), (post_id,))  # @comment_in_text
        print(title, len(cur.fetchall()))


@scenario
def number_as_text(db):
    cur = db.cursor()
    cur.execute("SELECT id, title FROM post")
    for post_id, title in cur.fetchall():
        cur.execute(q("SELECT body FROM comment WHERE post_id = ?"), (str(post_id),))  # @number_as_text
        print(title, len(cur.fetchall()))


@scenario
def in_of_one(db):
    cur = db.cursor()
    cur.execute("SELECT id, author_id FROM post")
    for post_id, author_id in cur.fetchall():
        cur.execute(q("SELECT id, name FROM author WHERE id IN (?)"), (author_id,))  # @in_of_one
        print(cur.fetchall())


@scenario
def star_and_quotes(db):
    cur = db.cursor()
    cur.execute('SELECT "p".* FROM "post" AS "p" ORDER BY "p"."title"')
    for row in cur.fetchall():
        cur.execute(q('SELECT "author".* FROM "author" WHERE "author"."id" = ?'), (row[1],))  # @star_and_quotes
        print(cur.fetchone())


@scenario
def schema_and_alias(db):
    schema = "public" if IS_POSTGRES else "main"
    cur = db.cursor()
    cur.execute(f"SELECT p.id AS pid, p.author_id AS writer FROM {schema}.post p")
    for pid, writer in cur.fetchall():
        cur.execute(q(f"select a.name as n from {schema}.author as a where a.id=?"), (writer,))  # @schema_and_alias
        print(pid, cur.fetchone())


@scenario
def through_view(db):
    cur = db.cursor()
    cur.execute("SELECT * FROM post_view")
    for _, title, author_id in cur.fetchall():
        cur.execute(q("SELECT name FROM author WHERE id = ?"), (author_id,))  # @through_view
        print(title, cur.fetchone())


@scenario
def through_cte(db):
    cur = db.cursor()
    cur.execute("WITH popular AS (SELECT id, title, author_id FROM post WHERE views >= 0) SELECT id, title, author_id FROM popular")
    for _, title, author_id in cur.fetchall():
        cur.execute(q("SELECT name FROM author WHERE id = ?"), (author_id,))  # @through_cte
        print(title, cur.fetchone())


@scenario
def parent_is_a_union(db):
    cur = db.cursor()
    cur.execute("SELECT author_id, title FROM post UNION ALL SELECT author_id, body FROM comment")
    for author_id, text in cur.fetchall():
        cur.execute(q("SELECT name FROM author WHERE id = ?"), (author_id,))  # @parent_is_a_union
        print(text, cur.fetchone())


@scenario
def child_joins(db):
    cur = db.cursor()
    cur.execute("SELECT id, author_id FROM post")
    for post_id, author_id in cur.fetchall():
        cur.execute(q("SELECT a.name, c.name FROM author a JOIN country c ON c.code = a.country_code WHERE a.id = ?"), (author_id,))  # @child_joins
        print(post_id, cur.fetchone())


@scenario
def stops_in_the_middle(db):
    cur = db.cursor()
    cur.execute("SELECT id, author_id FROM post")
    try:
        for post_id, author_id in cur.fetchall():
            cur.execute(q("SELECT name FROM author WHERE id = ?"), (author_id,))  # @stops_in_the_middle
            if post_id == 20:
                raise KeyError(post_id)
    except KeyError:
        pass


@scenario
def n_times_m(db):
    cur = db.cursor()
    cur.execute("SELECT id FROM tag WHERE id <= 3")
    tags = cur.fetchall()
    cur.execute("SELECT id FROM post")
    posts = cur.fetchall()
    for (post_id,) in posts:
        for (tag_id,) in tags:
            cur.execute(q("SELECT count(*) FROM post_tag WHERE post_id = ? AND tag_id = ?"), (post_id, tag_id))  # @n_times_m
            cur.fetchone()


@scenario
def tree_depth_first(db):
    cur = db.cursor()

    def walk(category_id, depth):
        cur.execute(q("SELECT id, name FROM category WHERE parent_id = ? ORDER BY id"), (category_id,))  # @tree_depth_first
        for child_id, name in cur.fetchall():
            print("  " * depth, name)
            walk(child_id, depth + 1)

    cur.execute("SELECT id FROM category WHERE parent_id IS NULL")
    for (root_id,) in cur.fetchall():
        walk(root_id, 1)


@scenario
def tree_recursive_query(db):
    cur = db.cursor()
    cur.execute("WITH RECURSIVE tree(id, name) AS (SELECT id, name FROM category WHERE parent_id IS NULL UNION ALL "
                "SELECT c.id, c.name FROM category c JOIN tree ON c.parent_id = tree.id) SELECT id, name FROM tree")
    print(len(cur.fetchall()))


@scenario
def chain_upwards(db):
    cur = db.cursor()
    cur.execute("SELECT max(id) FROM category")
    at = cur.fetchone()[0]
    cur.execute("UPDATE category SET parent_id = id - 1 WHERE id > 1")
    while at is not None:
        cur.execute(q("SELECT parent_id, name FROM category WHERE id = ?"), (at,))  # @chain_upwards
        row = cur.fetchone()
        at = row[0] if row else None


def fetch_author(author_id):
    db = connect()
    cur = db.cursor()
    cur.execute(q("SELECT name FROM author WHERE id = ?"), (author_id,))  # @own_connections
    name = cur.fetchone()[0]
    db.close()
    return name


@scenario
def threads(db):
    cur = db.cursor()
    cur.execute("SELECT author_id FROM post")
    with ThreadPoolExecutor(4) as pool:
        print(list(pool.map(fetch_author, [row[0] for row in cur.fetchall()])))


@scenario
def forked_workers(db):
    cur = db.cursor()
    cur.execute("SELECT author_id FROM post")
    ids = [row[0] for row in cur.fetchall()]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(pool.map(fetch_author, ids))


@scenario
def two_loops_on_two_lines(db):
    cur = db.cursor()
    cur.execute("SELECT id, author_id FROM post")
    posts = cur.fetchall()
    for _, author_id in posts:
        cur.execute(q("SELECT name FROM author WHERE id = ?"), (author_id,))  # @first_of_two_loops
        cur.fetchone()
    for _, author_id in posts:
        cur.execute(q("SELECT name FROM author WHERE id = ?"), (author_id,))  # @second_of_two_loops
        cur.fetchone()


@scenario
def across_databases(db):
    import sqlite3
    local = sqlite3.connect(":memory:")
    local.execute("CREATE TABLE favourite (id INTEGER PRIMARY KEY, post_id INTEGER)")
    cur = db.cursor()
    cur.execute("SELECT max(id) FROM post")
    top = cur.fetchone()[0] or 0
    local.execute("INSERT INTO favourite (post_id) WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i - 2 FROM n WHERE i > 2) "
                  "SELECT i FROM n", (top,))
    for (post_id,) in local.execute("SELECT post_id FROM favourite ORDER BY id").fetchall():
        cur.execute(q("SELECT title FROM post WHERE id = ?"), (post_id,))  # @across_databases
        print(cur.fetchone())
