/* Transactions: the outermost is one of the database, those inside are savepoints. A pending error makes orm_end() roll
 * back: the sticky error plays the part of Django's exception. */
#include <stdio.h>

#include "orm/session.h"

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
    if (!orm_send(db, sql)) {
        orm_name_violations(db); /* a deferred constraint */
        orm_undo(db, level);
        return db->error.status;
    }
    db->owed = 0;
    if (level)
        raise_hooks(db, level);
    else
        run_hooks(db);
    return db->error.status;
}
