/* Resolved queries into SQL text with typed parameters.
 *
 * A condition may turn out to be always false (id IN ()) or always true; then no SQL is written for it, and a query that
 * cannot have rows is not sent (is_empty). Text goes to one growing buffer; a part that comes to nothing is cut off. */
#ifndef ORM_COMPILE_H
#define ORM_COMPILE_H

#include "orm/resolve/resolve.h"
#include "orm/sql/dialect.h"

struct orm_param {
    orm_val v;
    enum orm_type type; /* what the server is told it is */
    unsigned hole;      /* the '?' whose value it is; 0: it is always this one */
};

/* One column of the result. */
struct orm_column {
    const char *name;
    enum orm_type type;
    const struct orm_attr *attr; /* NULL: an expression */
    struct orm_term *term;
};

/* Which columns make which object: the model itself, and below it what select_related() joined. */
struct orm_fetch {
    const struct orm_meta *meta;
    const struct orm_attr *rel;          /* from the parent; NULL: the model of the query */
    size_t first;                        /* column of its first field */
    const struct orm_attr *const *attrs; /* those that are loaded, in order */
    size_t n_attrs;
    const bool *deferred; /* by index of the column; NULL: all are loaded */
    size_t pk;            /* column of its key: NULL there means no object */
    struct orm_fetch **children;
    size_t n_children;
};

struct orm_statement {
    const char *sql;
    uint64_t hash; /* of sql; 0: not worked out */
    struct orm_param *params;
    size_t n_params;
    bool is_empty;   /* can have no rows: do not send */
    bool may_repeat; /* a SELECT: sent twice it reads twice */
    bool is_write;   /* INSERT, UPDATE, DELETE: not sent while an error is pending */
    struct orm_column *columns;
    size_t n_columns;
    size_t n_visible;        /* columns behind are there for DISTINCT's sake */
    struct orm_fetch *fetch; /* rows of a model; NULL: records */
    size_t first_extra;      /* annotations begin here (rows of a model) */
};

struct orm_compiler {
    struct orm_resolver r;
    const struct orm_dialect *dialect;
    struct orm_buf sql;
    struct orm_param *params;
    size_t n_params;
    bool is_definition;                 /* of a table: values are written out, columns stand without their table */
    const struct orm_query *levels[32]; /* the nesting of queries; the last is being written */
    size_t n_levels;
};

void orm_compiler_init(struct orm_compiler *c, const struct orm_resolver *r, const struct orm_dialect *d);

/* ---- compile_expr.c ---- */
enum orm_sql orm_put_term(struct orm_compiler *c, const struct orm_term *t);
enum orm_sql orm_put_cond(struct orm_compiler *c, const struct orm_cond *cond);
void orm_put_param(struct orm_compiler *c, const struct orm_param *p);
void orm_put_quoted(struct orm_compiler *c, const char *name);
void orm_put_literal(struct orm_compiler *c, const char *text);            /* 'it''s' */
void orm_put_direction(struct orm_compiler *c, const struct orm_order *o); /* ASC NULLS LAST */
void orm_put_alias(struct orm_compiler *c, int alias, int level);

/* ---- compile_select.c ---- */
/* Writes q's SELECT at the present place. out may be NULL (a subquery). */
enum orm_sql orm_put_select(struct orm_compiler *c, const struct orm_query *q, struct orm_statement *out);
bool orm_compile_select(struct orm_compiler *c, const struct orm_query *q, struct orm_statement *out);
/* SELECT items FROM q, or FROM (q) subquery where q is grouped, sliced, distinct or has annotations. */
bool orm_compile_aggregate(struct orm_compiler *c, const struct orm_query *q, const struct orm_annotation *items,
                           size_t n, struct orm_statement *out);
enum orm_sql orm_put_from(struct orm_compiler *c, const struct orm_query *q);

/* ---- deferred.c: the columns of each model that are loaded; a model that is not listed is loaded whole ---- */
struct orm_load {
    const struct orm_meta *meta;
    bool *load; /* by index of the column */
    struct orm_load *next;
};
bool orm_plan_loads(struct orm_resolver *r, struct orm_load **out);
bool orm_is_loaded(const struct orm_load *loads, const struct orm_attr *column);

/* ---- plan.c: what a SELECT selects and is ordered by; joins that only this needs are added to q (a clone) ---- */
struct orm_plan {
    struct orm_column *columns;
    size_t n_columns, n_visible, first_extra;
    struct orm_fetch *fetch;
    struct orm_load *loads;
    struct orm_order *orders; /* by term */
    size_t n_orders;
    struct orm_term **group_by;
    size_t n_group_by;
    struct orm_cond *where, *having;
};
bool orm_plan_select(struct orm_resolver *r, const struct orm_dialect *d, struct orm_plan *out);

/* ---- compile_write.c ---- */
struct orm_assignment {
    const struct orm_attr *attr;
    struct orm_term *term;
};
bool orm_compile_insert(struct orm_compiler *c, const struct orm_meta *m, const struct orm_attr *const *attrs,
                        size_t n_attrs, const orm_val *vals, size_t n_rows, bool ignore_conflicts, bool returning,
                        struct orm_statement *out);
bool orm_compile_update(struct orm_compiler *c, const struct orm_query *q, const struct orm_assignment *set, size_t n,
                        struct orm_statement *out);
bool orm_compile_delete(struct orm_compiler *c, const struct orm_query *q, struct orm_statement *out);

#endif
