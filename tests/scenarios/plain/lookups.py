"""Associations, one look-up a row; beside each its mended twin."""
from common import q, scenario


@scenario
def forward(db):
    cur = db.cursor()
    cur.execute("SELECT id, title, author_id FROM post ORDER BY id")
    for post_id, title, author_id in cur.fetchall():
        cur.execute(q("SELECT name FROM author WHERE id = ?"), (author_id,))  # @forward
        print(title, cur.fetchone()[0])


@scenario
def forward_join(db):
    cur = db.cursor()
    cur.execute("SELECT p.id, p.title, a.name FROM post p JOIN author a ON a.id = p.author_id ORDER BY p.id")
    for row in cur.fetchall():
        print(row)


@scenario
def forward_in(db):
    cur = db.cursor()
    cur.execute("SELECT id, title, author_id FROM post ORDER BY id")
    posts = cur.fetchall()
    ids = sorted({p[2] for p in posts})
    if ids:
        cur.execute(q("SELECT id, name FROM author WHERE id IN (%s)" % ", ".join("?" * len(ids))), ids)
        names = dict(cur.fetchall())
        for p in posts:
            print(p[1], names[p[2]])


@scenario
def reverse(db):
    cur = db.cursor()
    cur.execute("SELECT id, name FROM author")
    for author_id, name in cur.fetchall():
        cur.execute(q("SELECT title FROM post WHERE author_id = ? ORDER BY id"), [author_id])  # @reverse
        print(name, [row[0] for row in cur.fetchall()])


@scenario
def reverse_in(db):
    cur = db.cursor()
    cur.execute("SELECT id, name FROM author")
    authors = cur.fetchall()
    if authors:
        marks = ", ".join("?" * len(authors))
        cur.execute(q(f"SELECT author_id, title FROM post WHERE author_id IN ({marks})"), [a[0] for a in authors])
        print(len(cur.fetchall()))


@scenario
def one_to_one(db):
    cur = db.cursor()
    cur.execute("SELECT id, name FROM author")
    for author_id, name in cur.fetchall():
        cur.execute(q("SELECT bio FROM profile WHERE author_id = ?"), (author_id,))  # @one_to_one
        print(name, cur.fetchone())


@scenario
def one_to_one_join(db):
    cur = db.cursor()
    cur.execute("SELECT a.id, name, bio FROM author a LEFT JOIN profile p ON p.author_id = a.id")
    print(len(cur.fetchall()))


@scenario
def many_to_many(db):
    cur = db.cursor()
    cur.execute("SELECT id, title FROM post")
    for post_id, title in cur.fetchall():
        cur.execute(q("SELECT t.name FROM tag t JOIN post_tag pt ON pt.tag_id = t.id WHERE pt.post_id = ?"), (post_id,))  # @many_to_many
        print(title, cur.fetchall())


@scenario
def many_to_many_join_table_first(db):
    cur = db.cursor()
    cur.execute("SELECT id, title FROM post")
    for post_id, title in cur.fetchall():
        cur.execute(q("SELECT tag.name FROM post_tag INNER JOIN tag ON tag.id = post_tag.tag_id WHERE post_tag.post_id = ?"), (post_id,))  # @many_to_many_join_table_first
        print(title, cur.fetchall())


@scenario
def many_to_many_batched(db):
    cur = db.cursor()
    cur.execute("SELECT id, title FROM post")
    posts = cur.fetchall()
    if posts:
        marks = ", ".join("?" * len(posts))
        cur.execute(q(f"SELECT pt.post_id, t.name FROM tag t JOIN post_tag pt ON pt.tag_id = t.id WHERE pt.post_id IN ({marks})"),
                    [p[0] for p in posts])
        print(len(cur.fetchall()))


@scenario
def text_key(db):
    cur = db.cursor()
    cur.execute("SELECT name, country_code FROM author")
    for name, code in cur.fetchall():
        cur.execute(q("SELECT name FROM country WHERE code = ?"), (code,))  # @text_key
        print(name, cur.fetchone())


