/* One execution of a statement, from its first step or call to its last row, and its way into the slot.
 *
 *     e->sql, e->connection, e->params… are set by the caller
 *     n1_execution_begin(self, e);           captures the stack, reads the clock
 *     n1_execution_row(e);                   for each row; then cells of the columns in e->want (cells.h)
 *     n1_execution_end(self, e, error);      one EXEC record
 *
 * Cells are hashed and staged in the slot (struct n1_stage), which has room for two executions of its thread: a cursor and
 * the child that runs while it is open. When an execution begins, what others have staged is written (OPEN and CELLS), so
 * that a parent's cells stand before its children in time; such an execution ends with END instead of EXEC. The same happens
 * when a stage is full or a third execution needs one. An execution that goes on in another thread takes its cells along.
 *
 * A result of more than a few rows is a scan: from then on a row is counted by n1_execution_scan_row() without entering the
 * recorder, until row_turn, and the integers that the program reads go into the window of its stage (window.h). Both touch
 * nothing but private memory, of an execution whose `scan` is the thread's own number: not one that another thread goes on
 * with, that has ended or that began before a fork.
 *
 * Owner: executions lie in the state of a statement or connection, in pool memory that is never unmapped, so that a
 * longjmp over a hook leaves nothing dangling. They must be ended before their memory is given back.
 */
#ifndef N1_PRELOAD_EXECUTION_H
#define N1_PRELOAD_EXECUTION_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/clock.h"
#include "preload/recorder/ring.h"
#include "preload/recorder/thread.h"
#include "preload/stacks/stack.h"
#include "trace/encode.h"

enum {
    N1_CELL_ROWS_ALL = 64,
    N1_CELL_ROWS_MAX = 65536,
    N1_CELL_BYTES_MAX = 64,
    N1_SCAN_FROM = 8 /* row from which on a result is a scan */
};

struct n1_execution {
    uint32_t generation; /* that it runs in; 0: not running */
    uint32_t stack, sql, connection;
    uint32_t n_bound, n_literals;
    const struct n1_encode_value *params; /* alive until it has ended */
    uint64_t start_tick;
    uint64_t rows;
    uint64_t columns; /* bit i: result column i may give cells */
    uint64_t keys;    /* … beyond the first N1_CELL_ROWS_ALL rows too */
    /* Nothing, as long as it does not run: want, scan, slot, stage, id, cells_row. */
    uint64_t want; /* columns of the current row whose cell is still wanted */
    uint64_t scan; /* n1_thread.scan of the thread that counts its rows; 0: none */
    /* of a scan: */
    uint64_t row_turn;       /* the row that has to be counted in full */
    uint64_t mask;           /* want of every row before it */
    uint64_t window;         /* rows before the window */
    const uintptr_t *places; /* by column: where its integers go (n1_window_row); 0: not into the window */
    struct n1_slot *slot;    /* whose thread it was last seen on */
    struct n1_stage *stage;  /* of that slot; its own while stage->owner says so */
    uint64_t id;             /* 0: no OPEN written */
    uint32_t cells_row;      /* row of the last cell written + 1 */
};

static inline bool n1_execution_is_running(const struct n1_execution *e)
{
    return e->generation != 0 && e->generation == atomic_load_explicit(&n1_live.generation, memory_order_relaxed);
}

static inline void n1_execution_begin(struct n1_thread *self, struct n1_execution *e);
void n1_execution_end(struct n1_thread *self, struct n1_execution *e, uint32_t error);

/* Before an execution begins: what others have staged stands before it, and a gap is said. False: the thread has no slot. */
bool n1_execution_clear_way(struct n1_thread *self);

/* Nothing stands in the way of an execution of this thread. */
static inline bool n1_execution_is_way_clear(const struct n1_thread *self)
{
    return self->slot && !self->lost && !self->slot->has_staged;
}

/* The last words of a begin: the path is known. */
static inline void n1_execution_start(struct n1_thread *self, struct n1_execution *e, uint32_t stack, uint64_t tick)
{
    e->stack = stack;
    e->rows = 0;
    if (N1_LIKELY(e->n_bound)) /* one word of 32 KiB, which the database will have thrown out of the cache */
        n1_encoder_expect(&self->slot->encoder, &e->params->value);
    e->generation = self->generation;
    e->start_tick = tick;
}

static inline void n1_execution_begin(struct n1_thread *self, struct n1_execution *e)
{
    e->generation = 0;
    if (N1_UNLIKELY(!n1_execution_is_way_clear(self)) && !n1_execution_clear_way(self))
        return;
    e->id = e->want = 0;
    e->cells_row = 0;
    e->slot = NULL; /* a stage is taken with the first cell: many executions give none */
    e->stage = NULL;
    n1_execution_start(self, e, N1_LIKELY(n1_process.has_stacks) ? n1_stack_capture() : 0, n1_clock_tick());
}

/* Writes the OPEN of a running execution that may never be heard of again. */
void n1_execution_keep(struct n1_thread *self, struct n1_execution *e);
/* Gives up one that began and is not to be recorded; no OPEN of it may have been written. */
void n1_execution_forget(struct n1_execution *e);

/* The columns that give cells in the current row (e->rows counts it). */
static inline uint64_t n1_execution_columns(const struct n1_execution *e)
{
    return e->rows <= N1_CELL_ROWS_ALL ? e->columns : e->rows <= N1_CELL_ROWS_MAX ? e->keys : 0;
}

static inline void n1_execution_row(struct n1_execution *e)
{
    e->rows++;
    e->want = n1_execution_columns(e);
}

/* Goes on with a scan in full: at its first row and at row_turn. By the thread that has just counted the row. */
void n1_execution_scan(struct n1_thread *self, struct n1_execution *e);

/* Of a thread that has entered the recorder before: its number is not 0. */
static inline bool n1_execution_is_scan(const struct n1_thread *self, const struct n1_execution *e)
{
    return e->scan == self->scan;
}

/* Counts a row of what was a scan of this thread's before the step. False: it has to be counted in full. */
static inline bool n1_execution_scan_row(struct n1_execution *e)
{
    if (N1_UNLIKELY(e->rows + 1 >= e->row_turn))
        return false;
    e->rows++;
    e->want = e->mask;
    return true;
}

/* ---- for cells.c and ring.c ---------------------------------------------------------------------------------------- */
/* Writes what the slot's stages hold and frees them for other executions. By the slot's owner only. */
void n1_execution_suspend(struct n1_slot *slot);
/* Where the integers of a column of this scan go; 0: they are staged one by one. */
uintptr_t n1_execution_place(struct n1_thread *self, struct n1_execution *e, uint32_t column);
/* A stage of this execution's own with room for one more cell and text_bytes; NULL: no slot. */
struct n1_stage *n1_execution_stage_new(struct n1_thread *self, struct n1_execution *e, uint32_t text_bytes);

static inline struct n1_stage *n1_execution_stage(struct n1_thread *self, struct n1_execution *e, uint32_t text_bytes)
{
    struct n1_stage *stage = e->stage;
    if (N1_LIKELY(e->slot == self->slot && stage && atomic_load_explicit(&stage->owner, memory_order_acquire) == e &&
                  stage->n_cells < N1_STAGED_CELLS && stage->text_bytes + text_bytes <= N1_STAGED_TEXT))
        return stage;
    return n1_execution_stage_new(self, e, text_bytes);
}

#endif
