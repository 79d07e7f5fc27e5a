/* sqlite3_open*, sqlite3_close*. */
#include "preload/hooks/sqlite.h"
#include "preload/hooks/sqlite_inside.h"

/* sqlite3_close frees handles of statements only as zombies, so states of statements live until their finalize. */

static void opened(struct n1_thread *self, const struct n1_provider *provider, int rc, sqlite3 *db,
                   const char *filename)
{
    (void)self;
    if (rc == SQLITE_OK && db) /* without room for it, the executions of its statements are counted as lost */
        n1_sqlite_database_add(provider, db, filename);
}

/* Opens and remembers. `name` is the UTF-8 file name. */
#define OPEN(call, name)                                                                                               \
    do {                                                                                                               \
        const void *caller = __builtin_return_address(0);                                                              \
        const struct n1_provider *provider = n1_call_maker(N1_DIALECT_SQLITE, caller);                                 \
        struct n1_thread *self = n1_thread_enter();                                                                    \
        if (n1_call_is_passed_on(self, provider, caller))                                                              \
            return provider ? call : (*out = NULL, SQLITE_ERROR);                                                      \
        const uint32_t depth = n1_thread_call(self);                                                                   \
        const int rc = call;                                                                                           \
        n1_thread_return(self, depth);                                                                                 \
        opened(self, provider, rc, *out, name);                                                                        \
        n1_thread_leave(self);                                                                                         \
        return rc;                                                                                                     \
    } while (0)

N1_EXPORT int sqlite3_open(const char *filename, sqlite3 **out)
{
    OPEN(N1_REAL(provider, sqlite3_open)(filename, out), filename);
}

N1_EXPORT int sqlite3_open_v2(const char *filename, sqlite3 **out, int flags, const char *vfs)
{
    OPEN(N1_REAL(provider, sqlite3_open_v2)(filename, out, flags, vfs), filename);
}

N1_EXPORT int sqlite3_open16(const void *filename, sqlite3 **out)
{
    OPEN(N1_REAL(provider, sqlite3_open16)(filename, out),
         rc == SQLITE_OK ? N1_REAL(provider, sqlite3_db_filename)(*out, "main") : NULL);
}

/* The state goes before the handle does: its address may be another database's at once. A refused close (BUSY) brings
 * it back. */
#define CLOSE(function)                                                                                                \
    do {                                                                                                               \
        const void *caller = __builtin_return_address(0);                                                              \
        struct n1_thread *self = n1_thread_enter();                                                                    \
        struct n1_database *db =                                                                                       \
            self ? n1_map_remove(N1_HANDLE_DATABASE, handle) : n1_map_find(N1_HANDLE_DATABASE, handle);                \
        const struct n1_provider *provider = db ? db->provider : n1_real_provider(N1_DIALECT_SQLITE, caller);          \
        if (!provider) {                                                                                               \
            if (self)                                                                                                  \
                n1_thread_leave(self);                                                                                 \
            return SQLITE_ERROR;                                                                                       \
        }                                                                                                              \
        if (!self)                                                                                                     \
            return N1_REAL(provider, function)(handle);                                                                \
        if (db)                                                                                                        \
            n1_inside_close(self, db);                                                                                 \
        const uint32_t depth = n1_thread_call(self);                                                                   \
        const int rc = N1_REAL(provider, function)(handle);                                                            \
        n1_thread_return(self, depth);                                                                                 \
        void *before = NULL;                                                                                           \
        if (db && (rc == SQLITE_OK || n1_map_add(N1_HANDLE_DATABASE, handle, db, &before) != 0))                       \
            n1_sqlite_database_give(self, db);                                                                         \
        n1_thread_leave(self);                                                                                         \
        return rc;                                                                                                     \
    } while (0)

N1_EXPORT int sqlite3_close(sqlite3 *handle)
{
    CLOSE(sqlite3_close);
}

N1_EXPORT int sqlite3_close_v2(sqlite3 *handle)
{
    CLOSE(sqlite3_close_v2);
}
