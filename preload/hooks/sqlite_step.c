/* sqlite3_step, reset, finalize: the life of an execution. The first step after prepare, reset or the last row begins it;
 * DONE, an error, reset or finalize ends it. */
#include "preload/hooks/sqlite.h"
#include "preload/recorder/cells.h"
#include "preload/stacks/stack_entry.h"

static N1_COLD void describe(struct n1_statement *st, sqlite3_stmt *statement)
{
    struct n1_sqlite_columns columns = {st->provider, statement};
    const int count = N1_REAL(st->provider, sqlite3_column_count)(statement);
    n1_cells_describe(&st->execution, (uint32_t)count, n1_sqlite_read_column, &columns);
    st->is_described = true;
}

static N1_COLD void failed(struct n1_thread *self, struct n1_statement *st, sqlite3_stmt *statement, int rc)
{
    sqlite3 *db = N1_REAL(st->provider, sqlite3_db_handle)(statement);
    n1_execution_end(self, &st->execution, n1_sqlite_error(st->provider, db, rc));
}

/* PHP's class SQLite3 runs a statement by a step and a reset at once, and steps again when rows are fetched: two runs for the
 * engine, one for the program. So a reset right after the first row, of which nothing was read, keeps the execution open
 * (its OPEN is written, in case that nothing follows). If the next call is a step from another place, it goes on; if
 * it is a step from the same place, it was a loop that only asks whether there is a row, and anything else (bind, clear,
 * finalize, reset) ends it too. Without a row the execution has ended, and the second run is not recorded when it
 * finds none either. Statements that write are never merged. */
static N1_COLD void peek(struct n1_thread *self, struct n1_statement *st)
{
    struct n1_execution *e = &st->execution;
    if (e->rows == 1 && e->columns && e->want == e->columns) {
        n1_execution_keep(self, e);
        n1_sqlite_statement_set_peek(st, N1_PEEK_ROW);
    }
}

static N1_COLD void step_after_peek(struct n1_thread *self, struct n1_statement *st, const void *caller)
{
    if (st->peek == N1_PEEK_ROW && caller != st->stepped_by && n1_execution_is_running(&st->execution)) {
        n1_sqlite_statement_set_peek(st, N1_PEEK_NONE);
        st->stepped_by = NULL; /* not twice */
        st->execution.rows = st->execution.want = 0;
        return;
    }
    const bool is_second = st->peek == N1_PEEK_EMPTY && caller != st->stepped_by;
    n1_sqlite_statement_unpeek(self, st);
    n1_sqlite_statement_set_peek(st, is_second ? N1_PEEK_EMPTY : N1_PEEK_NONE);
}

static void count_loss(sqlite3_stmt *statement, const struct n1_provider *provider)
{
    if (!(N1_HAS(provider, sqlite3_stmt_busy) && N1_REAL(provider, sqlite3_stmt_busy)(statement)))
        n1_thread_lose(&n1_thread_self); /* an execution is lost once, with the step that begins it */
}

typedef int real_step(sqlite3_stmt *);

/* A step that has begun and not returned. */
struct step {
    sqlite3_stmt *statement;
    struct n1_statement *st; /* NULL: nothing of it is recorded */
    uint32_t depth;          /* of the thread, outside of it */
    struct n1_unwind_entry entry;
};
_Static_assert(sizeof(struct step) == sizeof(struct n1_stack_around) &&
                   offsetof(struct step, entry) == offsetof(struct n1_stack_around, entry),
               "what lies on the stack");

/* Of a copy of the library that has no such function, or of none. */
static int no_step(sqlite3_stmt *statement)
{
    (void)statement;
    return SQLITE_ERROR;
}

/* A call that is passed on: the library's own, or one that finds the recorder off or busy (a signal handler in it: lost). */
static N1_COLD real_step *begin_unseen(struct step *step, const struct n1_provider *provider, bool is_lost)
{
    step->depth = n1_thread_self.depth;
    if (!provider)
        return no_step;
    if (is_lost)
        count_loss(step->statement, provider);
    return N1_REAL(provider, sqlite3_step);
}

/* A call that finds no room. What the library calls inside is its own, as ever. */
static N1_COLD real_step *begin_lost(struct n1_thread *self, struct step *step, const struct n1_provider *provider)
{
    count_loss(step->statement, provider);
    step->depth = n1_thread_call_at(self, &step->entry);
    return N1_REAL(provider, sqlite3_step);
}