@scenario
def text_key_cached(db):
    cur = db.cursor()
    cur.execute("SELECT code, name FROM country")
    countries = dict(cur.fetchall())
    cur.execute("SELECT name, country_code FROM author")
    for name, code in cur.fetchall():
        print(name, countries[code])


@scenario
def uuid_key(db):
    cur = db.cursor()
    cur.execute("SELECT id, document_uuid FROM revision")
    for _, uuid in cur.fetchall():
        cur.execute(q("SELECT title FROM document WHERE uuid = ?"), (uuid,))  # @uuid_key
        print(cur.fetchone())


@scenario
def composite_key(db):
    cur = db.cursor()
    cur.execute("SELECT id, product_code, region_no, quantity FROM line")
    total = 0
    for _, product, region, quantity in cur.fetchall():
        cur.execute(q("SELECT cents FROM price WHERE product_code = ? AND region_no = ?"), (product, region))  # @composite_key
        total += quantity * cur.fetchone()[0]
    print(total)


@scenario
def composite_key_join(db):
    cur = db.cursor()
    cur.execute("SELECT sum(l.quantity * p.cents) FROM line l JOIN price p ON p.product_code = l.product_code AND p.region_no = l.region_no")
    print(cur.fetchone())


@scenario
def self_reference(db):
    cur = db.cursor()
    cur.execute("SELECT id, name, boss_id FROM author WHERE boss_id IS NOT NULL")
    for _, name, boss_id in cur.fetchall():
        cur.execute(q("SELECT name FROM author WHERE id = ?"), (boss_id,))  # @self_reference
        print(name, cur.fetchone()[0])


@scenario
def nested(db):
    cur = db.cursor()
    cur.execute("SELECT id, name FROM author ORDER BY name")
    for author_id, name in cur.fetchall():
        cur.execute(q("SELECT id, title FROM post WHERE author_id = ?"), (author_id,))  # @nested_posts
        for post_id, title in cur.fetchall():
            cur.execute(q("SELECT body, stars FROM comment WHERE post_id = ?"), (post_id,))  # @nested_comments
            print(name, title, len(cur.fetchall()))


@scenario
def nested_to_one(db):
    cur = db.cursor()
    cur.execute("SELECT id, post_id FROM comment")
    for _, post_id in cur.fetchall():
        cur.execute(q("SELECT title, author_id FROM post WHERE id = ?"), (post_id,))  # @nested_to_one_post
        title, author_id = cur.fetchone()
        cur.execute(q("SELECT name FROM author WHERE id = ?"), (author_id,))  # @nested_to_one_author
        print(title, cur.fetchone())


@scenario
def nested_second_level(db):
    cur = db.cursor()
    cur.execute("SELECT a.id, a.name, p.id FROM author a JOIN post p ON p.author_id = a.id")
    for _, name, post_id in cur.fetchall():
        cur.execute(q("SELECT body FROM comment WHERE post_id = ?"), (post_id,))  # @nested_second_level
        print(name, len(cur.fetchall()))


@scenario
def polymorphic(db):
    cur = db.cursor()
    cur.execute("SELECT target_type, target_id FROM activity ORDER BY id")
    for kind, target_id in cur.fetchall():
        if kind == "post":
            cur.execute(q("SELECT title FROM post WHERE id = ?"), (target_id,))  # @polymorphic_post
        else:
            cur.execute(q("SELECT name FROM author WHERE id = ?"), (target_id,))  # @polymorphic_author
        print(cur.fetchone())


@scenario
def two_per_row(db):
    cur = db.cursor()
    cur.execute("SELECT id, title, author_id FROM post")
    for post_id, title, author_id in cur.fetchall():
        cur.execute(q("SELECT name FROM author WHERE id = ?"), (author_id,))  # @two_per_row_author
        author = cur.fetchone()
        cur.execute(q("SELECT body FROM comment WHERE post_id = ?"), (post_id,))  # @two_per_row_comments
        print(title, author, len(cur.fetchall()))


