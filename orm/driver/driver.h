/* One connection to one database: run a statement, read its rows. Drivers know no models.
 *
 * A cursor is open between run and finish; a driver may have several open at once. Texts of cells are copied to the
 * arena given. The client library is called through its ordinary symbols, so that a profiler sees every call. */
#ifndef ORM_DRIVER_H
#define ORM_DRIVER_H

#include "orm/sql/compile.h"

struct orm_conn; /* the driver's own */

struct orm_cursor {
    struct orm_conn *conn;
    void *handle; /* sqlite3_stmt or PGresult */
    int row;      /* PostgreSQL: of handle */
    const unsigned char
        *readers; /* PostgreSQL: how the columns of a binary result are read (postgres.h); NULL: texts */
    size_t slot;  /* SQLite: of the statement cache */
    bool is_temporary, is_done;
    int64_t n_changed; /* after the last row */
    int64_t last_id;
    struct orm_cursor *older; /* the scope's list of open ones */
};

struct orm_driver {
    const struct orm_dialect *dialect;
    /* guard: for memory that run() needs */
    bool (*open)(struct orm_conn **out, const char *url, struct orm_guard **guard, struct orm_error *e);
    void (*close)(struct orm_conn *c);
    bool (*run)(struct orm_conn *c, const struct orm_statement *st, struct orm_cursor *out, struct orm_error *e);
    int (*next)(struct orm_cursor *cur, struct orm_error *e); /* 1 a row, 0 the end, -1 an error */
    void (*cell)(struct orm_cursor *cur, int column, enum orm_type type, struct orm_arena *a, orm_val *out);
    void (*finish)(struct orm_cursor *cur);
    /* The short way of a cell into a plain member; false: take cell(). */
    bool (*member)(struct orm_cursor *cur, int column, orm_ctype ctype, void *at, struct orm_arena *a);
    /* Is a transaction open, as far as the client knows? A lost connection has none; SQLite may end one by itself. */
    bool (*is_inside)(const struct orm_conn *c);
    /* Called before a statement outside a transaction: connects anew when the connection was lost. NULL: never lost. */
    void (*revive)(struct orm_conn *c);
    /* Ends the statement that runs, from a signal handler or another thread. */
    void (*interrupt)(struct orm_conn *c);
};

/* FNV-1a; never 0 */
static inline uint64_t orm_hash_sql(const char *sql)
{
    uint64_t h = 14695981039346656037u;
    for (; *sql; sql++)
        h = (h ^ (unsigned char)*sql) * 1099511628211u;
    return h ? h : 1;
}
extern const struct orm_driver orm_driver_sqlite, orm_driver_postgres;
bool orm_sqlite_add_functions(void *sqlite3_handle); /* sqlite_functions.c */

#endif
