"""A chat server's logic: threads of messages, unread counters per room, last message per room, mentions; right and wrong."""
import os
import psycopg2
import psycopg2.extras
import sys

db = psycopg2.connect(os.environ["SCENARIO_DB"], cursor_factory=psycopg2.extras.RealDictCursor)
c = db.cursor()
c.execute(
    """DROP TABLE IF EXISTS room, message, member, account CASCADE; CREATE TABLE account(id uuid primary key, nick text); CREATE TABLE room(id serial primary key, topic text, owner uuid);
CREATE TABLE member(room_id int, account_id uuid, seen int); CREATE TABLE message(id serial primary key, room_id int, sender uuid, body text, reply_to int)"""
)
c.execute(
    "INSERT INTO account SELECT md5(i::text)::uuid, 'n'||i FROM generate_series(1,20) i; INSERT INTO room(topic, owner) SELECT 't'||i, md5((i%20+1)::text)::uuid FROM generate_series(1,18) i"
)
c.execute(
    "INSERT INTO member SELECT r, md5(((r*k)%20+1)::text)::uuid, r FROM generate_series(1,18) r, generate_series(1,4) k; INSERT INTO message(room_id, sender, body, reply_to) SELECT i%18+1, md5((i%20+1)::text)::uuid, 'b'||i, CASE WHEN i>10 AND i%4=0 THEN i-7 END FROM generate_series(1,200) i"
)
db.commit()


def all(sql, *a):
    c.execute(sql, a)
    return c.fetchall()


def one(sql, *a):
    c.execute(sql, a)
    return c.fetchone()


class Room:
    def __init__(self, row):
        self.__dict__.update(row)

    @property
    def last(self):
        return one("SELECT body FROM message WHERE room_id = %s ORDER BY id DESC LIMIT 1", self.id)  # @chat_1

    @property
    def unread(self):
        return one("SELECT count(*) AS n FROM message WHERE room_id = %s AND id > %s", self.id, 100)["n"]  # @chat_2

    @property
    def owner_nick(self):
        return one("SELECT nick FROM account WHERE id = %s", self.owner)["nick"]  # @chat_3


def lobby():
    for r in map(Room, all("SELECT id, topic, owner FROM room ORDER BY topic")):
        print(r.topic, r.last, r.unread, r.owner_nick)


def history(room):
    for m in all("SELECT id, sender, body, reply_to FROM message WHERE room_id = %s ORDER BY id", room):
        quoted = one("SELECT body FROM message WHERE id = %s", m["reply_to"]) if m["reply_to"] else None  # @chat_4
        print(m["body"], quoted)


def members(room):
    ids = [str(m["account_id"]) for m in all("SELECT account_id FROM member WHERE room_id = %s", room)]
    return all("SELECT id, nick FROM account WHERE id = ANY(%s::uuid[])", ids)


lobby()
[history(r) for r in (3, 7, 11)]
[members(r) for r in range(1, 6)]
db.commit()
db.close()
