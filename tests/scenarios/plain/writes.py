"""Writes in loops, values read and written back, the same thing asked again."""
from common import IS_POSTGRES, q, scenario


@scenario
def insert_each(db):
    cur = db.cursor()
    cur.execute("SELECT id, title FROM post")
    for post_id, title in cur.fetchall():
        cur.execute(q("INSERT INTO entry (post_id, note) VALUES (?, ?)"), (post_id, title))  # @insert_each


@scenario
def insert_from_list(db):
    cur = db.cursor()
    cur.execute("SELECT count(*) FROM post")
    for i in range(cur.fetchone()[0]):
        cur.execute(q("INSERT INTO entry (note) VALUES (?)"), (f"note {i}",))  # @insert_from_list


@scenario
def insert_many_rows(db):
    cur = db.cursor()
    cur.execute("SELECT id, title FROM post")
    rows = cur.fetchall()
    for start in range(0, len(rows), 10):
        part = rows[start:start + 10]
        cur.execute(q("INSERT INTO entry (post_id, note) VALUES " + ", ".join(["(?, ?)"] * len(part))), [v for r in part for v in r])


@scenario
def insert_executemany(db):
    """One call, for SQLite the way to do it: the database still sees an execution a row."""
    cur = db.cursor()
    cur.execute("SELECT id, title FROM post")
    cur.executemany(q("INSERT INTO entry (post_id, note) VALUES (?, ?)"), cur.fetchall())  # @insert_executemany


@scenario
def change_executemany(db):
    cur = db.cursor()
    cur.executemany(q("UPDATE post SET views = ? WHERE id = ?"), [(i * 7, i) for i in range(1, 21)])  # @update_executemany
    cur.executemany(q("DELETE FROM comment WHERE id = ?"), ((i,) for i in range(1, 21)))  # @delete_executemany


@scenario
def insert_each_beside_executemany(db):
    cur = db.cursor()
    rows = [(i, f"note {i}") for i in range(1, 21)]
    db.executemany(q("INSERT INTO entry (post_id, note) VALUES (?, ?)"), rows)
    for row in rows:
        cur.execute(q("INSERT INTO entry (post_id, note) VALUES (?, ?)"), row)  # @beside_executemany


@scenario
def insert_select(db):
    db.cursor().execute("INSERT INTO entry (post_id, note) SELECT id, title FROM post")


@scenario
def update_each(db):
    cur = db.cursor()
    cur.execute("SELECT id, title FROM post")
    for post_id, title in cur.fetchall():
        cur.execute(q("UPDATE post SET title = ? WHERE id = ?"), (title.upper(), post_id))  # @update_each


@scenario
def update_at_once(db):
    db.cursor().execute("UPDATE post SET title = upper(title)")


@scenario
def update_and_commit_each(db):
    cur = db.cursor()
    cur.execute("SELECT id FROM job")
    for (job_id,) in cur.fetchall():
        cur.execute(q("UPDATE job SET state = 'done' WHERE id = ?"), (job_id,))  # @update_and_commit_each
        db.commit()


@scenario
def delete_each(db):
    cur = db.cursor()
    cur.execute("SELECT id FROM comment WHERE stars < 4")
    for (comment_id,) in cur.fetchall():
        cur.execute(q("DELETE FROM comment WHERE id = ?"), (comment_id,))  # @delete_each


@scenario
def delete_at_once(db):
    db.cursor().execute("DELETE FROM comment WHERE stars < 4")


@scenario
def upsert_each(db):
    cur = db.cursor()
    cur.execute("SELECT owner FROM account")
    for (owner,) in cur.fetchall():
        cur.execute(q("INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"),  # @upsert_each
                    (owner, "x"))


@scenario
def get_or_create_each(db):
    cur = db.cursor()
    for i in range(40):
        name = f"word-{i * 7919 % 1000}"
        cur.execute(q("SELECT id FROM tag WHERE name = ?"), (name,))  # @get_or_create_get
        if cur.fetchone() is None:
            cur.execute(q("INSERT INTO tag (id, name) VALUES (?, ?)"), (1000 + i, name))  # @get_or_create_create


