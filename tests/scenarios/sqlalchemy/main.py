"""SQLAlchemy scenarios: main.py SCENARIO, over the plural tables, with the database in SCENARIO_DB."""
import os
import sys

from sqlalchemy import Column, ForeignKey, Integer, String, Table, create_engine, exists, func, select, text
from sqlalchemy.orm import Session, backref, declarative_base, defer, joinedload, relationship, selectinload, subqueryload

URL = os.environ["SCENARIO_DB"]
if "=" in URL:
    words = dict(part.split("=") for part in URL.split())
    engine = create_engine("postgresql+psycopg2://{user}@{host}:{port}/{dbname}".format(**words))
else:
    engine = create_engine("sqlite:///" + URL)
Base = declarative_base()
posts_tags = Table("posts_tags", Base.metadata, Column("id", Integer, primary_key=True), Column("post_id", ForeignKey("posts.id")),
                   Column("tag_id", ForeignKey("tags.id")))


class Author(Base):
    __tablename__ = "authors"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    boss_id = Column(ForeignKey("authors.id"))
    posts = relationship("Post", back_populates="author")
    profile = relationship("Profile", uselist=False, back_populates="author")


class Profile(Base):
    __tablename__ = "profiles"
    id = Column(Integer, primary_key=True)
    author_id = Column(ForeignKey("authors.id"))
    bio = Column(String)
    author = relationship("Author", back_populates="profile")


class Tag(Base):
    __tablename__ = "tags"
    id = Column(Integer, primary_key=True)
    name = Column(String)


class Post(Base):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
    title = Column(String)
    body = Column(String)
    views = Column(Integer)
    author_id = Column(ForeignKey("authors.id"))
    author = relationship("Author", back_populates="posts")
    comments = relationship("Comment", back_populates="post")
    tags = relationship("Tag", secondary=posts_tags)


class Comment(Base):
    __tablename__ = "comments"
    id = Column(Integer, primary_key=True)
    body = Column(String)
    stars = Column(Integer)
    post_id = Column(ForeignKey("posts.id"))
    post = relationship("Post", back_populates="comments")


class Category(Base):
    __tablename__ = "categories"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    parent_id = Column(ForeignKey("categories.id"))
    children = relationship("Category", backref=backref("parent", remote_side=[id]))


class Account(Base):
    __tablename__ = "accounts"
    id = Column(Integer, primary_key=True)
    balance = Column(Integer)


class Entry(Base):
    __tablename__ = "entrys"
    id = Column(Integer, primary_key=True)
    note = Column(String)


def forward(s):
    for post in s.query(Post).order_by(Post.id):
        print(post.title, post.author.name)  # @sa_forward


def forward_joined(s):
    for post in s.query(Post).options(joinedload(Post.author)):
        print(post.title, post.author.name)


def forward_selectin(s):
    for post in s.query(Post).options(selectinload(Post.author)):
        print(post.title, post.author.name)


def reverse(s):
    for author in s.execute(select(Author)).scalars():
        print(author.name, [p.title for p in author.posts])  # @sa_reverse


def reverse_selectin(s):
    for author in s.execute(select(Author).options(selectinload(Author.posts))).scalars():
        print(author.name, [p.title for p in author.posts])


def reverse_subquery(s):
    for author in s.query(Author).options(subqueryload(Author.posts)):
        print(author.name, [p.title for p in author.posts])


def one_to_one(s):
    for author in s.query(Author):
        print(author.name, author.profile.bio)  # @sa_one_to_one


def one_to_one_joined(s):
    for author in s.query(Author).options(joinedload(Author.profile)):
        print(author.name, author.profile.bio)


def many_to_many(s):
    for post in s.query(Post):
        print(post.title, [t.name for t in post.tags])  # @sa_many_to_many


def many_to_many_selectin(s):
    for post in s.query(Post).options(selectinload(Post.tags)):
        print(post.title, [t.name for t in post.tags])


def nested(s):
    for author in s.query(Author):
        for post in author.posts:  # @sa_nested_posts
            print(author.name, post.title, len(post.comments))  # @sa_nested_comments


def nested_selectin(s):
    for author in s.query(Author).options(selectinload(Author.posts).selectinload(Post.comments)):
        for post in author.posts:
            print(author.name, post.title, len(post.comments))


def deferred(s):
    for post in s.query(Post).options(defer(Post.body)):
        print(post.title, post.body)  # @sa_deferred


def count_each(s):
    for post in s.query(Post).all():
        print(post.title, s.query(Comment).filter(Comment.post_id == post.id).count())  # @sa_count_each


def count_scalar_each(s):
    for post in s.query(Post).all():
        print(post.title, s.scalar(select(func.count()).select_from(Comment).where(Comment.post_id == post.id)))  # @sa_count_scalar_each


def count_grouped(s):
    print(s.execute(select(Post.title, func.count(Comment.id)).outerjoin(Comment).group_by(Post.id, Post.title)).all())


def exists_each(s):
    for author in s.query(Author).all():
        print(author.name, s.query(exists().where(Post.author_id == author.id)).scalar())  # @sa_exists_each


def get_each(s):
    ids = s.execute(select(Comment.post_id)).scalars().all()
    for post_id in ids:
        print(s.get(Post, post_id).title)  # @sa_get_each


def core_loop(s):
    for post_id, title in s.execute(text("SELECT id, title FROM posts")).all():
        rows = s.execute(text("SELECT body FROM comments WHERE post_id = :post"), {"post": post_id}).all()  # @sa_core_loop
        print(title, len(rows))


def latest_each(s):
    for post in s.query(Post).all():
        print(post.title, s.query(Comment).filter_by(post_id=post.id).order_by(Comment.id.desc()).first())  # @sa_latest_each


def update_each(s):
    for post_id in s.execute(select(Post.id)).scalars().all():
        s.execute(text("UPDATE posts SET title = :t WHERE id = :i"), {"t": f"t{post_id}", "i": post_id})  # @sa_update_each


def add_each(s):
    for i in range(20):
        s.add(Entry(note=f"n{i}"))
        s.flush()  # @sa_add_each


def add_all(s):
    s.execute(Entry.__table__.insert().values([{"note": f"n{i}"} for i in range(20)]))


def withdraw(s):
    account = s.get(Account, 1)
    account.balance -= 5
    s.flush()  # @sa_withdraw


def withdraw_expression(s):
    s.query(Account).filter_by(id=1).update({Account.balance: Account.balance - 5})


def withdraw_locked(s):
    account = s.query(Account).with_for_update().filter_by(id=1).one()
    account.balance -= 5
    s.flush()


def walk(category, depth):
    for child in category.children:  # @sa_tree
        print(" " * depth, child.name)
        walk(child, depth + 1)


def tree(s):
    for root in s.query(Category).filter(Category.parent_id.is_(None)):
        walk(root, 1)


def identity_map(s):
    authors = s.query(Author).all()
    print(len(authors), [p.author.name for p in s.query(Post)])


def one_page(s):
    post = s.get(Post, 1)
    print(post.author.name, len(post.comments), [t.name for t in post.tags])


with Session(engine) as session:
    globals()[sys.argv[1]](session)
    session.commit()
