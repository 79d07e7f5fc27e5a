/* sqlite3_step, reset, finalize: the life of an execution. The first step after prepare, reset or the last row begins it;
 * DONE, an error, reset or finalize ends it. */
#include "preload/cells.h"
#include "preload/sqlite.h"

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

/* A call that is passed on without being recorded: the library's own, or one that finds the recorder busy or off. */
static N1_COLD int step_unseen(sqlite3_stmt *statement, const struct n1_statement *st, const void *caller)
{
    const struct n1_provider *provider = st ? st->provider : n1_sqlite_provider(statement, caller);
    return provider ? N1_REAL(provider, sqlite3_step)(statement) : SQLITE_ERROR;
}

N1_EXPORT int sqlite3_step(sqlite3_stmt *statement)
{
    const void *caller = __builtin_return_address(0);
    struct n1_thread *self = n1_thread_enter();
    if (!self) {
        if (n1_thread_self.is_busy) /* a signal handler inside the recorder */
            n1_count(N1_LOST_EVENTS, 1);
        return step_unseen(statement, NULL, caller);
    }
    struct n1_statement *st = n1_sqlite_statement(self, statement);
    if (!st || n1_real_is_inner(self, st->provider, caller)) {
        n1_thread_leave(self);
        return step_unseen(statement, st, caller);
    }
    struct n1_execution *e = &st->execution;
    if (!n1_execution_is_running(e))
        n1_execution_begin(self, e);

    const uint32_t depth = n1_thread_call(self);
    const int rc = N1_REAL(st->provider, sqlite3_step)(statement);
    n1_thread_return(self, depth);

    if (n1_execution_is_running(e)) {
        if (N1_LIKELY(rc == SQLITE_ROW)) {
            if (N1_UNLIKELY(!st->is_described))
                describe(st, statement);
            n1_execution_row(e);
        } else if (N1_LIKELY(rc == SQLITE_DONE)) {
            n1_execution_end(self, e, 0);
        } else {
            failed(self, st, statement, rc);
        }
    }
    n1_thread_leave(self);
    return rc;
}

N1_EXPORT int sqlite3_reset(sqlite3_stmt *statement)
{
    const void *caller = __builtin_return_address(0);
    struct n1_thread *self = n1_thread_enter();
    struct n1_statement *st = self ? n1_sqlite_statement(self, statement) : NULL;
    const struct n1_provider *provider = st ? st->provider : n1_sqlite_provider(statement, caller);
    uint32_t depth = 0;
    if (st && n1_execution_is_running(&st->execution))
        n1_execution_end(self, &st->execution, 0);
    if (self)
        depth = n1_thread_call(self);
    const int rc = provider ? N1_REAL(provider, sqlite3_reset)(statement) : SQLITE_ERROR;
    if (self) {
        n1_thread_return(self, depth);
        n1_thread_leave(self);
    }
    return rc;
}

N1_EXPORT int sqlite3_finalize(sqlite3_stmt *statement)
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
