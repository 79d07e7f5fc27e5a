/* sqlite3_trace_v2, sqlite3_trace, sqlite3_profile: a connection has one trace callback, and we may need it for a while
 * (sqlite_inside.h). So what the program wants is remembered, and it hears of it through us meanwhile. */
#include "preload/hooks/sqlite_inside.h"

/* The connection's state, made when its opening was not seen. NULL: no recording, or no memory. */
static struct n1_database *find(sqlite3 *handle, const void *caller, const struct n1_provider **provider)
{
    struct n1_database *db = n1_map_find(N1_HANDLE_DATABASE, handle);
    *provider = db ? db->provider : n1_real_provider(N1_DIALECT_SQLITE, caller);
    struct n1_thread *self = *provider && handle && !db ? n1_thread_enter() : NULL;
    if (self) {
        db = n1_sqlite_database(*provider, handle);
        n1_thread_leave(self);
    }
    return db;
}

N1_EXPORT int sqlite3_trace_v2(sqlite3 *handle, unsigned events, n1_trace_callback *callback, void *argument)
{
    const struct n1_provider *provider;
    struct n1_database *db = find(handle, __builtin_return_address(0), &provider);
    if (!provider || !N1_HAS(provider, sqlite3_trace_v2))
        return SQLITE_ERROR;
    if (!db || !N1_HAS(provider, sqlite3_db_mutex))
        return N1_REAL(provider, sqlite3_trace_v2)(handle, events, callback, argument);
    const bool is_on = events && callback;
    return n1_inside_wish(db, &(struct n1_trace_wish){is_on ? events : 0, is_on ? callback : NULL, argument});
}

/* These take effect at once: what runs inside a call of the moment is not seen from here on. */
N1_EXPORT void *sqlite3_trace(sqlite3 *handle, void (*callback)(void *, const char *), void *argument)
{
    const struct n1_provider *provider;
    struct n1_database *db = find(handle, __builtin_return_address(0), &provider);
    if (!provider || !N1_HAS(provider, sqlite3_trace))
        return NULL;
    void *before = N1_REAL(provider, sqlite3_trace)(handle, callback, argument);
    if (!db)
        return before;
    if (before == db)
        before = db->trace.argument;
    db->trace = (struct n1_trace_wish){.argument = argument};
    db->has_old_trace = callback != NULL;
    return before;
}

N1_EXPORT void *sqlite3_profile(sqlite3 *handle, void (*callback)(void *, const char *, sqlite3_uint64), void *argument)
{
    const struct n1_provider *provider;
    struct n1_database *db = find(handle, __builtin_return_address(0), &provider);
    if (!provider || !N1_HAS(provider, sqlite3_profile))
        return NULL;
    if (db)
        db->has_old_profile = callback != NULL;
    return N1_REAL(provider, sqlite3_profile)(handle, callback, argument);
}
