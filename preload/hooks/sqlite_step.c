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

/* A call that is passed on: the library's own, or one that finds the recorder off or busy (a signal handler in it: lost). */
static N1_COLD int step_unseen(sqlite3_stmt *statement, const struct n1_provider *provider, bool is_lost)
{
    if (!provider)
        return SQLITE_ERROR;
    if (is_lost)
        count_loss(statement, provider);
    return N1_REAL(provider, sqlite3_step)(statement);
}

/* A call that finds no room. What the library calls inside is its own, as ever. */
static N1_COLD int step_lost(struct n1_thread *self, sqlite3_stmt *statement, const struct n1_provider *provider)
{
    count_loss(statement, provider);
    const uint32_t depth = n1_thread_call(self);
    const int rc = N1_REAL(provider, sqlite3_step)(statement);
    n1_thread_return(self, depth);
    n1_thread_leave(self);
    return rc;
}

/* Steps of statements that we do not know are the library's own when its code calls: blobs, serialized databases. */
static bool is_programs(struct n1_thread *self, const struct n1_provider *provider, const void *caller)
{
    const bool is_outside = (uintptr_t)caller - provider->code >= provider->code_bytes;
    return !n1_real_is_inner(self, provider, caller) && (is_outside || self->script_depth);
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

/* Any step. The entry lies above what is called from here. */
static __attribute__((noinline)) int step_any(sqlite3_stmt *statement, const void *caller,
                                              const struct n1_unwind_entry *entry)
{
    struct n1_thread *self = n1_thread_enter();
    if (!self) /* busy: a signal handler inside the recorder */
        return step_unseen(statement, n1_sqlite_provider(statement, caller), statement && n1_thread_self.is_busy);
    n1_thread_forget_left(self, entry);
    struct n1_statement *st = n1_sqlite_statement(self, statement);
    if (!st || n1_real_is_inner(self, st->provider, caller)) {
        const struct n1_provider *provider = st ? st->provider : n1_sqlite_provider(statement, caller);
        const bool is_lost = !st && statement && provider && is_programs(self, provider, caller);
        if (!is_lost) {
            n1_thread_leave(self);
            return step_unseen(statement, provider, false);
        }
        st = n1_sqlite_statement_adopt(self, provider, statement);
        if (!st)
            return step_lost(self, statement, provider);
    }
    struct n1_execution *e = &st->execution;
    if (N1_UNLIKELY(st->peek))
        step_after_peek(self, st, caller);
    if (!n1_execution_is_running(e)) {
        if (N1_UNLIKELY(!self->slot))
            return step_lost(self, statement, st->provider);
        n1_execution_begin(self, e);
        st->stepped_by = caller;
    }

    const uint32_t depth = n1_thread_call_at(self, entry);
    const int rc = N1_REAL(st->provider, sqlite3_step)(statement);
    n1_thread_return(self, depth);

    stepped(self, st, statement, rc);
    n1_thread_leave(self);
    return rc;
}

int n1_sqlite_step(sqlite3_stmt *statement, const void *caller, struct n1_statement *st);
int n1_sqlite_step_at(sqlite3_stmt *statement, const void *caller, struct n1_statement *st,
                      const struct n1_unwind_entry *entry) __attribute__((used, visibility("hidden")));
N1_STACK_ENTRY(n1_sqlite_step, n1_sqlite_step_at);

/* The short way: a plain statement. st is NULL when it is another one than the last, or called from within a hook. */
N1_HOT int n1_sqlite_step_at(sqlite3_stmt *statement, const void *caller, struct n1_statement *st,
                             const struct n1_unwind_entry *entry)
{
    struct n1_thread *self = &n1_thread_self;
    if (N1_UNLIKELY(!st || !st->is_plain || !n1_thread_is_recording(self)))
        return step_any(statement, caller, entry);
    struct n1_execution *e = &st->execution;
    if (e->generation == 0) {
        if (N1_UNLIKELY(!n1_execution_is_way_clear(self)))
            return step_any(statement, caller, entry);
        self->is_busy = 1;
        atomic_signal_fence(memory_order_seq_cst);
        st->stepped_by = caller;
        n1_execution_start(self, e, n1_stack_at(entry));
    } else if (N1_UNLIKELY(e->generation != self->generation)) {
        return step_any(statement, caller, entry);
    }
    self->call_frame = entry;
    self->depth = 1;
    n1_thread_leave(self);
    const int rc = N1_REAL(st->provider, sqlite3_step)(statement);
    self->depth = 0;
    /* It may have ended in a call that the library made back to the program, or be in a child that was forked there. */
    if (N1_UNLIKELY(!n1_execution_is_running(e)))
        return rc;
    if (N1_LIKELY(rc == SQLITE_ROW && st->is_described && e->rows + 1 < N1_SCAN_FROM)) {
        n1_execution_row(e);
        return rc;
    }
    self->is_busy = 1;
    atomic_signal_fence(memory_order_seq_cst);
    if (N1_LIKELY(rc == SQLITE_DONE))
        n1_execution_end(self, e, 0);
    else
        stepped(self, st, statement, rc);
    n1_thread_leave(self);
    return rc;
}

static N1_ROW __attribute__((noinline)) int scan(sqlite3_stmt *statement, struct n1_statement *st)
{
    const int rc = N1_REAL(st->provider, sqlite3_step)(statement);
    if (N1_LIKELY(rc == SQLITE_ROW) && n1_execution_scan_row(&st->execution))
        return SQLITE_ROW;
    return scan_stepped(st, rc);
}

N1_EXPORT N1_ROW int sqlite3_step(sqlite3_stmt *statement)
{
    struct n1_thread *self = &n1_thread_self;
    struct n1_statement *st = self->last_statement;
    if (N1_UNLIKELY(st->handle != statement || !n1_thread_is_outside(self)))
        st = NULL;
    else if (n1_execution_is_scan(self, &st->execution))
        return scan(statement, st);
    return n1_sqlite_step(statement, __builtin_return_address(0), st);
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

static __attribute__((noinline)) int reset_any(sqlite3_stmt *statement, const void *caller)
{
    struct n1_thread *self = n1_thread_enter();
    struct n1_statement *st = self ? n1_sqlite_statement(self, statement) : NULL;
    const struct n1_provider *provider = st ? st->provider : n1_sqlite_provider(statement, caller);
    uint32_t depth = 0;
    /* A step that finds the schema changed prepares anew and resets by itself: the execution goes on. */
    if (st && !n1_real_is_inner(self, st->provider, caller))
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
N1_EXPORT N1_HOT int sqlite3_reset(sqlite3_stmt *statement)
{
    const struct n1_statement *st = n1_thread_self.last_statement;
    if (N1_LIKELY(st->handle == statement && st->is_plain && st->execution.generation == 0 &&
                  (st->execution.rows || !st->is_read_only)))
        return N1_REAL(st->provider, sqlite3_reset)(statement);
    return reset_any(statement, __builtin_return_address(0));
}

N1_EXPORT N1_HOT int sqlite3_finalize(sqlite3_stmt *statement)
{
    const void *caller = __builtin_return_address(0);
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
