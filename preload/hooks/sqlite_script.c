/* sqlite3_exec and sqlite3_get_table: texts of one or more statements.
 *
 * A library that calls itself through the PLT shows us each statement inside (prepare, step, finalize at script_depth), and
 * those are recorded. One that does not is asked (sqlite_inside.h). */
#include <string.h>

#include "preload/base/clock.h"
#include "preload/hooks/sqlite_inside.h"

struct script {
    struct n1_thread *self;
    const sqlite3 *handle;
    struct n1_inside *inside;
    const char *sql;
    uint64_t start_tick;
    uint32_t depth;
    uint32_t outer_depth, outer_seen; /* of the script that this one runs in */
    const void *outer_statement;
};

/* Before the real function, with its inside to be recorded. */
static void enter(struct script *script)
{
    struct n1_thread *self = script->self;
    script->outer_depth = self->script_depth;
    script->outer_seen = self->script_seen;
    script->start_tick = n1_clock_tick();
    script->outer_statement = self->script_statement;
    self->script_statement = NULL;
    self->script_seen = 0;
    script->depth = n1_thread_call(self);
    self->script_depth = self->depth;
}

static void leave(struct script *script, int rc, const struct n1_provider *provider)
{
    struct n1_thread *self = script->self;
    n1_thread_return(self, script->depth);
    self->script_depth = script->outer_depth;
    n1_sqlite_script_ends(self);
    self->script_statement = script->outer_statement;
    if (self->script_seen)
        n1_real_shows_inside(provider);
    if (script->inside) {
        n1_inside_end(self, script->inside, rc);
    } else if (self->script_seen == 0 && script->sql[strspn(script->sql, " \t\r\n;")]) {
        struct n1_database *db = n1_map_find(N1_HANDLE_DATABASE, script->handle); /* unless a callback has closed it */
        if (db)
            n1_sqlite_whole(self, db, script->sql,
                            rc ? n1_sqlite_error(provider, (sqlite3 *)(uintptr_t)db->handle, rc) : 0,
                            script->start_tick);
        else
            n1_thread_lose(self);
    }
    self->script_seen += script->outer_seen;
}

#define SCRIPT(function, has_reader, ...)                                                                              \
    do {                                                                                                               \
        const void *caller = __builtin_return_address(0);                                                              \
        struct n1_thread *self = n1_thread_enter();                                                                    \
        struct n1_database *db = n1_map_find(N1_HANDLE_DATABASE, handle);                                              \
        const struct n1_provider *provider = db ? db->provider : n1_real_provider(N1_DIALECT_SQLITE, caller);          \
        if (!provider || !self || !sql || n1_call_is_inner(self, provider, caller)) {                                  \
            if (self)                                                                                                  \
                n1_thread_leave(self);                                                                                 \
            return provider ? N1_REAL(provider, function)(__VA_ARGS__) : SQLITE_ERROR;                                 \
        }                                                                                                              \
        struct script script = {.self = self, .handle = handle, .sql = sql};                                           \
        script.inside = n1_inside_begin(self, db ? db : n1_sqlite_database(provider, handle), sql, has_reader);        \
        enter(&script);                                                                                                \
        const int rc = N1_REAL(provider, function)(__VA_ARGS__);                                                       \
        leave(&script, rc, provider);                                                                                  \
        n1_thread_leave(self);                                                                                         \
        return rc;                                                                                                     \
    } while (0)

N1_EXPORT int sqlite3_exec(sqlite3 *handle, const char *sql, int (*callback)(void *, int, char **, char **),
                           void *argument, char **message)
{
    SCRIPT(sqlite3_exec, callback != NULL, handle, sql, callback, argument, message);
}

N1_EXPORT int sqlite3_get_table(sqlite3 *handle, const char *sql, char ***table, int *rows, int *columns,
                                char **message)
{
    SCRIPT(sqlite3_get_table, true, handle, sql, table, rows, columns, message);
}
