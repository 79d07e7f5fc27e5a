/* sqlite3_bind_*: the values of the parameters, kept as hashes until the statement runs. They stay over a reset, as SQLite
 * keeps them. */
#include <stdio.h>
#include <string.h>

#include "preload/hooks/sqlite.h"

enum { COPY_MAX = 64 * 1024 }; /* bytes of a value object that is copied to be read */

static N1_COLD void keep_text(struct n1_statement *st, struct n1_encode_value *to, int index, const char *text,
                              size_t length)
{
    char *at = st->texts + (size_t)(index - 1) * N1_VALUE_TEXT_MAX; /* n_bound such places are its first ones */
    struct n1_arena arena = {.at = at, .end = at + N1_VALUE_TEXT_MAX};
    n1_arena_keep(&arena, to, text, length);
}

static inline void store(struct n1_statement *st, int index, struct n1_value value, const char *text, size_t length)
{
    if (N1_UNLIKELY((uint32_t)index - 1 >= st->execution.n_bound))
        return;
    struct n1_encode_value *to = &st->values[index - 1];
    to->value = value;
    if (N1_UNLIKELY(st->texts != NULL))
        keep_text(st, to, index, text, length);
}

static N1_COLD void store_spelled(struct n1_statement *st, int index, int64_t v)
{
    char text[24];
    store(st, index, n1_value_integer(&n1_process.key, v), text,
          (size_t)snprintf(text, sizeof text, "%lld", (long long)v));
}

static inline void store_integer(struct n1_statement *st, int index, int64_t v)
{
    if (N1_UNLIKELY(st->texts != NULL))
        store_spelled(st, index, v);
    else
        store(st, index, n1_value_integer(&n1_process.key, v), NULL, 0);
}

static void store_double(struct n1_statement *st, int index, double v)
{
    char text[40];
    const size_t length = st->texts ? (size_t)snprintf(text, sizeof text, "%.17g", v) : 0;
    store(st, index, n1_value_float(&n1_process.key, v), text, length);
}

static void store_text(struct n1_statement *st, int index, const char *text, sqlite3_int64 length)
{
    if (!text) {
        store(st, index, n1_value_null(), "", 0);
        return;
    }
    const size_t n = length < 0 ? strlen(text) : (size_t)length;
    store(st, index, n1_value_text(&n1_process.key, text, n), text, n);
}

static void store_text16(struct n1_statement *st, int index, const void *text, sqlite3_int64 size_bytes)
{
    char utf8[1024];
    const unsigned char *at = text;
    size_t n = 0;
    if (!text) {
        store(st, index, n1_value_null(), "", 0);
        return;
    }
    if (size_bytes >= 0)
        n = (size_t)size_bytes;
    else
        while (at[n] || at[n + 1])
            n += 2;
    const int length = n1_sqlite_utf8(text, n, utf8, sizeof utf8);
    if (length < 0)
        store(st, index, (struct n1_value){.kind = N1_VALUE_UNKNOWN}, "", 0);
    else
        store_text(st, index, utf8, length);
}

static void store_blob(struct n1_statement *st, int index, const void *bytes, sqlite3_int64 length)
{
    char text[N1_VALUE_TEXT_MAX];
    const size_t spelled = bytes && st->texts ? n1_arena_spell_blob(text, bytes, (size_t)length) : 0;
    if (!bytes)
        store(st, index, n1_value_null(), "", 0);
    else
        store(st, index, n1_value_blob(&n1_process.key, bytes, (size_t)length), text, spelled);
}

static void store_encoded(struct n1_statement *st, int index, const char *text, sqlite3_uint64 length,
                          unsigned char encoding)
{
    if (length > INT32_MAX)
        store(st, index, (struct n1_value){.kind = N1_VALUE_UNKNOWN}, "", 0);
    else if (encoding == SQLITE_UTF8)
        store_text(st, index, text, (sqlite3_int64)length);
    else if (encoding == SQLITE_UTF16 || encoding == SQLITE_UTF16LE)
        store_text16(st, index, text, (sqlite3_int64)length);
    else
        store(st, index, (struct n1_value){.kind = N1_VALUE_UNKNOWN}, "", 0);
}

static void store_copy(struct n1_statement *st, int index, int type, sqlite3_value *v)
{
    const struct n1_provider *p = st->provider;
    sqlite3_value *copy = n1_sqlite_copy(p, v, COPY_MAX);
    if (!copy) {
        store(st, index, (struct n1_value){.kind = N1_VALUE_UNKNOWN}, "", 0);
        return;
    }
    const void *bytes = N1_REAL(p, sqlite3_value_blob)(copy);
    const int n = N1_REAL(p, sqlite3_value_bytes)(copy);
    if (type == SQLITE_TEXT)
        store_text(st, index, bytes ? bytes : "", n);
    else
        store_blob(st, index, bytes ? bytes : "", n);
    N1_REAL(p, sqlite3_value_free)(copy);
}

