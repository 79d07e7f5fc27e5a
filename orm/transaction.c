/* Transactions: the outermost is one of the database, those inside are savepoints. A pending error makes orm_end() roll
 * back: the sticky error plays the part of Django's exception. */
#include <stdio.h>

#include "orm/session.h"

/* Calls that wait for the outermost COMMIT; depth: of the transaction that they were made in. */
struct orm_commit_hook {
    void (*call)(void *context);
    void *context;
    unsigned depth;
};

orm_status orm_on_commit(orm_db *db, void (*call)(void *context), void *context)
{
    ORM_GUARD(db, ORM_NOMEM);
    if (db->depth == 0) {
        call(context);
        return db->error.status;
    }
    if (db->is_broken) {
        orm_fail(&db->error, ORM_TRANSACTION,
                 "An error occurred in the current transaction. No queries until orm_end().");
        return db->error.status;
    }
    db->hooks = ORM_GROW(&db->own, db->hooks, db->n_hooks);
    db->hooks[db->n_hooks++] = (struct orm_commit_hook){call, context, db->depth};
    return db->error.status;
}

/* A transaction came to nothing: so do the calls that were made inside. */
static void drop_hooks(orm_db *db, unsigned deeper_than)
{
    while (db->n_hooks && db->hooks[db->n_hooks - 1].depth > deeper_than)
        db->n_hooks--;
}

/* A savepoint that was released belongs to what is around it. */
static void raise_hooks(orm_db *db, unsigned depth)
{
    for (size_t i = 0; i < db->n_hooks; i++)
        if (db->hooks[i].depth > depth)
            db->hooks[i].depth = depth;
}

static void run_hooks(orm_db *db)
{
    struct orm_commit_hook *hooks = db->hooks;
    size_t n = db->n_hooks;
    db->hooks = NULL;
    db->n_hooks = 0;
    for (size_t i = 0; i < n; i++)
        hooks[i].call(hooks[i].context);
}

/* Past the scope's rules: a statement that ends what is open, whatever the state. */
static bool send(orm_db *db, const char *sql)
{
    struct orm_cursor cur;
    if (!db->driver->run(db->conn, &(struct orm_statement){.sql = sql}, &cur, &db->error))
        return false;
    int code = db->driver->next(&cur, &db->error);
    db->driver->finish(&cur);
    return code == 0;
}

/* The transaction of this level came to nothing. Owed until it is done: memory may run out on the way, and that is then
 * the error; otherwise what went wrong first is what the caller wants to know. */
static void undo(orm_db *db, unsigned level)
{
    char sql[64];
    struct orm_error kept = db->error;
    drop_hooks(db, level);
    db->owed = level + 1;
    db->is_broken = false;
    db->error.status = ORM_OK;
    if (db->driver->is_inside(db->conn)) {
        snprintf(sql, sizeof sql, level ? "ROLLBACK TO SAVEPOINT s%u" : "ROLLBACK", level);
        if (send(db, sql) && level) {
            snprintf(sql, sizeof sql, "RELEASE SAVEPOINT s%u", level);
            send(db, sql);
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
        undo(db, db->owed - 1);
    return db->owed == 0;
}

/* Begin and end are pairs: one that could not begin stands all the same, and nothing runs until it ends. */
static orm_status stand_in(orm_db *db)
{
    orm_fail(&db->error, ORM_TRANSACTION, "inside a transaction that could not begin");
    db->depth++;
    db->n_void++;
    db->is_broken = true;
    return db->error.status;
}

orm_status orm_begin(orm_db *db)
{
    ORM_GUARD(db, stand_in(db));
    char sql[32];
    snprintf(sql, sizeof sql, db->depth ? "SAVEPOINT s%u" : "BEGIN", db->depth);
    if (db->n_void || !orm_ready(db) || !orm_settle(db) || !orm_run_text(db, sql, true))
        return stand_in(db);
    db->depth++;
    return db->error.status;
}

bool orm_enter(orm_db *db)
{
    if (db->error.status != ORM_OK)
        return false;
    if (orm_begin(db) == ORM_OK)
        return true;
    orm_rollback(db);
    return false;
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
        undo(db, --db->depth);
    }
    return db->error.status;
}

orm_status orm_end(orm_db *db)
{
    ORM_GUARD(db, ORM_NOMEM);
    if (db->depth == 0) {
        orm_fail(&db->error, ORM_TRANSACTION, "orm_end() without orm_begin()");
        return db->error.status;
    }
    if (db->error.status != ORM_OK || db->is_broken)
        return orm_rollback(db);
    char sql[64];
    unsigned level = --db->depth;
    snprintf(sql, sizeof sql, level ? "RELEASE SAVEPOINT s%u" : "COMMIT", level);
    db->owed = level + 1;
    if (!send(db, sql)) {
        orm_name_violations(db); /* a deferred constraint */
        undo(db, level);
        return db->error.status;
    }
    db->owed = 0;
    if (level)
        raise_hooks(db, level);
    else
        run_hooks(db);
    return db->error.status;
}
