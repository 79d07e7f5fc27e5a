"""Pony scenarios: main.py SCENARIO, over the plain tables, with the database in SCENARIO_DB."""
import os
import sys

from pony.orm import Database, Optional, PrimaryKey, Required, Set, count, db_session, select

URL = os.environ["SCENARIO_DB"]
db = Database()
SCENARIOS = {}


def scenario(function):
    SCENARIOS[function.__name__] = function
    return function


class Author(db.Entity):
    _table_ = "author"
    id = PrimaryKey(int, auto=True)
    name = Required(str)
    posts = Set("Post")


class Post(db.Entity):
    _table_ = "post"
    id = PrimaryKey(int, auto=True)
    author = Optional(Author, column="author_id")
    title = Required(str)
    views = Required(int)
    comments = Set("Comment")


class Comment(db.Entity):
    _table_ = "comment"
    id = PrimaryKey(int, auto=True)
    post = Optional(Post, column="post_id")
    body = Required(str)
    stars = Required(int)


if "=" in URL:
    words = dict(part.split("=") for part in URL.split())
    db.bind("postgres", host=words["host"], port=words["port"], user=words["user"], dbname=words["dbname"])
else:
    db.bind("sqlite", URL)
db.generate_mapping(create_tables=False, check_tables=False)


@scenario
def count_each():
    for post in select(p for p in Post)[:]:
        print(post.title, count(c for c in Comment if c.post == post and c.stars > 2))  # @pony_count_each


@scenario
def any_each():
    for author in select(a for a in Author)[:]:
        print(author.name, Post.select(lambda p: p.author == author)[:1])  # @pony_any_each


@scenario
def own_batches():
    """Pony asks for the authors of all loaded posts at once."""
    for post in select(p for p in Post)[:]:
        print(post.title, post.author.name)


@scenario
def joined():
    for title, name in select((p.title, p.author.name) for p in Post)[:]:
        print(title, name)


with db_session:
    SCENARIOS[sys.argv[1]]()