/* Steps of statements that we do not know are the library's own when its code calls: blobs, serialized databases. */
static bool is_programs(struct n1_thread *self, const struct n1_provider *provider, const void *caller)
{
    const bool is_outside = (uintptr_t)caller - provider->code >= provider->code_bytes;
    return !n1_call_is_inner(self, provider, caller) && (is_outside || self->script_depth);
}

static inline void finished(struct n1_thread *self, struct n1_statement *st)
{
    struct n1_execution *e = &st->execution;
    if (N1_UNLIKELY(st->peek && e->rows == 0 && e->id == 0)) {
        n1_execution_forget(e);
        st->stepped_by = NULL;
    } else {
        n1_execution_end(self, e, 0);
    }
}

/* The rows of a scan are counted without being entered, but only in calls that cannot be the library's own: not from
 * within another call, and not by a library that the program's code is part of. */
static inline void row(struct n1_thread *self, struct n1_statement *st, sqlite3_stmt *statement)
{
    struct n1_execution *e = &st->execution;
    if (N1_UNLIKELY(!st->is_described))
        describe(st, statement);
    n1_execution_row(e);
    if (N1_UNLIKELY(e->rows >= N1_SCAN_FROM) && !st->peek && !st->provider->is_embedded)
        n1_execution_scan(self, e);
}

static __attribute__((noinline)) void stepped(struct n1_thread *self, struct n1_statement *st, sqlite3_stmt *statement,
                                              int rc)
{
    if (!n1_execution_is_running(&st->execution))
        return;
    if (N1_LIKELY(rc == SQLITE_ROW))
        row(self, st, statement);
    else if (N1_LIKELY(rc == SQLITE_DONE))
        finished(self, st);
    else
        failed(self, st, statement, rc);
    if (N1_UNLIKELY(st->peek))
        n1_sqlite_statement_set_peek(st, N1_PEEK_NONE);
}

static __attribute__((noinline)) int scan_stepped(struct n1_statement *st, int rc)
{
    struct n1_thread *self = n1_thread_enter();
    if (self) {
        stepped(self, st, (sqlite3_stmt *)(uintptr_t)st->handle, rc);
        n1_thread_leave(self);
    }
    return rc;
}

/* Any step. */
static __attribute__((noinline)) real_step *begin_any(sqlite3_stmt *statement, const void *caller, struct step *step)
{
    struct n1_thread *self = n1_thread_enter();
    step->statement = statement;
    step->st = NULL;
    if (!self) /* busy: a signal handler inside the recorder */
        return begin_unseen(step, n1_sqlite_provider(statement, caller), statement && n1_thread_self.is_busy);
    n1_thread_forget_left(self, &step->entry);
    struct n1_statement *st = n1_sqlite_statement(self, statement);
    if (!st || n1_call_is_inner(self, st->provider, caller)) {
        const struct n1_provider *provider = st ? st->provider : n1_sqlite_provider(statement, caller);
        const bool is_lost = !st && statement && provider && is_programs(self, provider, caller);
        if (!is_lost) {
            n1_thread_leave(self);
            return begin_unseen(step, provider, false);
        }
        st = n1_sqlite_statement_adopt(self, provider, statement);
        if (!st)
            return begin_lost(self, step, provider);
    }
    struct n1_execution *e = &st->execution;
    if (N1_UNLIKELY(st->peek))
        step_after_peek(self, st, caller);
    if (!n1_execution_is_running(e)) {
        if (N1_UNLIKELY(!self->slot))
            return begin_lost(self, step, st->provider);
        n1_execution_begin(self, e);
        st->stepped_by = caller;
    }
    step->st = st;
    step->depth = n1_thread_call_at(self, &step->entry);
    return N1_REAL(st->provider, sqlite3_step);
}

/* It may have ended in a call that the library made back to the program, or be in a child that was forked there. */
static N1_WAY("15") __attribute__((noinline)) int ended(struct n1_statement *st, int rc)
{
    struct n1_thread *self = &n1_thread_self;
    if (N1_UNLIKELY(!n1_execution_is_running(&st->execution)))
        return rc;
    self->is_busy = 1;
    atomic_signal_fence(memory_order_seq_cst);
    if (N1_LIKELY(rc == SQLITE_DONE && st->is_plain))
        n1_execution_end(self, &st->execution, 0);
    else
        stepped(self, st, (sqlite3_stmt *)(uintptr_t)st->handle, rc);
    n1_thread_leave(self);
    return rc;
}

