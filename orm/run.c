/* The one place where statements are sent. */
#include "orm/session.h"

bool orm_run(orm_db *db, const struct orm_statement *st, bool is_control, struct orm_cursor *out)
{
    if (!db->driver)
        return orm_fail(&db->error, ORM_OPERATIONAL, "the database is not open");
    if (st->is_write && db->error.status != ORM_OK) /* Django's exception would have ended the program before */
        return false;
    if (db->is_broken && !is_control)
        return orm_fail(&db->error, ORM_TRANSACTION,
                        "An error occurred in the current transaction. No queries until orm_end().");
    if (db->depth == 0 && db->driver->revive)
        db->driver->revive(db->conn);
    if (!is_control && !orm_settle(db))
        return false;
    if (!is_control) {
        db->n_queries++;
        if (db->on_query)
            db->on_query(db->on_query_context, st->sql);
        if (st->hash == 0 || st->hash != db->last_hash) {
            db->last_hash = 0;
            db->last_sql.len = 0;
            orm_put(&db->last_sql, st->sql);
            db->last_hash = st->hash;
        }
    }
    if (!db->driver->run(db->conn, st, out, &db->error)) {
        db->is_broken = db->depth > 0;
        return false;
    }
    out->older = db->cursors;
    db->cursors = out;
    return true;
}

int64_t orm_run_all(orm_db *db, const struct orm_statement *st, int64_t *last_id)
{
    struct orm_cursor cur;
    if (!orm_run(db, st, false, &cur))
        return -1;
    int code;
    while ((code = db->driver->next(&cur, &db->error)) > 0)
        ;
    orm_finish(db, &cur);
    if (code < 0)
        db->is_broken = db->depth > 0;
    if (last_id)
        *last_id = cur.last_id;
    return code < 0 ? -1 : cur.n_changed;
}

bool orm_run_text(orm_db *db, const char *sql, bool is_control)
{
    struct orm_statement st = {.sql = sql};
    struct orm_cursor cur;
    if (!orm_run(db, &st, is_control, &cur))
        return false;
    int code;
    while ((code = db->driver->next(&cur, &db->error)) > 0)
        ;
    orm_finish(db, &cur);
    return code == 0;
}
