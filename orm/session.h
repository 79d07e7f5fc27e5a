/* The inside of a scope and of a queryset, shared by the rooms that evaluate, load and write. */
#ifndef ORM_SESSION_H
#define ORM_SESSION_H

#include "orm/driver/driver.h"
#include "orm/guard.h"
#include "orm/queryset/row.h"
#include "orm/queryset/shape.h"

/* All rows of one evaluation, in order. */
struct orm_result {
    orm_db *db;
    const struct orm_meta *meta;
    orm_row **rows;
    orm_rec **recs;
    size_t n;
};

struct orm_prefetch_item {
    const char *path;
    orm_qs *queryset;
    const char *to_attr;
};

struct orm_qs {
    orm_db *db;
    struct orm_query *query; /* NULL: not made yet, when there is a shape; otherwise the chain failed */
    struct orm_shape *shape; /* NULL: none */
    orm_val *holes;          /* the values that the shape leaves out */
    struct orm_result *result;
    struct orm_prefetch_item *prefetches;
    size_t n_prefetches;
    orm_row *parent; /* of a reverse manager: the rows point back at it */
    const struct orm_attr *parent_rel;
};

/* Calls that wait for the outermost COMMIT; depth: of the transaction that they were made in. */
struct orm_commit_hook {
    void (*call)(void *context);
    void *context;
    unsigned depth;
};

struct orm_db {
    const struct orm_driver *driver; /* NULL: the database could not be opened */
    struct orm_conn *conn;
    struct orm_arena arena;
    struct orm_registry registry;
    bool has_registry;
    struct orm_error error;
    size_t n_queries;
    unsigned n_cursors; /* of the server, opened by iterator() */
    void (*on_query)(void *context, const char *sql);
    void *on_query_context;
    struct orm_buf last_sql;
    uint64_t last_hash;   /* of it; 0: not worked out */
    struct orm_arena own; /* what a rewind must not free */
    unsigned depth;       /* of transactions */
    unsigned n_void;      /* the innermost of them, which could not begin */
    struct orm_commit_hook *hooks;
    size_t n_hooks;
    struct orm_shapes shapes;
    bool is_broken; /* an error inside a transaction: nothing more until it ends */
    unsigned owed;  /* level + 1 of a ROLLBACK that there was no memory to send: it goes before the next statement */
    struct orm_guard *guard;    /* of the innermost call of the program */
    struct orm_cursor *cursors; /* those that running calls have open, the newest first */
    orm_qs failed;              /* what a call returns for which there was no memory */
    orm_expr failed_expr;
};

/* unwind.c: letting go */
void orm_finish(orm_db *db, struct orm_cursor *cur);
/* The cursor outlives the call: its new owner finishes it. */
void orm_keep_open(orm_db *db, struct orm_cursor *cur);
/* Past the rules of orm_run(): a statement that ends what is open, whatever the state. */
bool orm_send(orm_db *db, const char *sql);
void orm_undo(orm_db *db, unsigned level); /* the transaction of this level came to nothing */
bool orm_settle(orm_db *db);               /* sends the ROLLBACK that is owed, if any */

/* scope.c */
bool orm_ready(orm_db *db); /* models worked out, database open; otherwise the error is set */

/* run.c */
/* Sends one statement. control: BEGIN and such, not counted and allowed in a broken transaction. The cursor is finished
 * by orm_finish(), or by the guard when memory runs out before. */
bool orm_run(orm_db *db, const struct orm_statement *st, bool is_control, struct orm_cursor *out);
/* Runs to the end; rows changed, or -1. */
int64_t orm_run_all(orm_db *db, const struct orm_statement *st, int64_t *last_id);
bool orm_run_text(orm_db *db, const char *sql, bool is_control);

/* transaction.c: a transaction of a call's own. False: an error is pending or it cannot begin; then nothing is open. */
bool orm_enter(orm_db *db);

/* violation.c: a foreign key that points at nothing, by table, row and column (SQLite says only that there is one). The
 * error must be that of the failed statement. rows: those that were being written, or none: any of the database. */
void orm_name_violations(orm_db *db);
void orm_name_missing_parent(orm_db *db, orm_row *const *rows, size_t n_rows);

/* delete.c */
void orm_row_is_gone(orm_row *row);  /* it was deleted: it has no key any more */
orm_qs *orm_only_this(orm_row *row); /* the row's own queryset, by its key */

/* queryset.c */
struct orm_resolver orm_resolver_of(orm_db *db, struct orm_query *q);
orm_qs *orm_qs_new(orm_db *db, struct orm_query *q);
orm_qs *orm_qs_on(orm_db *db, const struct orm_meta *m);
orm_qs *orm_qs_clone(orm_qs *qs);                    /* without result and shape; its query may be changed */
bool orm_is_good(const orm_qs *qs);                  /* false: the chain failed */
const struct orm_query *orm_query_of_qs(orm_qs *qs); /* made now if need be; NULL: it failed */
/* Without making the query. The queryset must be good. */
const struct orm_meta *orm_qs_meta(const orm_qs *qs);
bool orm_qs_is_values(const orm_qs *qs);

/* ending.c */
bool orm_compile_ending(orm_qs *one, enum orm_ending e, struct orm_statement *out); /* one: a clone, it is changed */
bool orm_statement_of(orm_qs *qs, enum orm_ending e, struct orm_statement *out);    /* kept or compiled */

/* read.c */
/* Up to limit rows of a cursor behind those that r has; is_end: there are no more. */
bool orm_read_batch(orm_db *db, struct orm_cursor *cur, const struct orm_statement *st, struct orm_result *r,
                    size_t limit, bool *is_end);
/* A cell of the database into its member. False: the member cannot hold it, the error names row and column. */
bool orm_load_cell(orm_row *row, const struct orm_attr *attr, const orm_val *v);
enum orm_type orm_column_type(const struct orm_column *c); /* how its cells are read */
orm_row *orm_row_new(struct orm_arena *a, orm_db *db, const struct orm_meta *m);

/* evaluate.c */
void orm_announce(const orm_qs *qs); /* of a manager, before its query: tells a profiler which relation is loaded */
struct orm_result *orm_evaluate_as(orm_qs *qs, enum orm_ending e); /* never cached */
struct orm_result *orm_evaluate(orm_qs *qs);                       /* cached; NULL on error */

/* terminal.c: the same calls with arguments that are parsed already, and for rows and records alike. NULL: an error. */
orm_rec *orm_aggregate_args(orm_qs *qs, const struct orm_node *args);
int64_t orm_update_args(orm_qs *qs, const struct orm_node *args);
struct orm_result *orm_get_result(orm_qs *qs); /* one row, or the error is set */
/* names begin at 1, as in a step; none: those of get_latest_by. */
struct orm_result *orm_latest_result(orm_qs *qs, const char *const *names, size_t n, bool is_latest);
struct orm_result *orm_first_result(orm_qs *qs, bool is_last);

/* prefetch.c */
bool orm_prefetch_all(orm_qs *qs, struct orm_result *r);
int orm_compare_keys(const orm_val *a, const orm_val *b);
/* The unique column of in_bulk()'s values. NULL: there is none, or the queryset gives no whole rows; the error says so. */
const struct orm_attr *orm_in_bulk_column(orm_qs *qs, const char *field);

/* load.c */
bool orm_is_deferred(const orm_row *row, const struct orm_attr *column);
bool orm_load_column(orm_row *row, const struct orm_attr *column); /* one query when it is deferred */

/* related.c */
orm_qs *orm_related_qs(orm_row *row, const struct orm_attr *rel);

#endif
