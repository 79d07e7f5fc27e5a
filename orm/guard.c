#include "orm/guard.h"

#include <stdlib.h>

#include "orm/session.h"

struct orm_guard *orm_guard_enter(struct orm_guard *g, orm_db *db)
{
    g->db = db;
    if (db) {
        g->outer = db->guard;
        g->cursors = db->cursors;
        g->depth = db->depth;
        db->guard = g;
    }
    return g;
}

void orm_guard_leave(struct orm_guard *g)
{
    if (g->db)
        g->db->guard = g->outer;
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