@scenario
def count_per_row(db):
    cur = db.cursor()
    cur.execute("SELECT id, title FROM post")
    for post_id, title in cur.fetchall():
        cur.execute(q("SELECT COUNT(*) FROM comment WHERE post_id = ?"), (post_id,))  # @count_per_row
        print(title, cur.fetchone()[0])


@scenario
def count_grouped(db):
    cur = db.cursor()
    cur.execute("SELECT p.id, p.title, COUNT(c.id) FROM post p LEFT JOIN comment c ON c.post_id = p.id GROUP BY p.id, p.title")
    print(len(cur.fetchall()))


@scenario
def average_per_row(db):
    cur = db.cursor()
    cur.execute("SELECT id, title FROM post")
    for post_id, title in cur.fetchall():
        cur.execute(q("SELECT avg(stars), max(stars) FROM comment WHERE post_id = ? AND stars > 1"), (post_id,))  # @average_per_row
        print(title, cur.fetchone())


@scenario
def exists_per_row(db):
    cur = db.cursor()
    cur.execute("SELECT id, name FROM author")
    for author_id, name in cur.fetchall():
        cur.execute(q("SELECT EXISTS (SELECT 1 FROM post WHERE author_id = ?)"), (author_id,))  # @exists_per_row
        print(name, cur.fetchone()[0])


@scenario
def one_exists_limit(db):
    cur = db.cursor()
    cur.execute("SELECT id, name FROM author")
    for author_id, name in cur.fetchall():
        cur.execute(q("SELECT 1 FROM post WHERE author_id = ? LIMIT 1"), (author_id,))  # @one_exists_limit
        print(name, cur.fetchone() is not None)


@scenario
def exists_joined(db):
    cur = db.cursor()
    cur.execute("SELECT id, name, EXISTS (SELECT 1 FROM post WHERE author_id = author.id) FROM author")
    print(len(cur.fetchall()))


@scenario
def latest_per_row(db):
    cur = db.cursor()
    cur.execute("SELECT id, title FROM post")
    for post_id, title in cur.fetchall():
        cur.execute(q("SELECT body FROM comment WHERE post_id = ? ORDER BY id DESC LIMIT 1"), (post_id,))  # @latest_per_row
        print(title, cur.fetchone())


@scenario
def latest_by_window(db):
    cur = db.cursor()
    cur.execute("SELECT post_id, body FROM (SELECT post_id, body, row_number() OVER (PARTITION BY post_id ORDER BY id DESC) AS n FROM comment) AS t WHERE n = 1")
    print(len(cur.fetchall()))


@scenario
def left_out_column(db):
    cur = db.cursor()
    cur.execute("SELECT id, title FROM post")
    for post_id, title in cur.fetchall():
        cur.execute(q("SELECT body FROM post WHERE id = ?"), (post_id,))  # @left_out_column
        print(title, cur.fetchone()[0])


@scenario
def column_selected(db):
    cur = db.cursor()
    cur.execute("SELECT id, title, body FROM post")
    print(len(cur.fetchall()))


@scenario
def ids_then_rows(db):
    cur = db.cursor()
    cur.execute("SELECT id FROM post WHERE views >= 0")
    for (post_id,) in cur.fetchall():
        cur.execute(q("SELECT * FROM post WHERE id = ?"), (post_id,))  # @ids_then_rows
        print(cur.fetchone()[2])


@scenario
def constant_beside_key(db):
    cur = db.cursor()
    cur.execute("SELECT id, name FROM author")
    for author_id, name in cur.fetchall():
        cur.execute(q("SELECT title, views FROM post WHERE author_id = ? AND views > ? ORDER BY views DESC"), (author_id, 10))  # @constant_beside_key
        print(name, len(cur.fetchall()))


@scenario
def through_two_tables(db):
    cur = db.cursor()
    cur.execute("SELECT id, name FROM author")
    for author_id, name in cur.fetchall():
        cur.execute(q("SELECT c.body FROM comment c JOIN post p ON p.id = c.post_id WHERE p.author_id = ?"), (author_id,))  # @through_two_tables
        print(name, len(cur.fetchall()))
