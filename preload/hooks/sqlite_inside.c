#include "preload/hooks/sqlite_inside.h"

#include <string.h>

#include "preload/base/memory.h"
#include "preload/recorder/cells.h"

#define EVENTS (SQLITE_TRACE_STMT | SQLITE_TRACE_ROW | SQLITE_TRACE_PROFILE)

struct n1_inside {
    struct n1_inside *outer; /* of the same connection */
    struct n1_database *db;  /* NULL: closed by a callback */
    struct n1_thread *self;
    const void *frame; /* of the call */
    const char *sql;
    uint64_t start_tick;
    size_t behind;   /* where the text goes on behind the statement that began last */
    bool has_reader; /* rows go to a callback or a table */
    bool is_done;    /* the statement has come to its end, well or badly */
    const sqlite3_stmt *statement;
    struct n1_execution execution;
    struct n1_encode_value literals[N1_PARAMS_MAX];
    struct n1_arena arena; /* of the literals */
};

/* ---- events ----------------------------------------------------------------------------------------------------------- */
static void end_statement(struct n1_thread *self, struct n1_inside *inside, uint32_t error)
{
    if (n1_execution_is_running(&inside->execution))
        n1_execution_end(self, &inside->execution, error);
    n1_arena_return(&inside->arena);
    inside->statement = NULL;
    inside->is_done = false;
}

/* sqlite3_exec prepares each statement from where the text goes on, so its own text stands there word for word; comments may
 * stand before it. While another one runs it must stand right there: else it is the library's own (full-text search, VACUUM). */
static bool move_behind(struct n1_inside *inside, const char *text)
{
    const char *rest = inside->sql + inside->behind;
    rest += strspn(rest, " \t\r\n\f");
    const size_t length = strlen(text);
    if (strncmp(rest, text, length) != 0)
        rest = inside->statement && !inside->is_done ? NULL : strstr(rest, text);
    if (rest)
        inside->behind = (size_t)(rest - inside->sql) + length;
    return rest != NULL;
}

static void statement_begins(struct n1_thread *self, struct n1_inside *inside, sqlite3_stmt *statement)
{
    struct n1_execution *e = &inside->execution;
    const char *sql = N1_REAL(inside->db->provider, sqlite3_sql)(statement);
    if (!sql || !move_behind(inside, sql))
        return;
    end_statement(self, inside, 0);
    inside->arena = n1_arena_borrow();
    const struct n1_text text = n1_text_find(&self->slot->texts, N1_DIALECT_SQLITE, 0, sql, strlen(sql),
                                             inside->literals, N1_PARAMS_MAX, &inside->arena);
    e->sql = text.sql;
    e->connection = inside->db->connection;
    e->params = inside->literals;
    e->n_literals = text.n_literals;
    e->columns = e->keys = 0;
    n1_execution_begin(self, e);
    inside->statement = statement;
}

static void read_name(void *handle, uint32_t column, struct n1_column_source *out)
{
    const struct n1_sqlite_columns *c = handle;
    out->name = N1_REAL(c->provider, sqlite3_column_name)(c->statement, (int)column);
    out->is_plain = true;
    if (N1_HAS(c->provider, sqlite3_column_table_name) && N1_HAS(c->provider, sqlite3_column_origin_name)) {
        out->table = N1_REAL(c->provider, sqlite3_column_table_name)(c->statement, (int)column);
        out->origin = N1_REAL(c->provider, sqlite3_column_origin_name)(c->statement, (int)column);
    }
}

/* sqlite3_exec is about to read the same cells, as text. */
static void statement_gives_row(struct n1_thread *self, struct n1_inside *inside, sqlite3_stmt *statement)
{
    const struct n1_provider *provider = inside->db->provider;
    struct n1_execution *e = &inside->execution;
    const int count = inside->has_reader ? N1_REAL(provider, sqlite3_column_count)(statement) : 0;
    if (!n1_execution_is_running(e))
        return;
    if (e->rows == 0 && count > 0)
        n1_cells_describe(e, (uint32_t)count, read_name, &(struct n1_sqlite_columns){provider, statement});
    n1_execution_row(e);
    for (int i = 0; i < count && i < (int)N1_COLUMNS_MAX; i++) {
        if (!n1_cells_wants(e, (uint32_t)i))
            continue;
        const char *cell = (const char *)N1_REAL(provider, sqlite3_column_text)(statement, i);
        if (cell)
            n1_cells_text(self, e, (uint32_t)i, cell, strnlen(cell, N1_CELL_BYTES_MAX + 1));
    }
}

static void note(struct n1_thread *self, struct n1_inside *inside, unsigned event, sqlite3_stmt *statement,
                 const char *text)
{
    const bool is_current = inside->statement == statement && !inside->is_done; /* an address may serve again */
    if (event == SQLITE_TRACE_STMT && !is_current && strncmp(text ? text : "", "--", 2) != 0) /* "-- TRIGGER name" */
        statement_begins(self, inside, statement);
    else if (event == SQLITE_TRACE_ROW && is_current)
        statement_gives_row(self, inside, statement);
    else if (event == SQLITE_TRACE_PROFILE && is_current)
        inside->is_done = true;
}

/* True while the call has not been left by a longjmp. */
static bool is_below(const struct n1_inside *inside, const struct n1_thread *self, const void *frame)
{
    return inside->self == self && (uintptr_t)frame < (uintptr_t)inside->frame;
}

