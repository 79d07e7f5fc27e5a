/* sqlite3_prepare*: a prepared statement gets its state, a failed one is an execution with an error. */
#include <string.h>

#include "preload/base/clock.h"
#include "preload/base/memory.h"
#include "preload/hooks/sqlite.h"

static void failed8(struct n1_thread *self, struct n1_database *db, const char *sql, int size_bytes, uint32_t error,
                    uint64_t start_tick)
{
    const size_t length = !sql ? 0 : size_bytes < 0 ? strlen(sql) : strnlen(sql, (size_t)size_bytes);
    n1_sqlite_failed(self, db, sql ? sql : "", length, error, start_tick);
}

/* UTF-16 text of a failed prepare: converted into pages of its own, for it is rare. */
static void failed16(struct n1_thread *self, struct n1_database *db, const void *sql, int size_bytes, uint32_t error,
                     uint64_t start_tick)
{
    const unsigned char *bytes = sql;
    size_t n = 0;
    while (bytes && (size_bytes < 0 || n + 1 < (size_t)size_bytes) && (bytes[n] || bytes[n + 1]))
        n += 2;
    const size_t capacity = n * 2 + 1;
    char *utf8 = n1_memory_map(capacity);
    if (utf8) {
        const int length = n1_sqlite_utf8(sql, n, utf8, capacity);
        n1_sqlite_failed(self, db, utf8, length < 0 ? 0 : (size_t)length, error, start_tick);
    }
    n1_memory_unmap(utf8, capacity);
}

/* A statement that sqlite3_exec prepares is gone when it prepares the next. */
static void note_script(struct n1_thread *self, const struct n1_provider *provider, const void *caller,
                        const void *statement)
{
    if (provider->is_embedded || (uintptr_t)caller - provider->code >= provider->code_bytes)
        return; /* a callback's, or perhaps */
    n1_sqlite_script_ends(self);
    self->script_statement = statement;
}

#define PREPARE(call, on_failure)                                                                                      \
    do {                                                                                                               \
        const void *caller = __builtin_return_address(0);                                                              \
        struct n1_thread *self = n1_thread_enter();                                                                    \
        struct n1_database *known = n1_map_find(N1_HANDLE_DATABASE, handle);                                           \
        const struct n1_provider *provider = known ? known->provider : n1_real_provider(N1_DIALECT_SQLITE, caller);    \
        if (n1_call_is_passed_on(self, provider, caller))                                                              \
            return provider ? call : SQLITE_ERROR;                                                                     \
        const uint64_t start_tick = n1_clock_tick();                                                                   \
        const uint32_t depth = n1_thread_call(self);                                                                   \
        const int rc = call;                                                                                           \
        n1_thread_return(self, depth);                                                                                 \
        if (N1_LIKELY(rc == SQLITE_OK && known && *out && !self->script_depth)) {                                      \
            n1_sqlite_statement_add(self, known, *out);                                                                \
            n1_thread_leave(self);                                                                                     \
            return SQLITE_OK;                                                                                          \
        }                                                                                                              \
        if (self->script_depth)                                                                                        \
            note_script(self, provider, caller, rc == SQLITE_OK ? *out : NULL);                                        \
        struct n1_database *db = known && rc == SQLITE_OK        ? known                                               \
                                 : handle && rc != SQLITE_MISUSE ? n1_sqlite_database(provider, handle)                \
                                                                 : NULL;                                               \
        if (rc == SQLITE_MISUSE)                                                                                       \
            ; /* no statement, and the handle may be none */                                                           \
        else if (rc == SQLITE_OK && db && *out)                                                                        \
            n1_sqlite_statement_add(self, db, *out);                                                                   \
        else if (rc != SQLITE_OK && db)                                                                                \
            on_failure;                                                                                                \
        else if (rc != SQLITE_OK)                                                                                      \
            n1_thread_lose(self);                                                                                      \
        n1_thread_leave(self);                                                                                         \
        return rc;                                                                                                     \
    } while (0)

#define FAILED   failed8(self, db, sql, size_bytes, n1_sqlite_error(provider, handle, rc), start_tick)
#define FAILED16 failed16(self, db, sql, size_bytes, n1_sqlite_error(provider, handle, rc), start_tick)

N1_EXPORT int sqlite3_prepare(sqlite3 *handle, const char *sql, int size_bytes, sqlite3_stmt **out, const char **tail)
{
    PREPARE(N1_REAL(provider, sqlite3_prepare)(handle, sql, size_bytes, out, tail), FAILED);
}

N1_EXPORT N1_WAY("22") int sqlite3_prepare_v2(sqlite3 *handle, const char *sql, int size_bytes, sqlite3_stmt **out,
                                              const char **tail)
{
    PREPARE(N1_REAL(provider, sqlite3_prepare_v2)(handle, sql, size_bytes, out, tail), FAILED);
}

N1_EXPORT int sqlite3_prepare_v3(sqlite3 *handle, const char *sql, int size_bytes, unsigned flags, sqlite3_stmt **out,
                                 const char **tail)
{
    PREPARE(N1_REAL(provider, sqlite3_prepare_v3)(handle, sql, size_bytes, flags, out, tail), FAILED);
}

N1_EXPORT int sqlite3_prepare16(sqlite3 *handle, const void *sql, int size_bytes, sqlite3_stmt **out, const void **tail)
{
    PREPARE(N1_REAL(provider, sqlite3_prepare16)(handle, sql, size_bytes, out, tail), FAILED16);
}

N1_EXPORT int sqlite3_prepare16_v2(sqlite3 *handle, const void *sql, int size_bytes, sqlite3_stmt **out,
                                   const void **tail)
{
    PREPARE(N1_REAL(provider, sqlite3_prepare16_v2)(handle, sql, size_bytes, out, tail), FAILED16);
}

N1_EXPORT int sqlite3_prepare16_v3(sqlite3 *handle, const void *sql, int size_bytes, unsigned flags, sqlite3_stmt **out,
                                   const void **tail)
{
    PREPARE(N1_REAL(provider, sqlite3_prepare16_v3)(handle, sql, size_bytes, flags, out, tail), FAILED16);
}
