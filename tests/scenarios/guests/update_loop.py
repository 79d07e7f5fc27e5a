import os, sqlite3
con = sqlite3.connect(os.environ["SCENARIO_DB"])
for tenant, number in con.execute("SELECT tenant_id, number FROM accounts WHERE tenant_id = 1").fetchall():
    total, = con.execute("SELECT coalesce(sum(amount), 0) FROM entries WHERE tenant_id = ? AND account_no = ?", (tenant, number)).fetchone()  # @update_loop_x
    con.execute("UPDATE accounts SET balance = ? WHERE tenant_id = ? AND number = ?", (total, tenant, number))  # @update_loop_y
con.commit()
