/* What the recorder knows of SQLite's handles: a database of its connection, a statement of its text, its bound values and
 * its execution. Looked up by handle (map.h) and, for the statement of the moment, in the thread.
 *
 * A state is made when its handle is made and removed before the handle is freed, because the next handle may get the same
 * address. States lie in the pool; without room for one the handle's statements are counted as lost.
 */
#ifndef N1_PRELOAD_SQLITE_H
#define N1_PRELOAD_SQLITE_H

#include <sqlite3.h>
#include <stdint.h>

#include "preload/base/map.h"
#include "preload/base/text.h"
#include "preload/binding/real.h"
#include "preload/hooks/call.h"
#include "preload/recorder/execution.h"
#include "preload/recorder/statement.h"
#include "preload/recorder/thread.h"

#if SQLITE_VERSION_NUMBER < 3040000
int sqlite3_value_encoding(sqlite3_value *value);
#endif

typedef int n1_trace_callback(unsigned, void *, void *, void *);

/* What the program asked sqlite3_trace_v2 for. */
struct n1_trace_wish {
    unsigned events; /* 0: none */
    n1_trace_callback *callback;
    void *argument;
};

struct n1_inside;

struct n1_database {
    const sqlite3 *handle;
    const struct n1_provider *provider;
    uint32_t connection;
    bool has_old_trace, has_old_profile; /* sqlite3_trace, sqlite3_profile: they cannot share the library's trace */
    struct n1_trace_wish trace;
    struct n1_inside *inside;      /* sqlite_inside.h; the innermost call, NULL: none */
    struct n1_execution execution; /* of n1_sqlite_failed and n1_sqlite_whole */
    struct n1_encode_value values[N1_PARAMS_MAX];
};

/* The statement that this thread used before its last one, else as the map says: it is the last one then. A state that is not
 * plain when there is none. */
struct n1_statement *n1_sqlite_recall(struct n1_thread *self, const sqlite3_stmt *handle);

/* For the short ways: the statement's state, or one that is not plain. */
static inline struct n1_statement *n1_sqlite_recent(struct n1_thread *self, const sqlite3_stmt *handle)
{
    struct n1_statement *st = self->last_statement;
    return N1_LIKELY(st->handle == handle) ? st : n1_sqlite_recall(self, handle);
}

/* The statement's state, or NULL. */
static inline struct n1_statement *n1_sqlite_statement(struct n1_thread *self, const sqlite3_stmt *handle)
{
    struct n1_statement *st = n1_sqlite_recent(self, handle);
    return N1_LIKELY(st->handle == handle && handle) ? st : NULL;
}

/* The provider of a call that is only passed on: by the handle's state, else by the caller. */
static inline const struct n1_provider *n1_sqlite_provider(const void *handle_statement, const void *caller)
{
    const struct n1_statement *st = n1_map_find(N1_HANDLE_STATEMENT, handle_statement);
    return st ? st->provider : n1_real_provider(N1_DIALECT_SQLITE, caller);
}

/* A database that was opened; filename may be NULL. NULL: no memory. */
struct n1_database *n1_sqlite_database_add(const struct n1_provider *provider, sqlite3 *handle, const char *filename);
/* Its state, made when the open was not seen. NULL: no memory. */
struct n1_database *n1_sqlite_database(const struct n1_provider *provider, sqlite3 *handle);
void n1_sqlite_database_give(struct n1_thread *self, struct n1_database *db);

/* A statement that was prepared. */
void n1_sqlite_statement_add(struct n1_thread *self, struct n1_database *db, sqlite3_stmt *handle);
/* One whose prepare was not seen (the thread had no slot then) or found no memory: known from its next run on, its bound values
 * unknown until they are bound again. NULL: in the middle of a run, or still no memory. */
struct n1_statement *n1_sqlite_statement_adopt(struct n1_thread *self, const struct n1_provider *provider,
                                               sqlite3_stmt *handle);
/* A plain one that does not run will be finalized. Programs that prepare a statement each time get the same address again, so the
 * state stays in the map and is parked in the slot: revived when the same text is prepared at that address, without a lock. */
void n1_sqlite_statement_park(struct n1_thread *self, struct n1_statement *st);
/* Ends its execution, forgets it, gives its memory back. */
void n1_sqlite_statement_give(struct n1_thread *self, struct n1_statement *st);

/* The library has finalized what it prepared in the script of this thread (thread.h). */
void n1_sqlite_script_ends(struct n1_thread *self);

static inline void n1_sqlite_statement_set_peek(struct n1_statement *st, enum n1_peek peek)
{
    st->peek = (uint8_t)peek;
    st->is_plain = peek == N1_PEEK_NONE && !st->provider->is_embedded && n1_process.is_usual;
}

/* A peeked execution was one of its own after all. */
static inline void n1_sqlite_statement_unpeek(struct n1_thread *self, struct n1_statement *st)
{
    n1_sqlite_statement_set_peek(st, N1_PEEK_NONE);
    if (n1_execution_is_running(&st->execution))
        n1_execution_end(self, &st->execution, 0);
}

/* Executions without a statement's state: the first statement of a text that did not compile (failed); or a call of which nothing
 * but its text is known (whole), each statement of it, the time being the first one's and a failure too, for want of better
 * knowledge. They are over, and began at start_tick. */
void n1_sqlite_failed(struct n1_thread *self, struct n1_database *db, const char *sql, size_t length, uint32_t error,
                      uint64_t start_tick);
void n1_sqlite_whole(struct n1_thread *self, struct n1_database *db, const char *sql, uint32_t error,
                     uint64_t start_tick);

/* SQLite's extended code of the last failure on db. */
uint32_t n1_sqlite_error(const struct n1_provider *provider, sqlite3 *db, int rc);

/* For n1_cells_describe: handle is the sqlite3_stmt. */
struct n1_sqlite_columns {
    const struct n1_provider *provider;
    sqlite3_stmt *statement;
};
struct n1_column_source;
void n1_sqlite_read_column(void *columns, uint32_t column, struct n1_column_source *out);

/* A copy of a text or blob of at most capacity bytes, to be read in any form and freed by sqlite3_value_free: reading the
 * program's own value would convert it, or mark it so that its length reads otherwise. NULL: too long, UTF-16 (its length
 * cannot be asked), neither text nor blob, or the library is older than 3.40. */
sqlite3_value *n1_sqlite_copy(const struct n1_provider *provider, sqlite3_value *value, int capacity);

/* Result text of UTF-16 as UTF-8; at most capacity bytes. Returns the length, or −1 when it does not fit. */
int n1_sqlite_utf8(const void *utf16, size_t size_bytes, char *out, size_t capacity);

#endif