/* One of the first rows of a plain statement. */
static inline bool is_usual_row(const struct n1_statement *st, int rc)
{
    const struct n1_execution *e = &st->execution;
    return rc == SQLITE_ROW && st->is_described && st->is_plain && e->rows + 1 < N1_SCAN_FROM &&
           n1_execution_is_running(e);
}

/* The first step of an execution, or any of a statement that is not plain (st is NULL then). */
real_step *n1_sqlite_step_begins(sqlite3_stmt *statement, const void *caller, struct n1_statement *st,
                                 struct step *step) __attribute__((used, visibility("hidden")));
int n1_sqlite_step_ended(int rc, const struct step *step) __attribute__((used, visibility("hidden")));
int n1_sqlite_step(sqlite3_stmt *statement, const void *caller, struct n1_statement *st);
N1_STACK_AROUND(n1_sqlite_step, "11", n1_sqlite_step_begins, n1_sqlite_step_ended);

N1_WAY("12")
real_step *n1_sqlite_step_begins(sqlite3_stmt *statement, const void *caller, struct n1_statement *st,
                                 struct step *step)
{
    struct n1_thread *self = &n1_thread_self;
    if (N1_UNLIKELY(!st || !self->slot))
        return begin_any(statement, caller, step);
    self->is_busy = 1;
    atomic_signal_fence(memory_order_seq_cst);
    if (N1_UNLIKELY(!n1_execution_is_way_clear(self)))
        n1_execution_clear_way(self);
    step->statement = statement;
    step->st = st;
    step->depth = 0;
    st->stepped_by = caller;
    const uint32_t stack = n1_stack_at(&step->entry);
    n1_execution_start(self, &st->execution, stack, n1_clock_tick_tsc());
    self->call_frame = &step->entry;
    self->depth = 1;
    n1_thread_leave(self);
    return N1_REAL(st->provider, sqlite3_step);
}

N1_WAY("13") int n1_sqlite_step_ended(int rc, const struct step *step)
{
    struct n1_statement *st = step->st;
    n1_thread_self.depth = step->depth;
    if (N1_UNLIKELY(!st))
        return rc;
    if (N1_UNLIKELY(!is_usual_row(st, rc)))
        return ended(st, rc);
    n1_execution_row(&st->execution);
    return SQLITE_ROW;
}

/* A further one of a plain statement: nothing is captured, so no entry is needed. */
static N1_WAY("14") __attribute__((noinline)) int go_on(sqlite3_stmt *statement, struct n1_statement *st)
{
    struct n1_thread *self = &n1_thread_self;
    const char *frame = __builtin_frame_address(0); /* of the same depth as an entry: two words below the caller's */
    self->call_frame = frame + 2 * sizeof(void *) - sizeof(struct n1_unwind_entry);
    self->depth = 1;
    atomic_signal_fence(memory_order_seq_cst);
    const int rc = N1_REAL(st->provider, sqlite3_step)(statement);
    self->depth = 0;
    if (!is_usual_row(st, rc))
        return ended(st, rc);
    n1_execution_row(&st->execution);
    return SQLITE_ROW;
}

static N1_ROW __attribute__((noinline)) int scan(sqlite3_stmt *statement, struct n1_statement *st)
{
    const int rc = N1_REAL(st->provider, sqlite3_step)(statement);
    if (N1_LIKELY(rc == SQLITE_ROW) && n1_execution_scan_row(&st->execution))
        return SQLITE_ROW;
    return scan_stepped(st, rc);
}

static inline int step(struct n1_thread *self, struct n1_statement *st, sqlite3_stmt *statement, const void *caller)
{
    const uint32_t generation = st->execution.generation;
    if (N1_UNLIKELY(!n1_thread_is_outside(self)))
        return n1_sqlite_step(statement, caller, NULL);
    if (n1_execution_is_scan(self, &st->execution))
        return scan(statement, st);
    if (N1_UNLIKELY(!st->is_plain || !n1_thread_is_recording(self)))
        return n1_sqlite_step(statement, caller, NULL);
    if (generation == 0)
        return n1_sqlite_step(statement, caller, st);
    return N1_LIKELY(generation == self->generation) ? go_on(statement, st) : n1_sqlite_step(statement, caller, NULL);
}

/* Of another statement than the last one. */
static N1_HOT __attribute__((noinline)) int step_other(sqlite3_stmt *statement, const void *caller)
{
    struct n1_thread *self = &n1_thread_self;
    return step(self, n1_sqlite_recent(self, statement), statement, caller);
}

