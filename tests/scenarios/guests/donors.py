import asyncio, os, psycopg
async def bag(con, no, spender):
    cur = await con.execute("select name, gruppe from spender where spender_uuid = %s", (spender,))  # @donors_x
    name, gruppe = await cur.fetchone()
    cur = await con.execute("select rhesus from blutgruppe where gruppe = %s", (gruppe,))  # @donors_y
    return no, name, gruppe, (await cur.fetchone())[0]
async def main():
    async with await psycopg.AsyncConnection.connect(os.environ["SCENARIO_DB"]) as con:
        con.prepare_threshold = None
        bags = await (await con.execute("select beutel_nr, spender from spende order by am")).fetchall()
        for line in await asyncio.gather(*[bag(con, *row) for row in bags]):
            print(*line)
asyncio.run(main())
