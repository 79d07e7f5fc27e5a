/* What the recorder knows of libpq's connections: what is under way on them and what their prepared statements say.
 *
 * A call becomes a `pending`: its text or prepared name, its parameters, its execution. Synchronous calls have theirs in
 * connection->sync while they run; asynchronous ones wait in a queue, to which PQgetResult gives its results in order:
 *     outside of pipeline mode NULL ends the head; in pipeline mode each query's results end with NULL too, and the
 *     PGRES_PIPELINE_SYNC results between belong to nobody.
 * A text of several statements is one pending whose results are one execution each, named by its pieces.
 *
 * Names of prepared statements are kept as hashes, at most three quarters of N1_PQ_NAMES a connection; when they are more, one is
 * forgotten, and its executions are recorded as "EXECUTE name". What is prepared while the thread has no room for a recording keeps
 * its text with its name, until an execution with room asks for it.
 */
#ifndef N1_PRELOAD_LIBPQ_H
#define N1_PRELOAD_LIBPQ_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "preload/base/map.h"
#include "preload/base/text.h"
#include "preload/binding/real.h"
#include "preload/hooks/call.h"
#include "preload/recorder/execution.h"
#include "preload/recorder/thread.h"

#define N1_PQ_NAMES 2048U /* places: a quarter stays free */

struct n1_pq_name {
    uint64_t hash; /* 0: empty */
    uint32_t sql;
    uint32_t n_literals;
    uint32_t literals_bytes;
    struct n1_encode_value *literals; /* pool block, with their real values behind them; or NULL */
    char *text;                       /* pool block of text_bytes when sql is not known yet, else NULL */
    uint32_t text_bytes;
};

struct n1_pq_names {
    struct n1_pq_name *name; /* `room` places, a power of two, or none */
    uint32_t room, count;
    uint32_t hand; /* where the next one to be forgotten is looked for */
};

enum n1_pq_kind { N1_PQ_QUERY, N1_PQ_PREPARE, N1_PQ_OTHER };

struct n1_pq_pending {
    struct n1_pq_pending *next;
    enum n1_pq_kind kind;
    uint32_t results; /* seen so far, NULL not counted */
    bool is_sent;     /* sync: what comes now are its own results, not those that were left over */
    uint64_t start_tick;
    uint64_t name_hash; /* PREPARE, DEALLOCATE */
    char *script;       /* text of several statements, or of a PREPARE; pool block of script_bytes */
    uint32_t script_bytes;
    uint32_t script_at;   /* of the next piece */
    uint32_t deallocates; /* hash_name is forgotten when it succeeds: 1; all names: 2 */
    char *prepare;        /* the statement inside an SQL-level PREPARE; pool block of prepare_bytes */
    uint32_t prepare_bytes;
    struct n1_arena arena; /* --values: while they are read, then … */
    char *texts;           /* … pool block of texts_bytes */
    uint32_t texts_bytes;
    struct n1_execution execution;
    struct n1_encode_value values[N1_PARAMS_MAX];
};

struct n1_pq_connection {
    const PGconn *handle;
    const struct n1_provider *provider;
    uint32_t connection; /* id; 0: not written yet, names are known only when it is made */
    struct n1_pq_pending *sync;
    struct n1_pq_pending *head, *tail;
    struct n1_pq_names names;
};

/* Parameters as the library's functions take them. */
struct n1_pq_params {
    int count;
    const Oid *types; /* may be NULL */
    const char *const *values;
    const int *lengths; /* may be NULL */
    const int *formats; /* may be NULL */
};

/* ---- connections ---------------------------------------------------------------------------------------------------- */
struct n1_pq_connection *n1_pq_connection_add(const struct n1_provider *provider, PGconn *handle);
/* Found, or made when its making was not seen. NULL: no memory. */
struct n1_pq_connection *n1_pq_connection_get(const struct n1_provider *provider, PGconn *handle);
/* There synchronous calls fail at once, what is queued stays, and a NULL before any result means that nothing has arrived yet. */
bool n1_pq_is_pipeline(const struct n1_pq_connection *c);
/* Ends everything under way; forgets prepared statements (PQreset). */
void n1_pq_connection_clear(struct n1_thread *self, struct n1_pq_connection *c);
void n1_pq_connection_give(struct n1_thread *self, struct n1_pq_connection *c);
/* Ends what is in the queue: a synchronous call throws left-over results away. */
void n1_pq_abandon(struct n1_thread *self, struct n1_pq_connection *c);

