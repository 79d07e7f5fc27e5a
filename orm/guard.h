/* Memory that runs out ends the call that the program made, not the process.
 *
 * Every public call that may allocate opens with ORM_GUARD(db, value). When an arena has nothing more to give, what the
 * call holds is let go (cursors that it opened are finished, transactions that it began are rolled back), the scope's
 * error becomes ORM_NOMEM, and the call returns the value at once: a jump, as PostgreSQL's palloc() and Lua's errors do
 * it. So nobody ever sees NULL from orm_alloc(), and no tree is half made.
 *
 *     int64_t orm_count(orm_qs *qs)
 *     {
 *         ORM_GUARD(qs->db, -1);
 *
 * Guards nest: the innermost catches, and the call around it sees a failed call like any other. A hook of the program is
 * never jumped over, because what it calls is guarded itself.
 *
 * Rules for what runs between guard and arena:
 *  - what outlives the call (scope, registry, rows, a driver's connection) is changed after the allocation, never half
 *    before and half behind it;
 *  - nothing but arenas and cursors is held across orm_alloc(): no malloc(), no client library's object;
 *  - a queryset that a public call gave may be the scope's failed one (session.h): it is looked at before it is written;
 *  - the arguments of a guarded function stay as they are: after the jump only they can be told. */
#ifndef ORM_GUARD_H
#define ORM_GUARD_H

#include <setjmp.h>

#include "orm/types.h"

struct orm_cursor;

struct orm_guard {
    jmp_buf caught;
    struct orm_guard *outer;
    orm_db *db;                 /* NULL: a row that never met a database; nothing is guarded */
    struct orm_cursor *cursors; /* those open when the call began; they stay */
    unsigned depth;             /* of transactions, at that time */
};

#define ORM_GUARD(db, value)                                                                                           \
    struct orm_guard guard_ __attribute__((cleanup(orm_guard_leave)));                                                 \
    if (setjmp(orm_guard_enter(&guard_, (db))->caught))                                                                \
    return value

struct orm_guard *orm_guard_enter(struct orm_guard *g, orm_db *db); /* returns g */
void orm_guard_leave(struct orm_guard *g);

#endif
