"""Peewee scenarios: main.py SCENARIO, over the plain tables, with the database in SCENARIO_DB."""
import os
import sys

from peewee import (JOIN, CharField, ForeignKeyField, IntegerField, Model, PostgresqlDatabase, SqliteDatabase, TextField, chunked, fn, prefetch)

URL = os.environ["SCENARIO_DB"]
if "=" in URL:
    words = dict(part.split("=") for part in URL.split())
    db = PostgresqlDatabase(words["dbname"], host=words["host"], port=int(words["port"]), user=words["user"])
else:
    db = SqliteDatabase(URL)
SCENARIOS = {}


def scenario(function):
    SCENARIOS[function.__name__] = function
    return function


class Base(Model):
    class Meta:
        database = db


class Author(Base):
    name = TextField()
    email = TextField()
    boss = ForeignKeyField("self", null=True, backref="staff")


class Profile(Base):
    author = ForeignKeyField(Author, backref="profiles", unique=True)
    bio = TextField()


class Post(Base):
    author = ForeignKeyField(Author, null=True, backref="posts")
    title = TextField()
    body = TextField()
    views = IntegerField()


class Comment(Base):
    post = ForeignKeyField(Post, null=True, backref="comments")
    author = ForeignKeyField(Author, null=True)
    body = TextField()
    stars = IntegerField()


class Tag(Base):
    name = TextField()


class PostTag(Base):
    post = ForeignKeyField(Post)
    tag = ForeignKeyField(Tag)

    class Meta:
        table_name = "post_tag"


class Account(Base):
    owner = CharField()
    balance = IntegerField()
    version = IntegerField()


class Job(Base):
    state = CharField()
    payload = CharField()


@scenario
def forward():
    for post in Post.select():
        print(post.title, post.author.name)  # @pw_forward


@scenario
def forward_joined():
    for post in Post.select(Post, Author).join(Author):
        print(post.title, post.author.name)


@scenario
def reverse():
    for author in Author.select():
        print(author.name, [post.title for post in author.posts])  # @pw_reverse


@scenario
def reverse_prefetched():
    for author in prefetch(Author.select(), Post.select()):
        print(author.name, [post.title for post in author.posts])


@scenario
def count_each():
    for post in Post.select():
        print(post.title, post.comments.count())  # @pw_count_each


@scenario
def count_grouped():
    for post in Post.select(Post, fn.COUNT(Comment.id).alias("n")).join(Comment, JOIN.LEFT_OUTER).group_by(Post):
        print(post.title, post.n)


@scenario
def many_to_many():
    for post in Post.select():
        print(post.title, [tag.name for tag in Tag.select().join(PostTag).where(PostTag.post == post)])  # @pw_many_to_many


@scenario
def get_each():
    for comment in Comment.select(Comment.id, Comment.post_id):
        print(Post.get_by_id(comment.post_id).title)  # @pw_get_each


@scenario
def nested():
    for author in Author.select():
        for post in author.posts:  # @pw_nested_posts
            print(author.name, [comment.body for comment in post.comments])  # @pw_nested_comments


@scenario
def save_each():
    for post in list(Post.select()):
        post.views = 0
        post.save()  # @pw_save_each


@scenario
def create_each():
    for n in range(20):
        Job.create(state="new", payload=f"p{n}")  # @pw_create_each


@scenario
def insert_many():
    for part in chunked([{"state": "new", "payload": f"p{n}"} for n in range(60)], 20):
        Job.insert_many(part).execute()


@scenario
def withdraw():
    account = Account.get_by_id(3)
    account.balance = account.balance - 10
    account.save(only=[Account.balance])  # @pw_withdraw


@scenario
def withdraw_expression():
    Account.update(balance=Account.balance - 10).where(Account.id == 3).execute()


@scenario
def one_page():
    post = Post.get_by_id(5)
    print(post.title, post.author.name, [comment.body for comment in post.comments])


with db:
    SCENARIOS[sys.argv[1]]()
