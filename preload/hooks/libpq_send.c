/* The asynchronous calls: PQsend*, and PQgetResult, which hands results out in the order in which they were asked for. */
#include <string.h>

#include "preload/hooks/libpq.h"

/* libpq's synchronous calls send through these too: inside of one nothing new begins. */
static bool is_own_sending(struct n1_pq_connection *c)
{
    if (!c || !c->sync)
        return false;
    c->sync->is_sent = true;
    return true;
}

#define SEND(kind, begin, function, ...)                                                                               \
    do {                                                                                                               \
        const void *caller = __builtin_return_address(0);                                                              \
        struct n1_thread *self = n1_thread_enter();                                                                    \
        struct n1_pq_connection *c = n1_map_find(N1_HANDLE_CONNECTION, connection);                                    \
        const struct n1_provider *provider = c ? c->provider : n1_real_provider(N1_DIALECT_POSTGRES, caller);          \
        if (!provider || !self || !connection || n1_call_is_inner(self, provider, caller) || is_own_sending(c)) {      \
            if (self)                                                                                                  \
                n1_thread_leave(self);                                                                                 \
            else if (n1_thread_self.is_busy && (kind) == N1_PQ_QUERY)                                                  \
                n1_thread_lose(&n1_thread_self);                                                                       \
            return provider ? N1_REAL(provider, function)(__VA_ARGS__) : 0;                                            \
        }                                                                                                              \
        c = n1_pq_connection_get(provider, connection);                                                                \
        struct n1_pq_pending *p = c ? begin : NULL;                                                                    \
        if (!c && (kind) == N1_PQ_QUERY)                                                                               \
            n1_thread_lose(self);                                                                                      \
        const uint32_t depth = n1_thread_call(self);                                                                   \
        const int is_sent = N1_REAL(provider, function)(__VA_ARGS__);                                                  \
        n1_thread_return(self, depth);                                                                                 \
        if (p && is_sent)                                                                                              \
            n1_pq_queue(c, p);                                                                                         \
        else if (p)                                                                                                    \
            n1_pq_end(self, p, n1_pq_error_code(N1_PQ_CONNECTION_FAILURE));                                            \
        n1_thread_leave(self);                                                                                         \
        return is_sent;                                                                                                \
    } while (0)

N1_EXPORT int PQsendQuery(PGconn *connection, const char *text)
{
    SEND(N1_PQ_QUERY, n1_pq_begin_text(self, c, text, NULL), PQsendQuery, connection, text);
}

N1_EXPORT int PQsendQueryParams(PGconn *connection, const char *text, int count, const Oid *types,
                                const char *const *values, const int *lengths, const int *formats, int result_format)
{
    const struct n1_pq_params params = {count, types, values, lengths, formats};
    SEND(N1_PQ_QUERY, n1_pq_begin_text(self, c, text, &params), PQsendQueryParams, connection, text, count, types,
         values, lengths, formats, result_format);
}

N1_EXPORT int PQsendPrepare(PGconn *connection, const char *name, const char *text, int count, const Oid *types)
{
    SEND(N1_PQ_PREPARE, n1_pq_begin_prepare(self, c, name, text), PQsendPrepare, connection, name, text, count, types);
}

N1_EXPORT int PQsendQueryPrepared(PGconn *connection, const char *name, int count, const char *const *values,
                                  const int *lengths, const int *formats, int result_format)
{
    const struct n1_pq_params params = {count, NULL, values, lengths, formats};
    SEND(N1_PQ_QUERY, n1_pq_begin_named(self, c, name, &params), PQsendQueryPrepared, connection, name, count, values,
         lengths, formats, result_format);
}

N1_EXPORT int PQsendDescribePrepared(PGconn *connection, const char *name)
{
    SEND(N1_PQ_OTHER, n1_pq_begin_other(self), PQsendDescribePrepared, connection, name);
}

N1_EXPORT int PQsendDescribePortal(PGconn *connection, const char *name)
{
    SEND(N1_PQ_OTHER, n1_pq_begin_other(self), PQsendDescribePortal, connection, name);
}

int PQsendClosePrepared(PGconn *connection, const char *name)
{
    SEND(N1_PQ_OTHER, n1_pq_begin_close(self, c, name), PQsendClosePrepared, connection, name);
}

int PQsendClosePortal(PGconn *connection, const char *name)
{
    SEND(N1_PQ_OTHER, n1_pq_begin_other(self), PQsendClosePortal, connection, name);
}

static void got(struct n1_thread *self, struct n1_pq_connection *c, PGresult *result)
{
    struct n1_pq_pending *p = c->sync ? c->sync : c->head;
    if (!p || (c->sync && !p->is_sent))
        return;
    if (result) {
        n1_pq_result(self, c, p, result);
        return;
    }
    if (c->sync || (p->results == 0 && n1_pq_is_pipeline(c)))
        return; /* in a pipeline a NULL before any result means that nothing has arrived yet */
    c->head = p->next;
    if (!c->head)
        c->tail = NULL;
    n1_pq_end(self, p, 0);
}

N1_EXPORT PGresult *PQgetResult(PGconn *connection)
{
    const void *caller = __builtin_return_address(0);
    struct n1_thread *self = n1_thread_enter();
    struct n1_pq_connection *c = n1_map_find(N1_HANDLE_CONNECTION, connection);
    const struct n1_provider *provider = c ? c->provider : n1_real_provider(N1_DIALECT_POSTGRES, caller);
    if (!provider || !self || !c || n1_call_is_inner(self, provider, caller)) {
        if (self)
            n1_thread_leave(self);
        return provider ? N1_REAL(provider, PQgetResult)(connection) : NULL;
    }
    const uint32_t depth = n1_thread_call(self);
    PGresult *result = N1_REAL(provider, PQgetResult)(connection);
    n1_thread_return(self, depth);
    got(self, c, result);
    n1_thread_leave(self);
    return result;
}
