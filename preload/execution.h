/* One execution of a statement, from its first step or call to its last row, and its way into the slot.
 *
 *     e->sql, e->connection, e->params… are set by the caller
 *     n1_execution_begin(self, e);           captures the stack, reads the clock
 *     n1_execution_row(e);                   for each row; then cells of the columns in e->want (cells.h)
 *     n1_execution_end(self, e, error);      one EXEC record
 *
 * Cells are staged raw in the slot and hashed when they are written. One execution at a time stands in a slot's staging area
 * (slot->staged). When another one begins or gets a cell on that thread, the one that stood there is suspended: OPEN and
 * CELLS are written, so that a parent's cells stand before its children in time; it then ends with END. The same happens
 * when the staging area is full. An execution that goes on in another thread takes its staged cells along.
 *
 * Owner: executions lie in the state of a statement or connection, in pool memory that is never unmapped, so that a
 * longjmp over a hook leaves nothing dangling. They must be ended before their memory is given back.
 */
#ifndef N1_PRELOAD_EXECUTION_H
#define N1_PRELOAD_EXECUTION_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/ring.h"
#include "preload/thread.h"
#include "trace/encode.h"

enum { N1_CELL_ROWS_ALL = 64, N1_CELL_ROWS_MAX = 65536, N1_CELL_BYTES_MAX = 64 };

struct n1_execution {
    uint32_t generation; /* that it runs in; 0: not running */
    uint32_t sql, connection, stack;
    uint32_t n_bound, n_literals;
    uint32_t cells_row;                   /* row of the last cell written + 1 */
    const struct n1_encode_value *params; /* alive until it has ended */
    struct n1_slot *slot;                 /* whose thread it was last seen on */
    uint64_t id;                          /* 0: no OPEN written */
    uint64_t start_tick;
    uint64_t rows;
    uint64_t columns; /* bit i: result column i may give cells */
    uint64_t keys;    /* … beyond the first N1_CELL_ROWS_ALL rows too */
    uint64_t want;    /* columns of the current row whose cell is still wanted */
};

static inline bool n1_execution_is_running(const struct n1_execution *e)
{
    return e->generation != 0 && e->generation == n1_thread_self.generation;
}

void n1_execution_begin(struct n1_thread *self, struct n1_execution *e);
void n1_execution_end(struct n1_thread *self, struct n1_execution *e, uint32_t error);

static inline void n1_execution_row(struct n1_execution *e)
{
    const uint64_t row = e->rows++;
    e->want = row < N1_CELL_ROWS_ALL ? e->columns : row < N1_CELL_ROWS_MAX ? e->keys : 0;
}

/* ---- for cells.c and ring.c ---------------------------------------------------------------------------------------- */
/* Writes what the slot's staging area holds and frees it for another execution. By the slot's owner only. */
void n1_execution_suspend(struct n1_slot *slot);
/* Makes the staging area this execution's own, with room for size_bytes and one more cell. Returns it, or NULL. */
struct n1_slot *n1_execution_stage(struct n1_thread *self, struct n1_execution *e, uint32_t size_bytes);

#endif
