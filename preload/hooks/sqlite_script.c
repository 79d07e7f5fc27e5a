/* sqlite3_exec and sqlite3_get_table: texts of one or more statements.
 *
 * A library that calls itself through the PLT shows us each statement inside (prepare, step, finalize at script_depth), and
 * those are recorded. One that does not (-Bsymbolic, a static copy) shows nothing: then the call as a whole is one
 * execution, whose rows come by the callback. Which of the two it is shows only when something happens. */
#include <string.h>

#include "preload/hooks/sqlite.h"
#include "preload/recorder/cells.h"
#include "preload/recorder/clock.h"
#include "preload/recorder/memory.h"

typedef int (*row_callback)(void *, int, char **, char **);

/* A call whose inside cannot be seen. In the pool, because calls nest and a callback may longjmp over us. */
struct whole {
    struct n1_execution execution;
    struct n1_encode_value literals[N1_PARAMS_MAX];
};

struct script {
    struct whole *whole; /* NULL: not begun, or the inside is seen */
    struct n1_thread *self;
    struct n1_database *db;
    const char *sql;
    uint64_t start_tick;
    uint32_t depth, script_depth; /* inside the call */
    bool is_lost;
    row_callback callback;
    void *argument;
};

struct names {
    char **name;
};

static void read_name(void *handle, uint32_t column, struct n1_column_source *out)
{
    out->name = ((struct names *)handle)->name[column];
    out->is_plain = true;
}

static bool is_invisible(const struct script *script)
{
    return script->db && script->self->slot && script->self->script_seen == 0;
}

/* The execution of the whole call, begun when the first sign of an invisible inside appears; NULL: no memory (counted). */
static struct n1_execution *whole_of(struct script *script)
{
    if (script->whole)
        return &script->whole->execution;
    if (!script->is_lost)
        script->whole = n1_pool_take(sizeof *script->whole);
    if (!script->whole) {
        if (!script->is_lost)
            n1_thread_lose(script->self);
        script->is_lost = true;
        return NULL;
    }
    struct n1_execution *e = &script->whole->execution;
    const struct n1_text text = n1_text_find(&script->self->slot->texts, N1_DIALECT_SQLITE, 0, script->sql,
                                             strlen(script->sql), script->whole->literals, N1_PARAMS_MAX, NULL);
    e->sql = text.sql;
    e->connection = script->db->connection;
    e->params = script->whole->literals;
    e->n_literals = text.n_literals;
    n1_execution_begin(script->self, e);
    e->start_tick = script->start_tick;
    return e;
}

static void stage_row(struct script *script, int count, char **cells, char **names)
{
    struct n1_execution *e = whole_of(script);
    if (!e || !n1_execution_is_running(e))
        return;
    struct names source = {names};
    if (e->rows == 0)
        n1_cells_describe(e, (uint32_t)count, read_name, &source);
    n1_execution_row(e);
    for (int i = 0; cells && i < count && i < (int)N1_COLUMNS_MAX; i++)
        if (cells[i] && n1_cells_wants(e, (uint32_t)i))
            n1_cells_text(script->self, e, (uint32_t)i, cells[i], strnlen(cells[i], N1_CELL_BYTES_MAX + 1));
}

static int on_row(void *data, int count, char **cells, char **names)
{
    struct script *script = data;
    struct n1_thread *self = script->self;
    if (is_invisible(script) && !self->is_busy) {
        self->is_busy = 1;
        stage_row(script, count, cells, names);
        n1_thread_leave(self);
    }
    return script->callback(script->argument, count, cells, names);
}

/* Enters the real function with its inside to be recorded. What nested scripts had is kept in `outer`. */
static void enter(struct script *script, struct script *outer)
{
    struct n1_thread *self = script->self;
    outer->script_depth = self->script_depth;
    outer->depth = self->script_seen;
    script->start_tick = n1_clock_tick();
    self->script_seen = 0;
    script->depth = n1_thread_call(self);
    self->script_depth = self->depth;
}

static void leave(struct script *script, const struct script *outer, int rc, const struct n1_provider *provider)
{
    struct n1_thread *self = script->self;
    n1_thread_return(self, script->depth);
    self->script_depth = outer->script_depth;
    if (!(script->db && self->slot) && self->script_seen == 0 && script->sql[strspn(script->sql, " \t\r\n;")])
        n1_thread_lose(self);
    if (is_invisible(script) && script->sql[strspn(script->sql, " \t\r\n;")]) {
        struct n1_execution *e = whole_of(script);
        if (e && n1_execution_is_running(e))
            n1_execution_end(
                self, e, rc == SQLITE_OK ? 0 : n1_sqlite_error(provider, (sqlite3 *)(uintptr_t)script->db->handle, rc));
    }
    if (script->whole && n1_execution_is_running(&script->whole->execution))
        n1_execution_end(self, &script->whole->execution, 0);
    n1_pool_give(script->whole, sizeof *script->whole);
    self->script_seen = outer->depth + self->script_seen;
}

N1_EXPORT int sqlite3_exec(sqlite3 *handle, const char *sql, row_callback callback, void *argument, char **message)
{
    const void *caller = __builtin_return_address(0);
    struct n1_thread *self = n1_thread_enter();
    struct n1_database *db = n1_map_find(handle);
    const struct n1_provider *provider = db ? db->provider : n1_real_provider(N1_DIALECT_SQLITE, caller, false);
    if (!provider || !self || !sql || n1_real_is_inner(self, provider, caller)) {
        if (self)
            n1_thread_leave(self);
        return provider ? N1_REAL(provider, sqlite3_exec)(handle, sql, callback, argument, message) : SQLITE_ERROR;
    }
    struct script outer, script = {.self = self,
                                   .db = db ? db : n1_sqlite_database(provider, handle),
                                   .sql = sql,
                                   .callback = callback,
                                   .argument = argument};
    enter(&script, &outer);
    const int rc =
        N1_REAL(provider, sqlite3_exec)(handle, sql, callback ? on_row : NULL, callback ? &script : NULL, message);
    leave(&script, &outer, rc, provider);
    n1_thread_leave(self);
    return rc;
}

N1_EXPORT int sqlite3_get_table(sqlite3 *handle, const char *sql, char ***table, int *rows, int *columns,
                                char **message)
{
    const void *caller = __builtin_return_address(0);
    struct n1_thread *self = n1_thread_enter();
    struct n1_database *db = n1_map_find(handle);
    const struct n1_provider *provider = db ? db->provider : n1_real_provider(N1_DIALECT_SQLITE, caller, false);
    int n_rows = 0, n_columns = 0;
    if (!provider || !self || !sql || n1_real_is_inner(self, provider, caller)) {
        if (self)
            n1_thread_leave(self);
        return provider ? N1_REAL(provider, sqlite3_get_table)(handle, sql, table, rows, columns, message)
                        : SQLITE_ERROR;
    }
    struct script outer, script = {.self = self, .db = db ? db : n1_sqlite_database(provider, handle), .sql = sql};
    enter(&script, &outer);
    const int rc = N1_REAL(provider, sqlite3_get_table)(handle, sql, table, &n_rows, &n_columns, message);
    if (rows)
        *rows = n_rows;
    if (columns)
        *columns = n_columns;
    if (rc == SQLITE_OK && is_invisible(&script) && n_rows > 0) {
        self->is_busy = 1;
        for (int i = 1; i <= n_rows; i++)
            stage_row(&script, n_columns, *table + (size_t)i * (size_t)n_columns, *table);
    }
    leave(&script, &outer, rc, provider);
    n1_thread_leave(self);
    return rc;
}
