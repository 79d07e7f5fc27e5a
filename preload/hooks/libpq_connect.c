/* PQconnect*, PQreset*, PQfinish. A connection is remembered when the call returns; who it leads to is asked when its first
 * statement is recorded. */
#include "preload/hooks/libpq.h"

#define CONNECT(function, ...)                                                                                         \
    do {                                                                                                               \
        const void *caller = __builtin_return_address(0);                                                              \
        const struct n1_provider *provider = n1_call_maker(N1_DIALECT_POSTGRES, caller);                               \
        struct n1_thread *self = n1_thread_enter();                                                                    \
        if (n1_call_is_passed_on(self, provider, caller))                                                              \
            return provider ? N1_REAL(provider, function)(__VA_ARGS__) : NULL;                                         \
        const uint32_t depth = n1_thread_call(self);                                                                   \
        PGconn *connection = N1_REAL(provider, function)(__VA_ARGS__);                                                 \
        n1_thread_return(self, depth);                                                                                 \
        if (connection)                                                                                                \
            n1_pq_connection_add(provider, connection);                                                                \
        n1_thread_leave(self);                                                                                         \
        return connection;                                                                                             \
    } while (0)

N1_EXPORT PGconn *PQconnectdb(const char *info)
{
    CONNECT(PQconnectdb, info);
}

N1_EXPORT PGconn *PQconnectdbParams(const char *const *keywords, const char *const *values, int expand_dbname)
{
    CONNECT(PQconnectdbParams, keywords, values, expand_dbname);
}

N1_EXPORT PGconn *PQsetdbLogin(const char *host, const char *port, const char *options, const char *tty,
                               const char *database, const char *login, const char *password)
{
    CONNECT(PQsetdbLogin, host, port, options, tty, database, login, password);
}

N1_EXPORT PGconn *PQconnectStart(const char *info)
{
    CONNECT(PQconnectStart, info);
}

N1_EXPORT PGconn *PQconnectStartParams(const char *const *keywords, const char *const *values, int expand_dbname)
{
    CONNECT(PQconnectStartParams, keywords, values, expand_dbname);
}

/* A reset connection is a new session: nothing is under way, nothing is prepared. */
#define RESET(function, none, result, assign)                                                                          \
    do {                                                                                                               \
        const void *caller = __builtin_return_address(0);                                                              \
        struct n1_thread *self = n1_thread_enter();                                                                    \
        struct n1_pq_connection *c = n1_map_find(N1_HANDLE_CONNECTION, connection);                                    \
        const struct n1_provider *provider = c ? c->provider : n1_real_provider(N1_DIALECT_POSTGRES, caller);          \
        uint32_t depth = 0;                                                                                            \
        if (self && c)                                                                                                 \
            n1_pq_connection_clear(self, c);                                                                           \
        if (self)                                                                                                      \
            depth = n1_thread_call(self);                                                                              \
        if (provider)                                                                                                  \
            assign N1_REAL(provider, function)(connection);                                                            \
        if (self) {                                                                                                    \
            n1_thread_return(self, depth);                                                                             \
            n1_thread_leave(self);                                                                                     \
        }                                                                                                              \
        return result;                                                                                                 \
    } while (0)

N1_EXPORT void PQreset(PGconn *connection)
{
    RESET(PQreset, , , );
}

N1_EXPORT int PQresetStart(PGconn *connection)
{
    int rc = 0;
    RESET(PQresetStart, 0, rc, rc =);
}

N1_EXPORT void PQfinish(PGconn *connection)
{
    const void *caller = __builtin_return_address(0);
    struct n1_thread *self = n1_thread_enter();
    struct n1_pq_connection *c =
        self ? n1_map_remove(N1_HANDLE_CONNECTION, connection) : n1_map_find(N1_HANDLE_CONNECTION, connection);
    const struct n1_provider *provider = c ? c->provider : n1_real_provider(N1_DIALECT_POSTGRES, caller);
    uint32_t depth = 0;
    if (self && c)
        n1_pq_connection_give(self, c);
    if (self)
        depth = n1_thread_call(self);
    if (provider)
        N1_REAL(provider, PQfinish)(connection);
    if (self) {
        n1_thread_return(self, depth);
        n1_thread_leave(self);
    }
}