@scenario
def insert_then_select(db):
    cur = db.cursor()
    for i in range(30):
        cur.execute(q("INSERT INTO entry (note) VALUES (?) RETURNING id"), (f"n{i}",))  # @insert_then_select_insert
        (entry_id,) = cur.fetchone()
        cur.execute(q("SELECT id, note FROM entry WHERE id = ?"), (entry_id,))  # @insert_then_select
        cur.fetchone()


@scenario
def withdraw(db):
    cur = db.cursor()
    cur.execute("SELECT balance FROM account WHERE id = 1")
    row = cur.fetchone()
    if row:
        cur.execute(q("UPDATE account SET balance = ? WHERE id = 1"), (row[0] - 10,))  # @withdraw


@scenario
def withdraw_in_sql(db):
    db.cursor().execute("UPDATE account SET balance = balance - 10 WHERE id = 1")


@scenario
def withdraw_locked(db):
    cur = db.cursor()
    if not IS_POSTGRES:
        db.commit()
        db.isolation_level = None
        cur.execute("BEGIN IMMEDIATE")
        cur.execute("SELECT balance FROM account WHERE id = 1")
    else:
        cur.execute("SELECT balance FROM account WHERE id = 1 FOR UPDATE")
    row = cur.fetchone()
    if row:
        cur.execute(q("UPDATE account SET balance = ? WHERE id = 1"), (row[0] - 10,))
    if not IS_POSTGRES:
        cur.execute("COMMIT")


@scenario
def withdraw_versioned(db):
    cur = db.cursor()
    cur.execute("SELECT balance, version FROM account WHERE id = 1")
    row = cur.fetchone()
    if row:
        cur.execute(q("UPDATE account SET balance = ?, version = ? WHERE id = 1 AND version = ?"), (row[0] - 10, row[1] + 1, row[1]))


@scenario
def interest_for_all(db):
    cur = db.cursor()
    cur.execute("SELECT id, balance FROM account")
    for account_id, balance in cur.fetchall():
        cur.execute(q("UPDATE account SET balance = ? WHERE id = ?"), (balance + balance // 50, account_id))  # @interest_for_all


@scenario
def setting_again_and_again(db):
    cur = db.cursor()
    cur.execute("SELECT id, title FROM post")
    for post_id, title in cur.fetchall():
        cur.execute("SELECT value FROM setting WHERE name = 'currency'")  # @setting_again_and_again
        print(title, cur.fetchone()[0])


@scenario
def setting_bound(db):
    cur = db.cursor()
    cur.execute("SELECT id, title FROM post")
    for post_id, title in cur.fetchall():
        cur.execute(q("SELECT value FROM setting WHERE name = ?"), ("theme",))  # @setting_bound
        print(title, cur.fetchone()[0])


@scenario
def setting_once(db):
    cur = db.cursor()
    cur.execute("SELECT value FROM setting WHERE name = 'currency'")
    currency = cur.fetchone()[0]
    cur.execute("SELECT id, title FROM post")
    for post_id, title in cur.fetchall():
        print(title, currency)


@scenario
def whole_list_again(db):
    cur = db.cursor()
    cur.execute("SELECT id, title FROM post")
    for post_id, title in cur.fetchall():
        cur.execute("SELECT id, name FROM tag ORDER BY name")  # @whole_list_again
        print(title, len(cur.fetchall()))


@scenario
def same_row_again(db):
    cur = db.cursor()
    for _ in range(30):
        cur.execute(q("SELECT name FROM author WHERE id = ?"), (1,))  # @same_row_again
        print(cur.fetchone())


@scenario
def names_from_a_file(db):
    cur = db.cursor()
    for i in range(1, 41):
        cur.execute(q("SELECT id FROM author WHERE email = ?"), (f"a{i * 7 % 41}@example.org",))  # @names_from_a_file
        print(cur.fetchone())


@scenario
def names_from_a_file_in(db):
    cur = db.cursor()
    names = [f"a{i * 7 % 41}@example.org" for i in range(1, 41)]
    cur.execute(q("SELECT id FROM author WHERE email IN (%s)" % ", ".join("?" * len(names))), names)
    print(len(cur.fetchall()))
