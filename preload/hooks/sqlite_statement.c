/* The states of statements: made with the handle, kept for its next prepare, given back. */
#include <string.h>

#include "preload/base/memory.h"
#include "preload/hooks/sqlite.h"
#include "preload/recorder/cells.h"
#include "preload/recorder/ring.h"

enum { KEPT_TEXT_MAX = 1024 }; /* of a statement whose state is kept */

/* Where the way of a look-up begins. */
__asm__(".section " N1_WAY_SECTION("00") ", \"ax\", @progbits\n.p2align 12\n.text\n");

N1_HOT struct n1_statement *n1_sqlite_recall(struct n1_thread *self, const sqlite3_stmt *handle)
{
    struct n1_statement *st = self->other_statement;
    if (N1_UNLIKELY(st->handle != handle))
        st = n1_map_find(N1_HANDLE_STATEMENT, handle);
    if (N1_UNLIKELY(!st ||
                    self->scan == 0)) /* a thread that never entered the recorder has no scan, and no number to tell */
        return &n1_no_statement;
    self->other_statement = self->last_statement;
    self->last_statement = st;
    return st;
}

static void give_memory(struct n1_thread *self, struct n1_statement *st)
{
    if (self->last_statement == st)
        self->last_statement = &n1_no_statement;
    if (self->other_statement == st)
        self->other_statement = &n1_no_statement;
    n1_pool_give(st->texts, st->texts_bytes);
    n1_pool_give(st, st->size_bytes);
}

static void drop(struct n1_thread *self, struct n1_statement *st)
{
    if (n1_execution_is_running(&st->execution))
        n1_execution_end(self, &st->execution, 0);
    st->handle = N1_SQLITE_NO_HANDLE;
    give_memory(self, st);
}

static char *sql_of(struct n1_statement *st)
{
    return (char *)&st->values[st->execution.n_bound + st->execution.n_literals];
}

/* The state of a statement with room for its values; NULL: no memory. */
static struct n1_statement *state_of(struct n1_database *db, sqlite3_stmt *handle, const char *text, uint32_t sql,
                                     uint32_t n_bound, uint32_t n_literals)
{
    const struct n1_provider *provider = db->provider;
    const size_t text_bytes = strlen(text) + 1, kept_bytes = text_bytes <= KEPT_TEXT_MAX ? text_bytes : 0;
    const size_t size =
        sizeof(struct n1_statement) + (n_bound + n_literals) * sizeof(struct n1_encode_value) + kept_bytes;
    struct n1_statement *st = n1_pool_take(size);
    if (!st)
        return NULL;
    const int columns = N1_REAL(provider, sqlite3_column_count)(handle);
    st->size_bytes = (uint32_t)size;
    st->provider = provider;
    st->is_read_only =
        columns > 0 && N1_HAS(provider, sqlite3_stmt_readonly) && N1_REAL(provider, sqlite3_stmt_readonly)(handle);
    n1_sqlite_statement_set_peek(st, N1_PEEK_NONE);
    st->execution.sql = sql;
    st->execution.connection = db->connection;
    st->execution.n_bound = n_bound;
    st->execution.n_literals = n_literals;
    st->execution.params = st->values;
    st->n_columns = columns;
    st->is_described = columns > 0 && n1_cells_are_described(&st->execution, (uint32_t)columns);
    st->has_sql = kept_bytes > 0;
    memcpy(sql_of(st), text, kept_bytes);
    return st;
}

/* Room for the real values of its parameters; what is given is for those of its literals. */
static N1_COLD struct n1_arena make_texts(struct n1_statement *st, size_t literals_bytes)
{
    const size_t bound_bytes = st->execution.n_bound * N1_VALUE_TEXT_MAX, bytes = bound_bytes + literals_bytes;
    st->texts = bytes ? n1_pool_take(bytes) : NULL;
    st->texts_bytes = (uint32_t)bytes;
    return (struct n1_arena){.at = st->texts ? st->texts + bound_bytes : NULL,
                             .end = st->texts ? st->texts + bytes : NULL};
}

/* Of a text with literals or that the thread's cache does not have; or real values are recorded. */
static N1_COLD struct n1_statement *state_of_text(struct n1_thread *self, struct n1_database *db, sqlite3_stmt *handle,
                                                  const char *sql, uint32_t n_bound)
{
    struct n1_encode_value literals[N1_PARAMS_MAX];
    struct n1_arena arena = n1_arena_borrow();
    const struct n1_text text = n1_text_find(&self->slot->texts, N1_DIALECT_SQLITE, 0, sql, strlen(sql), literals,
                                             N1_PARAMS_MAX - n_bound, &arena);
    struct n1_statement *st = state_of(db, handle, sql, text.sql, n_bound, text.n_literals);
    struct n1_arena kept = {0};
    if (st && arena.block)
        kept = make_texts(st, (size_t)(arena.at - arena.block));
    for (uint32_t i = 0; st && i < text.n_literals; i++) {
        st->values[n_bound + i].value = literals[i].value;
        n1_arena_keep(&kept, &st->values[n_bound + i], literals[i].text, literals[i].text_bytes);
    }
    n1_arena_return(&arena);
    return st;
}

static void recent(struct n1_thread *self, struct n1_statement *st)
{
    self->other_statement = self->last_statement;
    self->last_statement = st;
}