N1_EXPORT N1_WAY("10") int sqlite3_step(sqlite3_stmt *statement)
{
    struct n1_thread *self = &n1_thread_self;
    struct n1_statement *st = self->last_statement;
    const void *caller = __builtin_return_address(0);
    return N1_LIKELY(st->handle == statement) ? step(self, st, statement, caller) : step_other(statement, caller);
}

/* A reset ends what runs, unless it may have been a peek. */
static void stop(struct n1_thread *self, struct n1_statement *st)
{
    struct n1_execution *e = &st->execution;
    if (N1_UNLIKELY(st->peek)) {
        n1_sqlite_statement_unpeek(self, st);
    } else if (n1_execution_is_running(e)) {
        if (e->rows == 1 && st->stepped_by)
            peek(self, st);
        if (!st->peek)
            n1_execution_end(self, e, 0);
    } else if (e->rows == 0 && st->stepped_by && st->is_read_only) {
        n1_sqlite_statement_set_peek(st, N1_PEEK_EMPTY);
    }
}

static N1_COLD int reset_any(sqlite3_stmt *statement, const void *caller)
{
    struct n1_thread *self = n1_thread_enter();
    struct n1_statement *st = self ? n1_sqlite_statement(self, statement) : NULL;
    const struct n1_provider *provider = st ? st->provider : n1_sqlite_provider(statement, caller);
    uint32_t depth = 0;
    /* A step that finds the schema changed prepares anew and resets by itself: the execution goes on. */
    if (st && !n1_call_is_inner(self, st->provider, caller))
        stop(self, st);
    if (self)
        depth = n1_thread_call(self);
    const int rc = provider ? N1_REAL(provider, sqlite3_reset)(statement) : SQLITE_ERROR;
    if (self) {
        n1_thread_return(self, depth);
        n1_thread_leave(self);
    }
    return rc;
}

/* What has ended by itself, with rows or because it writes, has nothing to be told apart. */
static inline bool has_ended(const struct n1_statement *st)
{
    return st->is_plain && st->execution.generation == 0 && (st->execution.rows || !st->is_read_only);
}

static N1_HOT __attribute__((noinline)) int reset_other(sqlite3_stmt *statement, const void *caller)
{
    const struct n1_statement *st = n1_sqlite_recent(&n1_thread_self, statement);
    return N1_LIKELY(has_ended(st)) ? N1_REAL(st->provider, sqlite3_reset)(statement) : reset_any(statement, caller);
}

N1_EXPORT N1_WAY("18") int sqlite3_reset(sqlite3_stmt *statement)
{
    const struct n1_statement *st = n1_thread_self.last_statement;
    return N1_LIKELY(st->handle == statement && has_ended(st)) ? N1_REAL(st->provider, sqlite3_reset)(statement)
                                                               : reset_other(statement, __builtin_return_address(0));
}

static N1_COLD int finalize_any(sqlite3_stmt *statement, const void *caller)
{
    struct n1_thread *self = n1_thread_enter();
    struct n1_statement *st = self && statement ? n1_sqlite_statement(self, statement) : NULL;
    const struct n1_provider *provider = st ? st->provider : n1_sqlite_provider(statement, caller);
    uint32_t depth = 0;
    if (st)
        n1_sqlite_statement_give(self, st);
    if (self)
        depth = n1_thread_call(self);
    const int rc = provider ? N1_REAL(provider, sqlite3_finalize)(statement) : SQLITE_ERROR;
    if (self) {
        n1_thread_return(self, depth);
        n1_thread_leave(self);
    }
    return rc;
}

/* Of a statement that has ended. */
N1_EXPORT N1_WAY("20") int sqlite3_finalize(sqlite3_stmt *statement)
{
    struct n1_thread *self = &n1_thread_self;
    struct n1_statement *st = self->last_statement;
    if (N1_UNLIKELY(st->handle != statement || !st->is_plain || st->execution.generation != 0 ||
                    !n1_thread_is_outside(self) || !n1_thread_is_recording(self) || !self->slot))
        return finalize_any(statement, __builtin_return_address(0));
    const struct n1_provider *provider = st->provider;
    self->is_busy = 1;
    atomic_signal_fence(memory_order_seq_cst);
    n1_sqlite_statement_park(self, st);
    n1_thread_leave(self);
    return N1_REAL(provider, sqlite3_finalize)(statement);
}
