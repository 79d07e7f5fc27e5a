/* sqlite3_column_*: what the program reads of its rows is staged as evidence (cells.h), once for each row and column.
 *
 * The usual case, a statement of this thread whose cell is not wanted, is a comparison, a bit test and a jump into the
 * library. Nothing is read that the program did not read in the same form, for SQLite converts values in place. */
#include <string.h>

#include "preload/hooks/sqlite.h"
#include "preload/recorder/cells.h"

/* The statement when its cell is wanted and we may record, else NULL; then the recorder is entered. */
static inline __attribute__((always_inline)) struct n1_statement *wanted(const sqlite3_stmt *statement, int column)
{
    struct n1_thread *self = n1_thread_enter();
    if (!self)
        return NULL;
    struct n1_statement *st = n1_sqlite_statement(self, statement);
    if (N1_LIKELY(st && n1_cells_wants(&st->execution, (uint32_t)column) && n1_execution_is_running(&st->execution)) &&
        !n1_cells_is_placed(self, &st->execution, (uint32_t)column))
        return st;
    n1_thread_leave(self);
    return NULL;
}

static N1_COLD const struct n1_provider *provider_of(const sqlite3_stmt *statement, const void *caller)
{
    const struct n1_statement *st = n1_thread_self.last_statement;
    if (N1_LIKELY(st->handle == statement))
        return st->provider;
    return n1_sqlite_provider(statement, caller);
}

#define RARE