static __attribute__((noinline)) void add(struct n1_thread *self, struct n1_database *db, sqlite3_stmt *handle,
                                          const char *sql)
{
    void *before;
    uint32_t n_bound = (uint32_t)N1_REAL(db->provider, sqlite3_bind_parameter_count)(handle);
    if (N1_UNLIKELY(n_bound > N1_PARAMS_MAX)) {
        n1_count(N1_CUT_PARAMS, (uint64_t)n_bound - N1_PARAMS_MAX);
        n_bound = N1_PARAMS_MAX;
    }
    const struct n1_text_entry *known = N1_LIKELY(n1_process.is_usual)
                                            ? n1_text_known(&self->slot->texts, N1_DIALECT_SQLITE, 0, sql, strlen(sql))
                                            : NULL;
    struct n1_statement *st = N1_LIKELY(known && known->n_literals == 0)
                                  ? state_of(db, handle, sql, known->sql, n_bound, 0)
                                  : state_of_text(self, db, handle, sql, n_bound);
    if (!st)
        return;
    st->handle = handle;
    if (n1_map_add(N1_HANDLE_STATEMENT, handle, st, &before) != 0) {
        drop(self, st);
        return;
    }
    if (before) /* its finalize was not seen */
        drop(self, before);
    recent(self, st);
}

/* ---- states that wait for their statement's next prepare ------------------------------------------------------------- */

static struct n1_statement **parking(struct n1_slot *slot, const void *handle)
{
    return &slot->parked[n1_map_index(handle) % N1_PARKED];
}

static N1_COLD void unpark(struct n1_thread *self, struct n1_statement **place)
{
    struct n1_statement *st = *place;
    *place = NULL;
    n1_map_forget(N1_HANDLE_PARKED, st->parked, st);
    give_memory(self, st);
}

/* Is it this statement, prepared again on the same connection? Its columns may have changed with the schema. */
static inline bool is_same(struct n1_statement *st, const struct n1_database *db, sqlite3_stmt *handle, const char *sql)
{
    return st->parked == handle && st->execution.connection == db->connection &&
           n1_map_is(st->entry, N1_HANDLE_PARKED, handle, st) && strcmp(sql, sql_of(st)) == 0 &&
           N1_REAL(st->provider, sqlite3_column_count)(handle) == st->n_columns;
}

static inline void revive(struct n1_thread *self, struct n1_statement *st, sqlite3_stmt *handle)
{
    st->handle = handle;
    st->stepped_by = NULL;
    st->execution.rows = 0;
    for (uint32_t i = 0; i < st->execution.n_bound; i++)
        st->values[i].value = (struct n1_value){0};
    n1_map_set(st->entry, N1_HANDLE_STATEMENT, st);
    recent(self, st);
}

N1_WAY("23") void n1_sqlite_statement_add(struct n1_thread *self, struct n1_database *db, sqlite3_stmt *handle)
{
    const char *sql = N1_REAL(db->provider, sqlite3_sql)(handle);
    if (N1_UNLIKELY(!sql || !self->slot))
        return;
    struct n1_statement **place = parking(self->slot, handle), *st = *place;
    if (N1_LIKELY(st && is_same(st, db, handle, sql))) {
        *place = NULL;
        revive(self, st, handle);
        return;
    }
    if (st && st->parked == handle)
        unpark(self, place);
    add(self, db, handle, sql);
}

N1_WAY("21") void n1_sqlite_statement_park(struct n1_thread *self, struct n1_statement *st)
{
    struct n1_statement **place = parking(self->slot, st->handle);
    if (N1_UNLIKELY(!st->has_sql || st->texts)) {
        n1_sqlite_statement_give(self, st);
        return;
    }
    if (N1_UNLIKELY(*place != NULL))
        unpark(self, place);
    if (N1_UNLIKELY(!st->entry || !n1_map_is(st->entry, N1_HANDLE_STATEMENT, st->handle, st)))
        st->entry = n1_map_place(st->handle);
    n1_map_set(st->entry, N1_HANDLE_PARKED, st);
    st->parked = st->handle;
    st->handle = N1_SQLITE_NO_HANDLE;
    *place = st;
}

struct n1_statement *n1_sqlite_statement_adopt(struct n1_thread *self, const struct n1_provider *provider,
                                               sqlite3_stmt *handle)
{
    struct n1_database *db = NULL;
    if (self->slot && N1_HAS(provider, sqlite3_stmt_busy) && !N1_REAL(provider, sqlite3_stmt_busy)(handle))
        db = n1_sqlite_database(provider, N1_REAL(provider, sqlite3_db_handle)(handle));
    if (!db)
        return NULL;
    n1_sqlite_statement_add(self, db, handle);
    struct n1_statement *st = n1_map_find(N1_HANDLE_STATEMENT, handle);
    for (uint32_t i = 0; st && i < st->execution.n_bound; i++)
        st->values[i].value.kind = N1_VALUE_UNKNOWN;
    return st;
}

void n1_sqlite_statement_give(struct n1_thread *self, struct n1_statement *st)
{
    n1_map_remove(N1_HANDLE_STATEMENT, st->handle);
    drop(self, st);
}

void n1_sqlite_script_ends(struct n1_thread *self)
{
    struct n1_statement *st = self->script_statement ? n1_map_find(N1_HANDLE_STATEMENT, self->script_statement) : NULL;
    self->script_statement = NULL;
    if (st)
        n1_sqlite_statement_give(self, st);
}
