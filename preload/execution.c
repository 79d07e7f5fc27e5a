#include "preload/execution.h"

#include <stdatomic.h>

#include "preload/cells.h"
#include "preload/clock.h"
#include "preload/stack.h"

static _Atomic uint64_t last_id;

static struct n1_encode_exec record_of(const struct n1_execution *e, uint32_t error)
{
    return (struct n1_encode_exec){.id = e->id,
                                   .sql = e->sql,
                                   .connection = e->connection,
                                   .stack = e->stack,
                                   .tick = n1_clock_tick(),
                                   .start_tick = e->start_tick,
                                   .rows = e->rows,
                                   .error = error,
                                   .n_bound = e->n_bound,
                                   .n_literals = e->n_literals,
                                   .params = e->params,
                                   .cells_row = e->cells_row};
}

typedef uint8_t *(*encode)(struct n1_encoder *, uint8_t *, const struct n1_encode_exec *);

static void write_record(struct n1_slot *slot, encode as, const struct n1_encode_exec *record)
{
    uint8_t *p = n1_slot_room(slot, n1_encode_exec_bound(record));
    if (!p) {
        n1_count(N1_LOST_EVENTS, 1);
        return;
    }
    n1_slot_commit(slot, as(&slot->encoder, p, record));
}

static void attach_cells(struct n1_slot *slot, struct n1_encode_exec *record)
{
    record->n_cells = n1_cells_finish(slot);
    record->cells = slot->cells;
}

static void write_open(struct n1_slot *slot, struct n1_execution *e)
{
    e->id = atomic_fetch_add_explicit(&last_id, 1, memory_order_relaxed) + 1;
    const struct n1_encode_exec record = record_of(e, 0);
    write_record(slot, n1_encode_open, &record);
}

/* The staged cells as a CELLS record; the area is empty afterwards. */
static void write_cells(struct n1_slot *slot, struct n1_execution *e)
{
    struct n1_encode_exec record = record_of(e, 0);
    if (slot->n_staged == 0)
        return;
    record.n_bound = record.n_literals = 0;
    attach_cells(slot, &record);
    write_record(slot, n1_encode_cells, &record);
    e->cells_row = record.cells[record.n_cells - 1].row + 1;
    slot->n_staged = slot->staged_bytes = 0;
}

void n1_execution_suspend(struct n1_slot *slot)
{
    n1_lock_take(&slot->lock);
    struct n1_execution *e = atomic_load_explicit(&slot->staged, memory_order_relaxed);
    if (e) {
        if (e->id == 0)
            write_open(slot, e);
        write_cells(slot, e);
        slot->n_staged = slot->staged_bytes = 0;
        atomic_store_explicit(&slot->staged, NULL, memory_order_release);
    }
    n1_lock_give(&slot->lock);
}

/* The execution goes on in this thread: what the other slot has staged for it comes along. */
static void take_along(struct n1_slot *slot, struct n1_execution *e)
{
    struct n1_slot *other = e->slot;
    n1_lock_take(&other->lock);
    if (atomic_load_explicit(&other->staged, memory_order_relaxed) == e) {
        slot->n_staged = other->n_staged;
        slot->staged_bytes = other->staged_bytes;
        memcpy(slot->stage, other->stage, other->staged_bytes);
        other->n_staged = other->staged_bytes = 0;
        atomic_store_explicit(&other->staged, NULL, memory_order_release);
    }
    n1_lock_give(&other->lock);
}

static void attach(struct n1_slot *slot, struct n1_execution *e)
{
    if (atomic_load_explicit(&slot->staged, memory_order_acquire) == e)
        return;
    if (atomic_load_explicit(&slot->staged, memory_order_acquire))
        n1_execution_suspend(slot);
    slot->n_staged = slot->staged_bytes = 0;
    if (e->slot && e->slot != slot)
        take_along(slot, e);
    e->slot = slot;
    atomic_store_explicit(&slot->staged, e, memory_order_release);
}

void n1_execution_begin(struct n1_thread *self, struct n1_execution *e)
{
    e->generation = 0;
    if (!self->slot) {
        n1_count(N1_LOST_EVENTS, 1);
        return;
    }
    e->id = e->rows = e->want = 0;
    e->cells_row = 0;
    e->slot = NULL;
    attach(self->slot, e);
    e->stack = n1_process.has_stacks ? n1_stack_capture() : 0;
    e->generation = self->generation;
    e->start_tick = n1_clock_tick();
}

void n1_execution_end(struct n1_thread *self, struct n1_execution *e, uint32_t error)
{
    struct n1_slot *slot = self->slot;
    e->generation = 0;
    e->want = 0;
    if (!slot) { /* began in a thread that had a slot, ends in one that has none */
        if (e->slot) {
            n1_lock_take(&e->slot->lock);
            if (atomic_load(&e->slot->staged) == e)
                atomic_store(&e->slot->staged, NULL);
            n1_lock_give(&e->slot->lock);
        }
        n1_count(N1_LOST_EVENTS, 1);
        return;
    }
    const bool is_staged = e->slot != slot || atomic_load_explicit(&slot->staged, memory_order_acquire) == e;
    if (is_staged)
        attach(slot, e);
    struct n1_encode_exec record = record_of(e, error);
    if (is_staged && slot->n_staged)
        attach_cells(slot, &record);
    if (e->id) {
        record.n_bound = record.n_literals = 0;
        write_record(slot, n1_encode_end, &record);
    } else {
        write_record(slot, n1_encode_exec, &record);
    }
    if (is_staged) {
        slot->n_staged = slot->staged_bytes = 0;
        atomic_store_explicit(&slot->staged, NULL, memory_order_release);
    }
    slot->statements++;
    if (N1_UNLIKELY(e->rows > N1_CELL_ROWS_MAX))
        n1_count(N1_CUT_CELLS, e->rows - N1_CELL_ROWS_MAX);
}

struct n1_slot *n1_execution_stage(struct n1_thread *self, struct n1_execution *e, uint32_t size_bytes)
{
    struct n1_slot *slot = self->slot;
    if (!slot)
        return NULL;
    if (N1_UNLIKELY(e->slot != slot || atomic_load_explicit(&slot->staged, memory_order_acquire) != e))
        attach(slot, e);
    if (N1_UNLIKELY(slot->n_staged == N1_STAGED_CELLS || slot->staged_bytes + size_bytes > N1_STAGED_BYTES)) {
        if (e->id == 0)
            write_open(slot, e);
        write_cells(slot, e);
    }
    return slot;
}