/* Reads what is wanted: `v` is the value, `stage` stores it; heat: N1_HOT where most programs read their values. */
#define READ(heat, type, name, none, stage)                                                                            \
    static heat __attribute__((noinline)) type read_##name(sqlite3_stmt *statement, int column, const void *caller)    \
    {                                                                                                                  \
        struct n1_statement *st = wanted(statement, column);                                                           \
        if (N1_UNLIKELY(!st)) {                                                                                        \
            const struct n1_provider *provider = provider_of(statement, caller);                                       \
            return provider ? N1_REAL(provider, sqlite3_##name)(statement, column) : none;                             \
        }                                                                                                              \
        struct n1_thread *self = &n1_thread_self;                                                                      \
        const type v = N1_REAL(st->provider, sqlite3_##name)(statement, column);                                       \
        stage;                                                                                                         \
        n1_thread_leave(self);                                                                                         \
        return v;                                                                                                      \
    }

/* A hook: passes on what is not wanted, without a frame of its own. */
#define COLUMN(heat, type, name, none, stage)                                                                          \
    READ(heat, type, name, none, stage)                                                                                \
    N1_EXPORT N1_ROW type sqlite3_##name(sqlite3_stmt *statement, int column)                                          \
    {                                                                                                                  \
        const struct n1_statement *st = n1_thread_self.last_statement;                                                 \
        if (N1_LIKELY(st->handle == statement && !n1_cells_may_want(&st->execution, (uint32_t)column)))                \
            return N1_REAL(st->provider, sqlite3_##name)(statement, column);                                           \
        return read_##name(statement, column, __builtin_return_address(0));                                            \
    }

/* The same for integers. Those of a scan go to their place (window.h) without the recorder being entered: a function of its own,
 * so that what is passed on needs no frame. (A signal's handler that reads the row which the recorder is just counting stores
 * into the room behind the place at worst.) */
#define INTEGER(type, name)                                                                                            \
    READ(N1_HOT, type, name, 0, stage_integer(self, st, statement, column, v))                                         \
    static N1_ROW __attribute__((noipa))                                                                               \
    type place_##name(sqlite3_stmt *statement, int column, const struct n1_statement *st, int64_t *at)                 \
    {                                                                                                                  \
        const type v = N1_REAL(st->provider, sqlite3_##name)(statement, column);                                       \
        *at = v;                                                                                                       \
        return N1_LIKELY(v != 0) ? v : (type)stage_zero(at);                                                           \
    }                                                                                                                  \
    N1_EXPORT N1_ROW type sqlite3_##name(sqlite3_stmt *statement, int column)                                          \
    {                                                                                                                  \
        const struct n1_thread *self = &n1_thread_self;                                                                \
        const struct n1_statement *st = self->last_statement;                                                          \
        if (N1_LIKELY(st->handle == statement)) {                                                                      \
            if (N1_LIKELY(!n1_cells_may_want(&st->execution, (uint32_t)column)))                                       \
                return N1_REAL(st->provider, sqlite3_##name)(statement, column);                                       \
            const uintptr_t place = n1_cells_place(self, &st->execution, (uint32_t)column);                            \
            if (N1_LIKELY(place))                                                                                      \
                return place_##name(statement, column, st, n1_window_row(place, st->execution.rows));                  \
        }                                                                                                              \
        return read_##name(statement, column, __builtin_return_address(0));                                            \
    }

/* A column that is read as a number may hold NULL or a text: 0 is only believed when it is a number. */
static N1_COLD bool is_number(const struct n1_statement *st, sqlite3_stmt *statement, int column)
{
    const int type = N1_REAL(st->provider, sqlite3_column_type)(statement, column);
    return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

static inline void stage_integer(struct n1_thread *self, struct n1_statement *st, sqlite3_stmt *statement, int column,
                                 int64_t v)
{
    if (N1_LIKELY(v != 0) || is_number(st, statement, column))
        n1_cells_integer(self, &st->execution, (uint32_t)column, v);
}

/* A zero stands in a place like none; it may be a NULL. Of the thread's last statement, the column whose place `at` is in. */
static N1_COLD int stage_zero(const int64_t *at)
{
    struct n1_thread *self = n1_thread_enter();
    if (!self)
        return 0;
    struct n1_statement *st = self->last_statement;
    const struct n1_execution *e = &st->execution;
    for (int column = 0; column < (int)N1_COLUMNS_MAX && n1_execution_is_running(e); column++)
        if (e->places[column] && n1_window_row(e->places[column], e->rows) == at) {
            stage_integer(self, st, (sqlite3_stmt *)(uintptr_t)st->handle, column, 0);
            break;
        }
    n1_thread_leave(self);
    return 0;
}

static void stage_double(struct n1_thread *self, struct n1_statement *st, sqlite3_stmt *statement, int column, double v)
{
    if (v >= -9007199254740992.0 && v <= 9007199254740992.0 && v == (double)(int64_t)v)
        stage_integer(self, st, statement, column, (int64_t)v);
    else
        st->execution.want &= ~(1ULL << column);
}

static void stage_text(struct n1_thread *self, struct n1_execution *e, int column, const unsigned char *text)
{
    if (text)
        n1_cells_text(self, e, (uint32_t)column, (const char *)text,
                      strnlen((const char *)text, N1_CELL_BYTES_MAX + 1));
}

static void stage_text16(struct n1_thread *self, struct n1_execution *e, int column, const unsigned char *text)
{
    char utf8[N1_CELL_BYTES_MAX];
    size_t n = 0;
    while (text && n <= 2 * N1_CELL_BYTES_MAX && (text[n] || text[n + 1]))
        n += 2;
    const int length = text ? n1_sqlite_utf8(text, n, utf8, sizeof utf8) : -1;
    if (length >= 0)
        n1_cells_text(self, e, (uint32_t)column, utf8, (size_t)length);
}

/* Text that the program has read as a blob is not changed by asking for its length; with a NUL in it, it is UTF-16. */
static void stage_bytes(struct n1_thread *self, struct n1_execution *e, int column, int type, const void *bytes, int n)
{
    if (type == SQLITE_BLOB && bytes)
        n1_cells_blob(self, e, (uint32_t)column, bytes, (size_t)n);
    else if (type == SQLITE_TEXT && bytes && !memchr(bytes, '\0', (size_t)n))
        n1_cells_text(self, e, (uint32_t)column, bytes, (size_t)n);
}

static void stage_blob(struct n1_thread *self, struct n1_statement *st, sqlite3_stmt *statement, int column,
                       const void *bytes)
{
    const int type = N1_REAL(st->provider, sqlite3_column_type)(statement, column);
    if (bytes && (type == SQLITE_BLOB || type == SQLITE_TEXT))
        stage_bytes(self, &st->execution, column, type, bytes,
                    N1_REAL(st->provider, sqlite3_column_bytes)(statement, column));
}

static void stage_value(struct n1_thread *self, struct n1_statement *st, int column, sqlite3_value *v)
{
    const struct n1_provider *p = st->provider;
    const int type = v ? N1_REAL(p, sqlite3_value_type)(v) : SQLITE_NULL;
    if (type == SQLITE_INTEGER) {
        n1_cells_integer(self, &st->execution, (uint32_t)column, N1_REAL(p, sqlite3_value_int64)(v));
        return;
    }
    sqlite3_value *copy = v ? n1_sqlite_copy(p, v, N1_CELL_BYTES_MAX) : NULL;
    if (!copy)
        return;
    const void *bytes = N1_REAL(p, sqlite3_value_blob)(copy);
    stage_bytes(self, &st->execution, column, type, bytes, N1_REAL(p, sqlite3_value_bytes)(copy));
    N1_REAL(p, sqlite3_value_free)(copy);
}

typedef const unsigned char *text;
typedef const void *bytes;
typedef sqlite3_value *value;

INTEGER(int, column_int)
INTEGER(sqlite3_int64, column_int64)
COLUMN(RARE, double, column_double, 0.0, stage_double(self, st, statement, column, v))
COLUMN(N1_HOT, text, column_text, NULL, stage_text(self, &st->execution, column, v))
COLUMN(RARE, bytes, column_text16, NULL, stage_text16(self, &st->execution, column, v))
COLUMN(RARE, bytes, column_blob, NULL, stage_blob(self, st, statement, column, v))
COLUMN(RARE, value, column_value, NULL, stage_value(self, st, column, v))
