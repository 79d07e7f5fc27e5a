#include "orm/guard.h"

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