/* ---- names of prepared statements (libpq_names.c) -------------------------------------------------------------------- */
uint64_t n1_pq_name_hash(const char *name, size_t length);
/* NULL: not known. By a thread with a slot. */
const struct n1_pq_name *n1_pq_name_find(struct n1_thread *self, const struct n1_pq_names *names, uint64_t hash);
void n1_pq_name_remember(struct n1_pq_names *names, uint64_t hash, const struct n1_text *text,
                         const struct n1_encode_value *literals);
/* By its text alone, to be looked up by the first execution. */
void n1_pq_name_keep(struct n1_pq_names *names, uint64_t hash, const char *text, size_t length);
void n1_pq_name_forget(struct n1_pq_names *names, uint64_t hash);
void n1_pq_name_forget_all(struct n1_pq_names *names);
/* And gives their memory back. */
void n1_pq_name_release(struct n1_pq_names *names);

/* ---- PREPARE, EXECUTE, DEALLOCATE (libpq_sql.c) ----------------------------------------------------------------------- */
/* They share the names of the protocol's. Looks at a text whose id, literals
 * and bound parameters are in p->execution. An EXECUTE of a known name becomes that statement, its arguments bound;
 * for the others n1_pq_sql_done does what has to be done once they have succeeded. */
void n1_pq_sql_begin(struct n1_thread *self, struct n1_pq_connection *c, struct n1_pq_pending *p, const char *text,
                     size_t length);
void n1_pq_sql_done(struct n1_pq_connection *c, struct n1_pq_pending *p);

/* ---- calls ------------------------------------------------------------------------------------------------------------ */
/* Each gives a pending that has begun, or NULL (counted as lost). */
struct n1_pq_pending *n1_pq_begin_text(struct n1_thread *self, struct n1_pq_connection *c, const char *text,
                                       const struct n1_pq_params *params);
struct n1_pq_pending *n1_pq_begin_named(struct n1_thread *self, struct n1_pq_connection *c, const char *name,
                                        const struct n1_pq_params *params);
struct n1_pq_pending *n1_pq_begin_prepare(struct n1_thread *self, struct n1_pq_connection *c, const char *name,
                                          const char *text);
struct n1_pq_pending *n1_pq_begin_other(struct n1_thread *self);
/* PQclosePrepared and its like: the name is forgotten. */
struct n1_pq_pending *n1_pq_begin_close(struct n1_thread *self, struct n1_pq_connection *c, const char *name);

/* One result of a pending. NULL is no result but a failure of the connection. */
void n1_pq_result(struct n1_thread *self, struct n1_pq_connection *c, struct n1_pq_pending *p, PGresult *result);
/* The result of a synchronous call whose inside was not seen (a copy that calls itself directly). Of a text of several
 * statements that succeeded it is the last one's: the others ran before it, with rows that nobody knows. One that failed is its
 * first one's, for want of better knowledge. */
void n1_pq_only_result(struct n1_thread *self, struct n1_pq_connection *c, struct n1_pq_pending *p, PGresult *result);
/* Gives the pending back, ending its execution when it runs. error: 0 when it ended as it should. */
void n1_pq_end(struct n1_thread *self, struct n1_pq_pending *p, uint32_t error);
void n1_pq_queue(struct n1_pq_connection *c, struct n1_pq_pending *p);

/* ---- values (libpq_value.c) ------------------------------------------------------------------------------------------- */
/* Returns how many were written (at most N1_PARAMS_MAX; more are counted). */
uint32_t n1_pq_read_params(const struct n1_pq_params *params, struct n1_encode_value *out, struct n1_arena *arena);
/* The literals of a statement that was prepared, behind what is bound: copies, because its name may be forgotten first. */
void n1_pq_add_literals(struct n1_pq_pending *p, const struct n1_encode_value *literals, uint32_t n);
/* Counts a result's rows and stages their cells. */
void n1_pq_read_rows(struct n1_thread *self, const struct n1_provider *provider, struct n1_execution *e,
                     PGresult *result);

/* Of libpq 17. Hooked through the auditor only (redirect.c): whoever looks whether the library has them must see the library's. */
#ifndef LIBPQ_HAS_CLOSE_PREPARED
PGresult *PQclosePrepared(PGconn *connection, const char *name);
PGresult *PQclosePortal(PGconn *connection, const char *name);
int PQsendClosePrepared(PGconn *connection, const char *name);
int PQsendClosePortal(PGconn *connection, const char *name);
#endif

/* An SQLSTATE as a number: five digits of base 36. 0 for anything else. */
uint32_t n1_pq_error_code(const char *sqlstate);
#define N1_PQ_CONNECTION_FAILURE "08006"

#endif
