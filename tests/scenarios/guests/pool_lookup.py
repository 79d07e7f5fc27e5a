import os, sqlite3, multiprocessing as mp
def hottest(hwid):
    con = sqlite3.connect(os.environ["SCENARIO_DB"])
    try:
        return hwid, con.execute("SELECT max(celsius) FROM reading WHERE device_hwid = ?", (hwid,)).fetchone()[0]  # @pool_lookup_x
    finally:
        con.close()
if __name__ == "__main__":
    con = sqlite3.connect(os.environ["SCENARIO_DB"])
    ids = [h for h, in con.execute("SELECT hwid FROM device WHERE gateway IS NOT NULL")]
    with mp.Pool(2) as pool:
        print(max(pool.imap_unordered(hottest, ids, chunksize=8), key=lambda t: t[1] or 0))