static void store_value(struct n1_statement *st, int index, const sqlite3_value *from)
{
    const struct n1_provider *p = st->provider;
    sqlite3_value *v = (sqlite3_value *)(uintptr_t)from;
    const int type = N1_REAL(p, sqlite3_value_type)(v);
    switch (type) {
    case SQLITE_INTEGER: store_integer(st, index, N1_REAL(p, sqlite3_value_int64)(v)); break;
    case SQLITE_FLOAT: store_double(st, index, N1_REAL(p, sqlite3_value_double)(v)); break;
    case SQLITE_NULL: store(st, index, n1_value_null(), "", 0); break;
    default: store_copy(st, index, type, v); break;
    }
}

/* Values are read before the call: a destructor may free them during it. A refused bind (running statement, bad index)
 * leaves the old value in SQLite; such a program is in error anyway, and the next bind is right again. The recorder stays busy
 * over the call, because some binds are made of others through the PLT. */
#define BIND(remember, function, ...)                                                                                  \
    do {                                                                                                               \
        struct n1_thread *self = n1_thread_enter();                                                                    \
        struct n1_statement *st = self ? n1_sqlite_statement(self, statement) : NULL;                                  \
        const struct n1_provider *provider = st ? st->provider : n1_sqlite_provider(statement, caller);                \
        if (st && N1_UNLIKELY(st->peek))                                                                               \
            n1_sqlite_statement_unpeek(self, st);                                                                      \
        if (st && !n1_execution_is_running(&st->execution))                                                            \
            remember;                                                                                                  \
        const int rc = provider ? N1_REAL(provider, function)(statement, __VA_ARGS__) : SQLITE_ERROR;                  \
        if (self)                                                                                                      \
            n1_thread_leave(self);                                                                                     \
        return rc;                                                                                                     \
    } while (0)

typedef void (*destructor)(void *);

static N1_COLD int bind_int64_any(sqlite3_stmt *statement, int index, sqlite3_int64 v, const void *caller)
{
    BIND(store_integer(st, index, v), sqlite3_bind_int64, index, v);
}

/* The short way: of a statement that is plain and does not run. It does not matter who calls. */
static inline bool is_short(const struct n1_statement *st, int index)
{
    return st->is_plain && st->execution.generation == 0 && (uint32_t)index - 1 < st->execution.n_bound;
}

static inline int bind_int64_short(struct n1_statement *st, sqlite3_stmt *statement, int index, sqlite3_int64 v)
{
    st->values[index - 1].value = n1_value_integer(&n1_process.key, v);
    return N1_REAL(st->provider, sqlite3_bind_int64)(statement, index, v);
}

/* Of another statement than the last one. */
static N1_HOT __attribute__((noinline)) int bind_int64_other(sqlite3_stmt *statement, int index, sqlite3_int64 v,
                                                             const void *caller)
{
    struct n1_statement *st = n1_sqlite_recent(&n1_thread_self, statement);
    return N1_LIKELY(is_short(st, index)) ? bind_int64_short(st, statement, index, v)
                                          : bind_int64_any(statement, index, v, caller);
}

static inline int bind_int64(sqlite3_stmt *statement, int index, sqlite3_int64 v, const void *caller)
{
    struct n1_statement *st = n1_thread_self.last_statement;
    return N1_LIKELY(st->handle == statement && is_short(st, index)) ? bind_int64_short(st, statement, index, v)
                                                                     : bind_int64_other(statement, index, v, caller);
}

/* As the library does it, without the way back through the PLT. */
N1_EXPORT N1_HOT int sqlite3_bind_int(sqlite3_stmt *statement, int index, int v)
{
    return bind_int64(statement, index, v, __builtin_return_address(0));
}

N1_EXPORT N1_WAY("17") int sqlite3_bind_int64(sqlite3_stmt *statement, int index, sqlite3_int64 v)
{
    return bind_int64(statement, index, v, __builtin_return_address(0));
}

N1_EXPORT int sqlite3_bind_double(sqlite3_stmt *statement, int index, double v)
{
    const void *caller = __builtin_return_address(0);
    BIND(store_double(st, index, v), sqlite3_bind_double, index, v);
}

N1_EXPORT int sqlite3_bind_text(sqlite3_stmt *statement, int index, const char *text, int length, destructor free_text)
{
    const void *caller = __builtin_return_address(0);
    BIND(store_text(st, index, text, length), sqlite3_bind_text, index, text, length, free_text);
}

N1_EXPORT int sqlite3_bind_text16(sqlite3_stmt *statement, int index, const void *text, int length,
                                  destructor free_text)
{
    const void *caller = __builtin_return_address(0);
    BIND(store_text16(st, index, text, length), sqlite3_bind_text16, index, text, length, free_text);
}

