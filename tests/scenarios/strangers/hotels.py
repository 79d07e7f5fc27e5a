"""Psycopg 3 asyncio: tasks as requests with their own connection, then a gather over rows."""
import asyncio
import os
import random
import psycopg

DSN = os.environ["SCENARIO_DB"]


async def prepare():
    async with await psycopg.AsyncConnection.connect(DSN) as db:
        await db.execute("DROP TABLE IF EXISTS hotel, booking, guest")
        await db.execute("CREATE TABLE hotel(id uuid primary key, name text)")
        await db.execute("CREATE TABLE guest(id int primary key, name text)")
        await db.execute("CREATE TABLE booking(id int primary key, hotel_id uuid, guest_id int)")
        await db.execute("INSERT INTO hotel SELECT md5(i::text)::uuid, 'h'||i FROM generate_series(1,20) i")
        await db.execute("INSERT INTO guest SELECT i, 'g'||i FROM generate_series(1,20) i")
        await db.execute("INSERT INTO booking SELECT i, md5((i*3%20+1)::text)::uuid, i*7%20+1 FROM generate_series(1,60) i")


async def fetch(db, sql, *args):
    cur = await db.execute(sql, args)
    return await cur.fetchall()


async def request(key):
    async with await psycopg.AsyncConnection.connect(DSN) as db:
        (booking,) = await fetch(db, "SELECT id, hotel_id, guest_id FROM booking WHERE id = %s", key)
        await fetch(db, "SELECT name FROM hotel WHERE id = %s", booking[1])
        return await fetch(db, "SELECT name FROM guest WHERE id = %s", booking[2])


async def overview():
    async with await psycopg.AsyncConnection.connect(DSN) as db:
        rows = await fetch(db, "SELECT id, hotel_id, guest_id FROM booking WHERE id <= %s", 15)
        hotels = [await fetch(db, "SELECT name FROM hotel WHERE id = %s", r[1]) for r in rows]  # @hotels_1
        guests = await fetch(db, "SELECT id, name FROM guest WHERE id = ANY(%s)", [r[2] for r in rows])
        print(len(hotels), len(guests))


async def main():
    await prepare()
    await asyncio.gather(*[request(k) for k in random.Random(1).sample(range(1, 60), 12)])
    await overview()


asyncio.run(main())
