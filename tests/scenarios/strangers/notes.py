"""SQLAlchemy Core tables + ORM many-to-many, hybrid count, joinedload then filter, yield_per, self relation."""
import os
import sys
from sqlalchemy import *
from sqlalchemy.orm import *

Base = declarative_base()
tagging = Table("tagging", Base.metadata, Column("note_id", ForeignKey("notes.id")), Column("tag_id", ForeignKey("tags.id")))


class Tag(Base):
    __tablename__ = "tags"
    id = Column(Integer, primary_key=True)
    name = Column(String)


class Note(Base):
    __tablename__ = "notes"
    id = Column(Integer, primary_key=True)
    text_ = Column("text", String)
    parent_id = Column(ForeignKey("notes.id"))
    author_id = Column(ForeignKey("people.id"))
    tags = relationship(Tag, secondary=tagging)
    parent = relationship("Note", remote_side=[id])
    author = relationship("Person", back_populates="notes")


class Person(Base):
    __tablename__ = "people"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    notes = relationship(Note, back_populates="author", lazy="dynamic")
    badge = relationship("Badge", uselist=False)


class Badge(Base):
    __tablename__ = "badges"
    id = Column(Integer, primary_key=True)
    person_id = Column(ForeignKey("people.id"))
    colour = Column(String)


e = create_engine("sqlite:///" + os.environ["SCENARIO_DB"])
Base.metadata.create_all(e)
S = Session(e)
with e.begin() as c:
    c.execute(Person.__table__.insert(), [dict(id=i, name=f"p{i}") for i in range(1, 11)])
    c.execute(Badge.__table__.insert(), [dict(id=20 - i, person_id=i, colour="red") for i in range(1, 11)])
    c.execute(Tag.__table__.insert(), [dict(id=i, name=f"t{i}") for i in range(1, 7)])
    c.execute(Note.__table__.insert(), [dict(id=i, text=f"n{i}", parent_id=i // 2 or None, author_id=i * 3 % 10 + 1) for i in range(1, 41)])
    c.execute(tagging.insert(), [dict(note_id=i, tag_id=(i * k) % 6 + 1) for i in range(1, 41) for k in (1, 5)])


def tags():
    for n in S.query(Note).order_by(Note.text_):
        print(n.text_, [t.name for t in n.tags])  # @notes_1


def people():
    for p in S.query(Person).options(joinedload(Person.badge)):
        print(p.name, p.badge.colour, p.notes.count())  # @notes_2


def recent():
    for p in S.query(Person):
        print([n.text_ for n in p.notes.order_by(Note.id.desc()).limit(3)])  # @notes_3


def badges():
    for p in S.query(Person):
        print(p.badge.colour)  # @notes_4


def stream():
    for n in S.query(Note).yield_per(10):
        print(n.author.name)  # @notes_5


def core():
    notes, people = Note.__table__, Person.__table__
    with e.connect() as c:
        rows = c.execute(select(notes.c.id, notes.c.author_id)).all()
        names = {r.id: r.name for r in c.execute(select(people).where(people.c.id.in_({r.author_id for r in rows})))}
        for r in rows[:5]:
            print(names[r.author_id])


tags()
S.expunge_all()
people()
S.expunge_all()
recent()
S.expunge_all()
badges()
S.expunge_all()
stream()
S.expunge_all()
core()