static int on_event(unsigned event, void *data, void *statement, void *detail)
{
    struct n1_database *db = data;
    struct n1_thread *self = n1_thread_enter();
    struct n1_inside *inside = db->inside;
    if (self) {
        if (self->slot && inside && self->script_seen == 0 && is_below(inside, self, __builtin_frame_address(0)) &&
            !n1_map_find(N1_HANDLE_STATEMENT, statement))
            note(self, inside, event, statement, detail);
        n1_thread_leave(self);
    }
    const struct n1_trace_wish *wish = &db->trace;
    return wish->events & event ? wish->callback(event, wish->argument, statement, detail) : 0;
}

/* ---- the call --------------------------------------------------------------------------------------------------------- */
/* The library holds the connection's mutex for as long as the call lasts, and so do we: it may be taken again by its holder. */
static void lock(const struct n1_database *db, bool is_taken)
{
    const struct n1_provider *provider = db->provider;
    sqlite3_mutex *mutex = N1_REAL(provider, sqlite3_db_mutex)((sqlite3 *)(uintptr_t)db->handle);
    if (is_taken)
        N1_REAL(provider, sqlite3_mutex_enter)(mutex);
    else
        N1_REAL(provider, sqlite3_mutex_leave)(mutex);
}

static void trace(struct n1_database *db)
{
    sqlite3 *handle = (sqlite3 *)(uintptr_t)db->handle;
    const struct n1_trace_wish *wish = &db->trace;
    if (db->inside)
        N1_REAL(db->provider, sqlite3_trace_v2)(handle, EVENTS | wish->events, on_event, db);
    else if (!db->has_old_trace && !db->has_old_profile)
        N1_REAL(db->provider, sqlite3_trace_v2)(handle, wish->events, wish->callback, wish->argument);
}

int n1_inside_wish(struct n1_database *db, const struct n1_trace_wish *wish)
{
    lock(db, true);
    db->trace = *wish;
    db->has_old_trace = db->has_old_profile = false; /* it takes their place in the library too */
    trace(db);
    lock(db, false);
    return SQLITE_OK;
}

static void leave_connection(struct n1_thread *self, struct n1_inside *inside)
{
    struct n1_database *db = inside->db;
    db->inside = inside->outer;
    end_statement(self, inside, 0);
    if (!db->inside)
        trace(db);
    lock(db, false);
}

static void pop(struct n1_thread *self, struct n1_inside *inside)
{
    if (inside->db)
        leave_connection(self, inside);
    n1_pool_give(inside, sizeof *inside);
}

struct n1_inside *n1_inside_begin(struct n1_thread *self, struct n1_database *db, const char *sql, bool has_reader)
{
    const void *frame = __builtin_frame_address(0);
    if (!db || !self->slot || atomic_load_explicit(&db->provider->shows_inside, memory_order_relaxed) ||
        !N1_HAS(db->provider, sqlite3_trace_v2) || !N1_HAS(db->provider, sqlite3_db_mutex))
        return NULL;
    struct n1_inside *inside = n1_pool_take(sizeof *inside);
    if (!inside)
        return NULL;
    lock(db, true);
    while (db->inside && !is_below(db->inside, self, frame))
        pop(self, db->inside);
    if (db->has_old_trace || db->has_old_profile) {
        lock(db, false);
        n1_pool_give(inside, sizeof *inside);
        return NULL;
    }
    inside->outer = db->inside;
    inside->db = db;
    inside->self = self;
    inside->frame = frame;
    inside->sql = sql;
    inside->has_reader = has_reader;
    inside->start_tick = n1_clock_tick();
    db->inside = inside;
    if (!inside->outer)
        trace(db);
    return inside;
}

void n1_inside_end(struct n1_thread *self, struct n1_inside *inside, int rc)
{
    struct n1_database *db = inside->db;
    if (!db) {
        pop(self, inside);
        return;
    }
    const char *rest = inside->sql + inside->behind;
    rest += strspn(rest, " \t\r\n\f;");
    const bool is_next = !inside->statement || (inside->is_done && *rest && (rc == SQLITE_ERROR || rc == SQLITE_AUTH));
    const bool is_given_up = rc == SQLITE_ABORT && !inside->is_done; /* the callback wanted no more */
    uint32_t error = 0;
    if (rc != SQLITE_OK && self->script_seen == 0 && !is_given_up)
        error = n1_sqlite_error(db->provider, (sqlite3 *)(uintptr_t)db->handle, rc);
    while (db->inside != inside) /* left by a longjmp */
        pop(self, db->inside);
    end_statement(self, inside, is_next ? 0 : error);
    if (error && is_next && *rest)
        n1_sqlite_failed(self, db, rest, strlen(rest), error, inside->start_tick);
    pop(self, inside);
}

/* Nothing of ours may be left in a connection that goes, even when it is a callback of the call that closes it. */
void n1_inside_close(struct n1_thread *self, struct n1_database *db)
{
    const void *frame = __builtin_frame_address(0);
    while (db->inside) {
        struct n1_inside *inside = db->inside;
        if (!is_below(inside, self, frame)) {
            pop(self, inside);
            continue;
        }
        leave_connection(self, inside);
        inside->db = NULL; /* n1_inside_end gives it back */
    }
}
