"""Many tasks of one thread, each a request that asks the same settings once over a pool; and one request that asks them ten times."""
import asyncio
import os
import psycopg

DSN = os.environ["SCENARIO_DB"]


class Pool:
    def __init__(self, conns):
        self.q = asyncio.Queue()
        [self.q.put_nowait(c) for c in conns]

    async def rows(self, sql, *a):
        c = await self.q.get()
        try:
            return await (await c.execute(sql, a)).fetchall()
        finally:
            self.q.put_nowait(c)


async def settings(pool):
    return await pool.rows("SELECT v FROM cfg WHERE k = %s", "theme")


async def page(pool, n):
    await settings(pool)
    return await pool.rows("SELECT body FROM page WHERE id = %s", n)


async def careless(pool):
    out = []
    for _ in range(10):
        out += await pool.rows("SELECT v FROM cfg WHERE k = %s", "lang")  # @settings_1
    return out


async def main():
    conns = [await psycopg.AsyncConnection.connect(DSN, autocommit=True) for _ in range(3)]
    pool = Pool(conns)
    await conns[0].execute(
        "DROP TABLE IF EXISTS cfg, page; CREATE TABLE cfg(k text, v text); CREATE TABLE page(id int, body text); INSERT INTO cfg VALUES ('theme','dark'),('lang','de'); INSERT INTO page SELECT i, 'b'||i FROM generate_series(1,30) i"
    )
    await asyncio.gather(*[page(pool, n) for n in (5, 17, 3, 22, 9, 28, 11, 2, 19, 30, 7, 14)])
    await careless(pool)
    for c in conns:
        await c.close()


asyncio.run(main())