N1_EXPORT int sqlite3_bind_text64(sqlite3_stmt *statement, int index, const char *text, sqlite3_uint64 length,
                                  destructor free_text, unsigned char encoding)
{
    const void *caller = __builtin_return_address(0);
    BIND(store_encoded(st, index, text, length, encoding), sqlite3_bind_text64, index, text, length, free_text,
         encoding);
}

N1_EXPORT int sqlite3_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int length,
                                destructor free_bytes)
{
    const void *caller = __builtin_return_address(0);
    BIND(store_blob(st, index, length < 0 ? NULL : bytes, length), sqlite3_bind_blob, index, bytes, length, free_bytes);
}

N1_EXPORT int sqlite3_bind_blob64(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 length,
                                  destructor free_bytes)
{
    const void *caller = __builtin_return_address(0);
    BIND(store_blob(st, index, length > INT32_MAX ? NULL : bytes, (sqlite3_int64)length), sqlite3_bind_blob64, index,
         bytes, length, free_bytes);
}

N1_EXPORT int sqlite3_bind_null(sqlite3_stmt *statement, int index)
{
    const void *caller = __builtin_return_address(0);
    BIND(store(st, index, n1_value_null(), "", 0), sqlite3_bind_null, index);
}

N1_EXPORT int sqlite3_bind_zeroblob(sqlite3_stmt *statement, int index, int length)
{
    const void *caller = __builtin_return_address(0);
    BIND(store(st, index, (struct n1_value){.kind = N1_VALUE_UNKNOWN}, "", 0), sqlite3_bind_zeroblob, index, length);
}

N1_EXPORT int sqlite3_bind_zeroblob64(sqlite3_stmt *statement, int index, sqlite3_uint64 length)
{
    const void *caller = __builtin_return_address(0);
    BIND(store(st, index, (struct n1_value){.kind = N1_VALUE_UNKNOWN}, "", 0), sqlite3_bind_zeroblob64, index, length);
}

N1_EXPORT int sqlite3_bind_value(sqlite3_stmt *statement, int index, const sqlite3_value *value)
{
    const void *caller = __builtin_return_address(0);
    BIND(store_value(st, index, value), sqlite3_bind_value, index, value);
}

/* A pointer is NULL to SQL. */
N1_EXPORT int sqlite3_bind_pointer(sqlite3_stmt *statement, int index, void *pointer, const char *type,
                                   destructor free_pointer)
{
    const void *caller = __builtin_return_address(0);
    BIND(store(st, index, n1_value_null(), "", 0), sqlite3_bind_pointer, index, pointer, type, free_pointer);
}

/* Allowed while the statement runs, and some programs clear before they reset (Subversion): what it began with is written
 * first. */
static void clear(struct n1_thread *self, struct n1_statement *st)
{
    if (st->peek)
        n1_sqlite_statement_unpeek(self, st);
    if (n1_execution_is_running(&st->execution))
        n1_execution_keep(self, &st->execution);
    memset(st->values, 0, st->execution.n_bound * sizeof *st->values);
}

N1_EXPORT int sqlite3_clear_bindings(sqlite3_stmt *statement)
{
    struct n1_thread *self = n1_thread_enter();
    struct n1_statement *st = self ? n1_sqlite_statement(self, statement) : NULL;
    const struct n1_provider *provider = st ? st->provider : n1_sqlite_provider(statement, __builtin_return_address(0));
    if (st)
        clear(self, st);
    const int rc = provider ? N1_REAL(provider, sqlite3_clear_bindings)(statement) : SQLITE_ERROR;
    if (self)
        n1_thread_leave(self);
    return rc;
}

N1_EXPORT int sqlite3_transfer_bindings(sqlite3_stmt *from, sqlite3_stmt *statement)
{
    struct n1_thread *self = n1_thread_enter();
    const struct n1_provider *provider = n1_sqlite_provider(statement, __builtin_return_address(0));
    const int rc = provider ? N1_REAL(provider, sqlite3_transfer_bindings)(from, statement) : SQLITE_ERROR;
    struct n1_statement *source = self ? n1_map_find(N1_HANDLE_STATEMENT, from) : NULL;
    struct n1_statement *target = self ? n1_map_find(N1_HANDLE_STATEMENT, statement) : NULL;
    if (source && target && rc == SQLITE_OK && source->execution.n_bound == target->execution.n_bound) {
        for (uint32_t i = 0; i < source->execution.n_bound; i++)
            store(target, (int)i + 1, source->values[i].value, source->values[i].text, source->values[i].text_bytes);
        clear(self, source);
    }
    if (self)
        n1_thread_leave(self);
    return rc;
}
