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

orm_status orm_begin(orm_db *db)
{
    char sql[32];
    snprintf(sql, sizeof sql, db->depth ? "SAVEPOINT s%u" : "BEGIN", db->depth);
    if (orm_ready(db) && orm_run_text(db, sql, true))
        db->depth++;
    return db->error.status;
}

orm_status orm_rollback(orm_db *db)
{
    if (db->depth == 0) {
        orm_fail(&db->error, ORM_TRANSACTION, "orm_rollback() without orm_begin()");
        return db->error.status;
    }
    char sql[64];
    unsigned level = --db->depth;
    struct orm_error kept = db->error;
    db->error.status = ORM_OK;
    snprintf(sql, sizeof sql, level ? "ROLLBACK TO SAVEPOINT s%u" : "ROLLBACK", level);
    orm_run_text(db, sql, true);
    if (level) {
        snprintf(sql, sizeof sql, "RELEASE SAVEPOINT s%u", level);
        orm_run_text(db, sql, true);
    }
    if (kept.status != ORM_OK)
        db->error = kept; /* what went wrong first is what the caller wants to know */
    db->is_broken = false;
    drop_hooks(db, level);
    return db->error.status;
}

orm_status orm_end(orm_db *db)
{
    if (db->depth == 0) {
        orm_fail(&db->error, ORM_TRANSACTION, "orm_end() without orm_begin()");
        return db->error.status;
    }
    if (db->error.status != ORM_OK || db->is_broken)
        return orm_rollback(db);
    char sql[64];
    unsigned level = --db->depth;
    snprintf(sql, sizeof sql, level ? "RELEASE SAVEPOINT s%u" : "COMMIT", level);
    db->is_broken = false;
    if (!orm_run_text(db, sql, true)) {
        if (level == 0 && db->driver == &orm_driver_sqlite) { /* a deferred constraint keeps the transaction open */
            orm_name_violations(db);
            struct orm_error kept = db->error;
            orm_run_text(db, "ROLLBACK", true);
            db->error = kept;
        }
        drop_hooks(db, level);
    } else if (level) {
        raise_hooks(db, level);
    } else {
        run_hooks(db);
    }
    return db->error.status;
}
