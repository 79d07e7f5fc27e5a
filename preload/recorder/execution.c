#include "preload/recorder/execution.h"

#include <stdatomic.h>

#include "preload/recorder/cells.h"
#include "trace/encode_put.h"

static _Atomic uint64_t last_id;

static N1_COLD uint32_t texts_of_params(const struct n1_execution *e)
{
    uint32_t bytes = 0;
    for (uint32_t i = 0; i < e->n_bound + e->n_literals; i++)
        bytes += e->params[i].text_bytes;
    return bytes;
}

static inline struct n1_encode_exec record_of(const struct n1_execution *e, uint32_t error)
{
    return (struct n1_encode_exec){.id = e->id,
                                   .text_bytes = N1_UNLIKELY(n1_process.has_values) ? texts_of_params(e) : 0,
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

static inline void write_record(struct n1_slot *slot, encode as, const struct n1_encode_exec *record)
{
    uint8_t *p = n1_slot_room(slot, n1_encode_exec_bound(record));
    if (!p) {
        n1_count(N1_LOST_EVENTS, 1);
        return;
    }
    n1_slot_commit(slot, as(&slot->encoder, p, record));
}

static const uintptr_t no_places[N1_COLUMNS_MAX];

static inline void empty(struct n1_stage *stage)
{
    stage->n_cells = stage->text_bytes = 0;
    stage->window.runs = (struct n1_encode_runs){.bytes = stage->window.room->run_bytes};
}

static inline void close_window(struct n1_stage *stage, struct n1_execution *e)
{
    if (N1_UNLIKELY(stage->window.n_places))
        n1_window_close(stage, e);
}

/* The stage is closed, and what it held is written or taken along. */
static inline void disown(struct n1_stage *stage, struct n1_execution *e)
{
    e->places = no_places;
    if (stage->window.n_places)
        n1_window_open(&stage->window, N1_WINDOW_ROWS_MIN);
    empty(stage);
    atomic_store_explicit(&stage->owner, NULL, memory_order_release);
}

/* Of an execution whose parameters are about to be written. */
static N1_COLD void count_lost_values(const struct n1_execution *e)
{
    uint64_t lost = 0;
    for (uint32_t i = 0; i < e->n_bound + e->n_literals; i++)
        lost += n1_encode_lacks_text(&e->params[i]) ? 1 : 0;
    if (lost)
        n1_count(N1_LOST_VALUES, lost);
}

static void write_open(struct n1_slot *slot, struct n1_execution *e)
{
    e->id = atomic_fetch_add_explicit(&last_id, 1, memory_order_relaxed) + 1;
    const struct n1_encode_exec record = record_of(e, 0);
    if (N1_UNLIKELY(n1_process.has_values))
        count_lost_values(e);
    write_record(slot, n1_encode_open, &record);
}

static void attach_cells(struct n1_encode_exec *record, const struct n1_stage *stage)
{
    record->n_cells = stage->n_cells;
    record->cells = stage->cell;
    record->runs = &stage->window.runs;
    record->text_bytes += stage->text_bytes;
}

/* Writes what the stage holds; it is empty afterwards and stays its owner's. */
static void flush(struct n1_slot *slot, struct n1_stage *stage, struct n1_execution *e)
{
    if (e->id == 0)
        write_open(slot, e);
    close_window(stage, e);
    if (stage->n_cells || stage->window.runs.n_runs) {
        struct n1_encode_exec record = record_of(e, 0);
        record.n_bound = record.n_literals = 0;
        attach_cells(&record, stage);
        write_record(slot, n1_encode_cells, &record);
        if (stage->n_cells)
            e->cells_row = stage->cell[stage->n_cells - 1].row + 1;
    }
    empty(stage);
}

/* The lock keeps an execution that another thread takes along right now in one hand. */
static void flush_locked(struct n1_slot *slot, struct n1_stage *stage, bool is_freed)
{
    n1_lock_take(&slot->lock);
    struct n1_execution *e = atomic_load_explicit(&stage->owner, memory_order_relaxed);
    if (e) {
        flush(slot, stage, e);
        if (is_freed)
            disown(stage, e);
    }
    n1_lock_give(&slot->lock);
}

void n1_execution_suspend(struct n1_slot *slot)
{
    for (int i = 0; i < N1_STAGES; i++)
        flush_locked(slot, &slot->stage[i], true);
}

/* A stage that nobody owns; if there is none, that of the execution that began first is freed. */
static struct n1_stage *free_stage(struct n1_slot *slot)
{
    struct n1_stage *oldest = NULL;
    uint64_t oldest_tick = UINT64_MAX;
    for (int i = 0; i < N1_STAGES; i++) {
        const struct n1_execution *e = atomic_load_explicit(&slot->stage[i].owner, memory_order_acquire);
        if (!e)
            return &slot->stage[i];
        if (e->start_tick < oldest_tick) {
            oldest = &slot->stage[i];
            oldest_tick = e->start_tick;
        }
    }
    if (!oldest)
        oldest = &slot->stage[0];
    flush_locked(slot, oldest, true);
    return oldest;
}

static void take_along(struct n1_stage *to, struct n1_execution *e)
{
    struct n1_stage *from = e->stage;
    n1_lock_take(&e->slot->lock);
    if (from && atomic_load_explicit(&from->owner, memory_order_relaxed) == e) {
        close_window(from, e);
        const struct n1_encode_runs *runs = &from->window.runs;
        memcpy(to->window.room->run_bytes, runs->bytes, runs->size_bytes);
        to->window.runs = *runs;
        to->window.runs.bytes = to->window.room->run_bytes;
        memcpy(to->cell, from->cell, from->n_cells * sizeof *from->cell);
        memcpy(to->text, from->text, from->text_bytes);
        for (uint32_t i = 0; i < from->n_cells; i++)
            if (to->cell[i].value.text)
                to->cell[i].value.text = to->text + (from->cell[i].value.text - from->text);
        to->n_cells = from->n_cells;
        to->text_bytes = from->text_bytes;
        disown(from, e);
    }
    n1_lock_give(&e->slot->lock);
}

/* Longer where few columns give cells: neighbours are told by seeds, as long as they stand in one window. */
static uint32_t window_rows(const struct n1_execution *e)
{
    const uint32_t columns = (uint32_t)__builtin_popcountll(n1_execution_columns(e));
    uint32_t rows = N1_WINDOW_ROWS_MAX;
    while (rows > N1_WINDOW_ROWS_MIN && rows * columns > N1_WINDOW_VALUES)
        rows /= 2;
    return rows;
}

/* Up to what row of a window of so many rows it may be counted in passing, and what is wanted of each. */
static void turn(struct n1_execution *e, uint32_t rows)
{
    const uint64_t last = e->rows <= N1_CELL_ROWS_ALL   ? N1_CELL_ROWS_ALL
                          : e->rows <= N1_CELL_ROWS_MAX ? N1_CELL_ROWS_MAX
                                                        : UINT64_MAX - 1;
    e->row_turn = (last - e->window > rows ? e->window + rows : last) + 1;
    e->mask = n1_execution_columns(e);
}

/* The same, and the current row stands first. */
static void aim(struct n1_execution *e, uint32_t rows)
{
    e->window = e->rows - 1;
    turn(e, rows);
}

static void open_window(struct n1_stage *stage, struct n1_execution *e)
{
    n1_window_open(&stage->window, window_rows(e));
    e->places = stage->window.room->place;
    aim(e, stage->window.rows);
}

static bool is_attached(const struct n1_slot *slot, const struct n1_execution *e)
{
    return e->slot == slot && e->stage && atomic_load_explicit(&e->stage->owner, memory_order_acquire) == e;
}

/* The stage is empty and nobody's. */
static inline void own(struct n1_slot *slot, struct n1_stage *stage, struct n1_execution *e)
{
    e->slot = slot;
    e->stage = stage;
    slot->has_staged = 1;
    atomic_store_explicit(&stage->owner, e, memory_order_release);
}

static struct n1_stage *attach(const struct n1_thread *self, struct n1_execution *e)
{
    struct n1_slot *slot = self->slot;
    if (!n1_execution_is_scan(self, e))
        e->scan = 0; /* another thread's */
    if (is_attached(slot, e))
        return e->stage;
    struct n1_stage *stage = free_stage(slot);
    empty(stage);
    if (e->slot && e->slot != slot)
        take_along(stage, e);
    if (n1_execution_is_scan(self, e))
        open_window(stage, e);
    own(slot, stage, e);
    return stage;
}

/* What other executions have staged stands before the one that begins. */
static void write_others(struct n1_slot *slot)
{
    slot->has_staged = 0;
    for (int i = 0; i < N1_STAGES; i++) {
        const struct n1_execution *e = atomic_load_explicit(&slot->stage[i].owner, memory_order_acquire);
        slot->has_staged |= e != NULL;
        if (e && (e->id == 0 || slot->stage[i].n_cells || slot->stage[i].window.n_places))
            flush_locked(slot, &slot->stage[i], false);
    }
}

/* The thread has a slot again, or room: where its gap lies is said in the stream of its events. */
static N1_COLD void write_lost(struct n1_thread *self)
{
    struct n1_slot *slot = self->slot;
    uint8_t *p = n1_slot_room(slot, N1_ENCODE_SMALL_BOUND);
    if (p)
        n1_slot_commit(slot, n1_encode_lost(&slot->encoder, p, n1_clock_tick(), self->lost));
    self->lost = 0;
}

bool n1_execution_clear_way(struct n1_thread *self)
{
    if (!self->slot) {
        n1_thread_lose(self);
        return false;
    }
    if (self->lost)
        write_lost(self);
    if (self->slot->has_staged)
        write_others(self->slot);
    return true;
}

N1_COLD void n1_execution_keep(struct n1_thread *self, struct n1_execution *e)
{
    if (e->id == 0 && self->slot && (!e->slot || e->slot == self->slot))
        write_open(self->slot, e);
}

static void forget_all(struct n1_execution *e)
{
    e->generation = e->cells_row = 0;
    e->id = e->want = e->scan = 0;
    e->slot = NULL;
    e->stage = NULL;
}

N1_COLD void n1_execution_forget(struct n1_execution *e)
{
    struct n1_slot *slot = e->slot;
    if (slot) {
        n1_lock_take(&slot->lock);
        if (is_attached(slot, e)) {
            close_window(e->stage, e);
            disown(e->stage, e);
        }
        n1_lock_give(&slot->lock);
    }
    forget_all(e);
}

/* The end of an execution that has more to it than parameters: cells, an OPEN, an error, real values; or the thread has no
 * slot. */
static __attribute__((noinline)) void end_in_full(struct n1_thread *self, struct n1_execution *e, uint32_t error)
{
    struct n1_slot *slot = self->slot;
    if (N1_UNLIKELY(!slot)) {
        n1_execution_forget(e); /* its slot or its end has no place in the recording */
        n1_thread_lose(self);
        return;
    }
    if (N1_UNLIKELY(e->slot && e->slot != slot))
        attach(self, e);
    struct n1_encode_exec record = record_of(e, error);
    const bool has_stage = e->stage && is_attached(slot, e);
    if (has_stage) {
        close_window(e->stage, e);
        attach_cells(&record, e->stage);
    }
    if (e->id == 0) {
        if (N1_UNLIKELY(n1_process.has_values))
            count_lost_values(e);
        write_record(slot, n1_encode_exec, &record);
    } else {
        record.n_bound = record.n_literals = 0;
        write_record(slot, n1_encode_end, &record);
    }
    if (has_stage) {
        disown(e->stage, e);
        slot->has_staged = slot->stage[0].owner || slot->stage[1].owner;
    }
    forget_all(e);
    slot->statements++;
    if (N1_UNLIKELY(e->rows > N1_CELL_ROWS_MAX))
        n1_count(N1_CUT_CELLS, e->rows - N1_CELL_ROWS_MAX);
}

enum {
    USUAL_BOUND =
        N1_ENCODE_HEAD_MAX + 2 * N1_PARAMS_MAX * N1_ENCODE_VALUE_MAX + N1_ENCODE_FEW_CELLS * N1_ENCODE_CELL_MAX
};
_Static_assert(USUAL_BOUND < N1_SLOT_BYTES / 16, "there is room for many");

/* It has its cells in a stage of this slot: a few, and no integers that wait in a window or in runs. */
static __attribute__((noinline)) bool has_few_cells(const struct n1_slot *slot, const struct n1_execution *e)
{
    const struct n1_stage *stage = e->stage;
    return e->slot == slot && stage && atomic_load_explicit(&stage->owner, memory_order_acquire) == e &&
           (stage->window.n_places | stage->window.runs.n_runs) == 0 && stage->n_cells - 1 < N1_ENCODE_FEW_CELLS;
}

/* Writes them behind the record, whose head stands at the slot's end, and gives the stage back as disown() does. */
static N1_HOT __attribute__((noinline)) uint8_t *end_cells(struct n1_slot *slot, struct n1_execution *e, uint8_t *p)
{
    struct n1_stage *stage = e->stage;
    p = n1_encode_put_few_cells(&slot->encoder, p, slot->bytes + slot->used, stage->cell, stage->n_cells);
    stage->n_cells = 0;
    e->slot = NULL;
    e->stage = NULL;
    e->places = no_places;
    atomic_store_explicit(&stage->owner, NULL, memory_order_release);
    slot->has_staged = slot->stage[0].owner || slot->stage[1].owner;
    return p;
}

N1_WAY("16") void n1_execution_end(struct n1_thread *self, struct n1_execution *e, uint32_t error)
{
    struct n1_slot *slot = self->slot;
    if (N1_UNLIKELY(!slot || (e->id | error) || !n1_process.is_usual || slot->used > N1_SLOT_BYTES - USUAL_BOUND ||
                    (e->slot && !has_few_cells(slot, e)))) {
        end_in_full(self, e, error);
        return;
    }
    _Static_assert(offsetof(struct n1_execution, connection) == offsetof(struct n1_execution, sql) + sizeof e->sql &&
                       offsetof(struct n1_execution, n_literals) ==
                           offsetof(struct n1_execution, n_bound) + sizeof e->n_bound,
                   "side by side");
    const struct n1_encode_usual record = {.tick = n1_clock_tick_tsc(),
                                           .start_tick = e->start_tick,
                                           .rows = e->rows,
                                           .place = n1_encode_both(&e->sql),
                                           .counts = n1_encode_both(&e->n_bound),
                                           .stack = e->stack,
                                           .params = e->params};
    uint8_t *end = n1_encode_put_usual(&slot->encoder, slot->bytes + slot->used, &record);
    if (N1_UNLIKELY(!end)) {
        end_in_full(self, e, error);
        return;
    }
    if (e->slot)
        end = end_cells(slot, e, end);
    n1_slot_commit(slot, end);
    slot->statements++;
    e->generation = 0;
    e->want = e->scan = 0;
}

static N1_COLD struct n1_stage *stage_any(struct n1_thread *self, struct n1_execution *e, uint32_t text_bytes)
{
    struct n1_stage *stage = attach(self, e);
    if (stage->n_cells == N1_STAGED_CELLS || stage->text_bytes + text_bytes > N1_STAGED_TEXT)
        flush(self->slot, stage, e);
    return stage;
}

/* The usual case: an execution that has none takes the first one. */
N1_HOT struct n1_stage *n1_execution_stage_new(struct n1_thread *self, struct n1_execution *e, uint32_t text_bytes)
{
    struct n1_slot *slot = self->slot;
    if (N1_UNLIKELY(!slot))
        return NULL;
    struct n1_stage *stage = &slot->stage[0];
    if (N1_UNLIKELY(e->slot || e->scan || atomic_load_explicit(&stage->owner, memory_order_acquire)))
        return stage_any(self, e, text_bytes);
    empty(stage);
    own(slot, stage, e);
    return stage;
}

uintptr_t n1_execution_place(struct n1_thread *self, struct n1_execution *e, uint32_t column)
{
    struct n1_stage *stage = n1_execution_is_scan(self, e) ? n1_execution_stage(self, e, 0) : NULL;
    if (!stage)
        return 0;
    struct n1_window *window = &stage->window;
    if (!window->room->place[column] && !n1_window_add(window, column, e->window))
        return 0;
    return window->room->place[column];
}

void n1_execution_scan(struct n1_thread *self, struct n1_execution *e)
{
    struct n1_slot *slot = self->slot;
    if (!slot || (n1_execution_is_scan(self, e) && e->rows < e->row_turn))
        return;
    const bool is_first = !n1_execution_is_scan(self, e);
    e->scan = self->scan;
    if (is_first)
        e->places = no_places;
    if (e->slot && e->slot != slot)
        attach(self, e);
    if (!is_attached(slot, e)) {
        aim(e, N1_WINDOW_ROWS_MAX);
        return;
    }
    struct n1_window *window = &e->stage->window;
    const bool is_same = e->places != no_places && window->rows == window_rows(e);
    if (is_same && e->rows - e->window <= window->rows) { /* fewer columns from here on: they go on */
        n1_window_keep(e->stage, e, n1_execution_columns(e));
        turn(e, window->rows);
        return;
    }
    close_window(e->stage, e);
    if (is_same)
        aim(e, window->rows);
    else
        open_window(e->stage, e);
    if (window->runs.size_bytes > N1_WINDOW_RUNS_FULL)
        flush_locked(slot, e->stage, false);
}
