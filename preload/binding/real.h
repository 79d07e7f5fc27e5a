/* The real functions behind the hooks, for each copy of a client library in the process (a "provider").
 *
 * Which copy a call is meant for is decided once, when a database is opened or a connection made, and kept with the handle;
 * what has no handle is decided by the caller. The decision follows the dynamic linker, so that a handle always goes
 * to the copy that the program's other, unhooked calls reach:
 *     0. what the auditor saw the call, or the caller's object, being bound to (bound.h): RTLD_DEEPBIND, dlsym;
 *     1. the global scope behind us (dlsym RTLD_NEXT): where an ordinary caller's symbols bind without us, even if the
 *        caller brings a copy of its own;
 *     2. the caller's own scope: the object that called and what it needs, breadth first (interpreters load their modules
 *        RTLD_LOCAL, so the global scope has nothing);
 *     3. any other object that defines the function (a tail call may hide the caller).
 * Our own symbols are never an answer.
 *
 * At most N1_PROVIDERS_MAX copies; the objects are looked at again when one was unloaded. Any thread.
 */
#ifndef N1_PRELOAD_REAL_H
#define N1_PRELOAD_REAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/format.h"

#define N1_PROVIDERS_MAX 16

/* Every function of the libraries that the recorder calls, hooked or not. MAKER: it makes a handle. */
// clang-format off
#define N1_SQLITE_MAKERS(X) X(sqlite3_open) X(sqlite3_open_v2) X(sqlite3_open16)
#define N1_SQLITE_HOOKED(X) \
    X(sqlite3_step) X(sqlite3_reset) X(sqlite3_bind_int64) X(sqlite3_column_int) X(sqlite3_column_int64) \
    X(sqlite3_column_text) X(sqlite3_close) X(sqlite3_close_v2) X(sqlite3_prepare) \
    X(sqlite3_prepare_v2) X(sqlite3_prepare_v3) X(sqlite3_prepare16) X(sqlite3_prepare16_v2) X(sqlite3_prepare16_v3) \
    X(sqlite3_bind_int) X(sqlite3_bind_double) X(sqlite3_bind_text) X(sqlite3_bind_text16) \
    X(sqlite3_bind_text64) X(sqlite3_bind_blob) X(sqlite3_bind_blob64) X(sqlite3_bind_null) X(sqlite3_bind_zeroblob) \
    X(sqlite3_bind_zeroblob64) X(sqlite3_bind_value) X(sqlite3_bind_pointer) X(sqlite3_clear_bindings) \
    X(sqlite3_transfer_bindings) X(sqlite3_finalize) X(sqlite3_exec) \
    X(sqlite3_get_table) X(sqlite3_trace_v2) X(sqlite3_trace) X(sqlite3_profile) X(sqlite3_column_double) \
    X(sqlite3_column_text16) X(sqlite3_column_blob) X(sqlite3_column_value)
#define N1_SQLITE_FUNCTIONS(X) N1_SQLITE_MAKERS(X) N1_SQLITE_HOOKED(X) \
    X(sqlite3_sql) X(sqlite3_db_mutex) X(sqlite3_mutex_enter) X(sqlite3_mutex_leave) \
    X(sqlite3_db_handle) X(sqlite3_db_filename) X(sqlite3_extended_errcode) X(sqlite3_bind_parameter_count) \
    X(sqlite3_column_count) X(sqlite3_column_name) X(sqlite3_column_database_name) X(sqlite3_column_table_name) \
    X(sqlite3_column_origin_name) X(sqlite3_column_type) X(sqlite3_column_bytes) X(sqlite3_table_column_metadata) \
    X(sqlite3_value_type) X(sqlite3_value_int64) X(sqlite3_value_double) X(sqlite3_value_blob) \
    X(sqlite3_value_bytes) \
    X(sqlite3_value_text) X(sqlite3_value_dup) X(sqlite3_value_free) X(sqlite3_value_encoding) X(sqlite3_stmt_readonly) X(sqlite3_stmt_busy)
#define N1_LIBPQ_MAKERS(X) \
    X(PQconnectdb) X(PQconnectdbParams) X(PQsetdbLogin) X(PQconnectStart) X(PQconnectStartParams)
#define N1_LIBPQ_HOOKED(X) \
    X(PQreset) X(PQresetStart) X(PQfinish) X(PQexec) X(PQexecParams) X(PQprepare) X(PQexecPrepared) \
    X(PQdescribePrepared) X(PQdescribePortal) X(PQsendQuery) X(PQsendQueryParams) X(PQsendPrepare) \
    X(PQsendQueryPrepared) X(PQsendDescribePrepared) X(PQsendDescribePortal) X(PQgetResult)
/* Hooked where a copy of the library has them, by the auditor (hooks/redirect.c). */
#define N1_LIBPQ_AUDITED(X) X(PQclosePrepared) X(PQclosePortal) X(PQsendClosePrepared) X(PQsendClosePortal)
#define N1_LIBPQ_FUNCTIONS(X) N1_LIBPQ_MAKERS(X) N1_LIBPQ_HOOKED(X) N1_LIBPQ_AUDITED(X) \
    X(PQdb) X(PQhost) X(PQport) X(PQpipelineStatus) \
    X(PQresultStatus) X(PQresultErrorField) X(PQntuples) X(PQnfields) X(PQfname) X(PQftype) X(PQfformat) \
    X(PQgetvalue) X(PQgetlength) X(PQgetisnull)
// clang-format on

enum n1_function {
#define N1_ENUMERATE(name) N1_FN_##name,
    N1_SQLITE_FUNCTIONS(N1_ENUMERATE) N1_LIBPQ_FUNCTIONS(N1_ENUMERATE) N1_FUNCTIONS
#undef N1_ENUMERATE
};

struct n1_provider {
    enum n1_dialect dialect;
    bool is_embedded;           /* the program's own code lies in the same object: its calls look like the library's */
    uintptr_t code, code_bytes; /* where the library's code lies */
    uintptr_t bias;
    _Atomic bool
        shows_inside; /* its calls to itself come by our hooks; false: no sqlite3_exec has told yet, or they do not */
    void *function[N1_FUNCTIONS]; /* NULL: this copy has none */
};

/* The real function, typed as the library's header declares it. */
#define N1_REAL(provider, name) ((__typeof__(&name))(uintptr_t)(provider)->function[N1_FN_##name])
#define N1_HAS(provider, name)  ((provider)->function[N1_FN_##name] != NULL)

/* The provider that `caller` (a return address) reaches; NULL: there is none. Cached by caller. Keeps errno. */
const struct n1_provider *n1_real_provider(enum n1_dialect dialect, const void *caller);
/* The same for a call that makes a handle: unloaded objects are noticed first, and a call that came through a door (redirect.h)
 * gets the copy of the function that it is `meant_for`; NULL: it came without. */
const struct n1_provider *n1_real_maker(enum n1_dialect dialect, const void *caller, const void *meant_for);
void n1_real_after_fork(void);
void n1_real_shows_inside(const struct n1_provider *provider);

#endif
