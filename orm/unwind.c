/* Letting go, whatever the state: cursors, levels of transactions, and the call itself when memory ran out. */
#include <stdio.h>
#include <stdlib.h>

#include "orm/session.h"

void orm_keep_open(orm_db *db, struct orm_cursor *cur)
{
    struct orm_cursor **at = &db->cursors;
    while (*at && *at != cur)
        at = &(*at)->older;
    if (*at)
        *at = cur->older;
}

void orm_finish(orm_db *db, struct orm_cursor *cur)
{
    orm_keep_open(db, cur);
    db->driver->finish(cur);
}

/* A transaction came to nothing: so do the calls that were made inside. */
static void drop_hooks(orm_db *db, unsigned deeper_than)
{
    while (db->n_hooks && db->hooks[db->n_hooks - 1].depth > deeper_than)
        db->n_hooks--;
}

bool orm_send(orm_db *db, const char *sql)
{
    struct orm_cursor cur;
    if (!db->driver->run(db->conn, &(struct orm_statement){.sql = sql}, &cur, &db->error))
        return false;
    int code = db->driver->next(&cur, &db->error);
    db->driver->finish(&cur);
    return code == 0;
}

/* Owed until it is done: memory may run out on the way, and that is then the error; otherwise what went wrong first is
 * what the caller wants to know. */
void orm_undo(orm_db *db, unsigned level)
{
    char sql[64];
    struct orm_error kept = db->error;
    drop_hooks(db, level);
    db->owed = level + 1;
    db->is_broken = false;
    db->error.status = ORM_OK;
    if (db->driver->is_inside(db->conn)) {
        snprintf(sql, sizeof sql, level ? "ROLLBACK TO SAVEPOINT s%u" : "ROLLBACK", level);
        if (orm_send(db, sql) && level) {
            snprintf(sql, sizeof sql, "RELEASE SAVEPOINT s%u", level);
            orm_send(db, sql);
        }
    }
    if (db->error.status != ORM_NOMEM) {
        db->owed = 0;
        if (kept.status != ORM_OK)
            db->error = kept;
    }
    db->is_broken = db->depth > 0 && !db->driver->is_inside(db->conn);
}

bool orm_settle(orm_db *db)
{
    if (db->owed)
        orm_undo(db, db->owed - 1);
    return db->owed == 0;
}

orm_status orm_rollback(orm_db *db)
{
    ORM_GUARD(db, ORM_NOMEM);
    if (db->depth == 0) {
        orm_fail(&db->error, ORM_TRANSACTION, "orm_rollback() without orm_begin()");
    } else if (db->n_void) {
        db->depth--;
        db->is_broken = --db->n_void > 0;
    } else {
        orm_undo(db, --db->depth);
    }
    return db->error.status;
}

/* All frames of the call are still alive here; the jump comes last. */
void orm_out_of_memory(struct orm_arena *a)
{
    struct orm_guard *g = a->guard ? *a->guard : NULL;
    if (!g) /* a public call without its guard, or an arena that belongs to no scope */
        abort();
    orm_db *db = g->db;
    while (db->cursors != g->cursors)
        orm_finish(db, db->cursors);
    orm_fail(&db->error, ORM_NOMEM, "out of memory");
    while (db->depth > g->depth)
        orm_rollback(db);
    db->guard = g->outer;
    longjmp(g->caught, 1);
}
