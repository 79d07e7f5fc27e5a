/* The synchronous calls: PQexec, PQexecParams, PQprepare, PQexecPrepared, PQdescribe*. */
#include <string.h>

#include "preload/hooks/libpq.h"

/* Enters the real function; what it sends and receives inside belongs to `p`. */
static uint32_t enter(struct n1_thread *self, struct n1_pq_connection *c, struct n1_pq_pending *p,
                      uint32_t *outer_script)
{
    c->sync = p;
    *outer_script = self->script_depth;
    const uint32_t depth = n1_thread_call(self);
    self->script_depth = p && p->script ? self->depth : 0; /* results of the inside matter to scripts only */
    return depth;
}

static void leave(struct n1_thread *self, struct n1_pq_connection *c, struct n1_pq_pending *p, PGresult *result)
{
    c->sync = NULL;
    if (!p)
        return;
    if (p->results == 0) /* else every result was seen inside */
        n1_pq_only_result(self, c, p, result);
    if (n1_execution_is_running(&p->execution) && result)
        n1_pq_queue(c, p); /* COPY: goes on until a later PQgetResult */
    else
        n1_pq_end(self, p, 0);
}

#define EXECUTE(kind, begin, function, ...)                                                                            \
    do {                                                                                                               \
        const void *caller = __builtin_return_address(0);                                                              \
        struct n1_thread *self = n1_thread_enter();                                                                    \
        struct n1_pq_connection *c = n1_map_find(N1_HANDLE_CONNECTION, connection);                                    \
        const struct n1_provider *provider = c ? c->provider : n1_real_provider(N1_DIALECT_POSTGRES, caller);          \
        if (!provider || !self || !connection || n1_call_is_inner(self, provider, caller)) {                           \
            if (self)                                                                                                  \
                n1_thread_leave(self);                                                                                 \
            else if (n1_thread_self.is_busy && (kind) == N1_PQ_QUERY)                                                  \
                n1_thread_lose(&n1_thread_self);                                                                       \
            return provider ? N1_REAL(provider, function)(__VA_ARGS__) : NULL;                                         \
        }                                                                                                              \
        c = n1_pq_connection_get(provider, connection);                                                                \
        if (!c && (kind) == N1_PQ_QUERY)                                                                               \
            n1_thread_lose(self);                                                                                      \
        else if (c && !n1_pq_is_pipeline(c))                                                                           \
            n1_pq_abandon(self, c);                                                                                    \
        struct n1_pq_pending *p = c ? begin : NULL;                                                                    \
        uint32_t script = self->script_depth;                                                                          \
        const uint32_t depth = c ? enter(self, c, p, &script) : n1_thread_call(self);                                  \
        PGresult *result = N1_REAL(provider, function)(__VA_ARGS__);                                                   \
        n1_thread_return(self, depth);                                                                                 \
        self->script_depth = script;                                                                                   \
        if (c)                                                                                                         \
            leave(self, c, p, result);                                                                                 \
        n1_thread_leave(self);                                                                                         \
        return result;                                                                                                 \
    } while (0)

N1_EXPORT PGresult *PQexec(PGconn *connection, const char *text)
{
    EXECUTE(N1_PQ_QUERY, n1_pq_begin_text(self, c, text, NULL), PQexec, connection, text);
}

N1_EXPORT PGresult *PQexecParams(PGconn *connection, const char *text, int count, const Oid *types,
                                 const char *const *values, const int *lengths, const int *formats, int result_format)
{
    const struct n1_pq_params params = {count, types, values, lengths, formats};
    EXECUTE(N1_PQ_QUERY, n1_pq_begin_text(self, c, text, &params), PQexecParams, connection, text, count, types, values,
            lengths, formats, result_format);
}

N1_EXPORT PGresult *PQprepare(PGconn *connection, const char *name, const char *text, int count, const Oid *types)
{
    EXECUTE(N1_PQ_PREPARE, n1_pq_begin_prepare(self, c, name, text), PQprepare, connection, name, text, count, types);
}

N1_EXPORT PGresult *PQexecPrepared(PGconn *connection, const char *name, int count, const char *const *values,
                                   const int *lengths, const int *formats, int result_format)
{
    const struct n1_pq_params params = {count, NULL, values, lengths, formats};
    EXECUTE(N1_PQ_QUERY, n1_pq_begin_named(self, c, name, &params), PQexecPrepared, connection, name, count, values,
            lengths, formats, result_format);
}

N1_EXPORT PGresult *PQdescribePrepared(PGconn *connection, const char *name)
{
    EXECUTE(N1_PQ_OTHER, n1_pq_begin_other(self), PQdescribePrepared, connection, name);
}

PGresult *PQclosePrepared(PGconn *connection, const char *name)
{
    EXECUTE(N1_PQ_OTHER, n1_pq_begin_close(self, c, name), PQclosePrepared, connection, name);
}

PGresult *PQclosePortal(PGconn *connection, const char *name)
{
    EXECUTE(N1_PQ_OTHER, n1_pq_begin_other(self), PQclosePortal, connection, name);
}

N1_EXPORT PGresult *PQdescribePortal(PGconn *connection, const char *name)
{
    EXECUTE(N1_PQ_OTHER, n1_pq_begin_other(self), PQdescribePortal, connection, name);
}
