/* From trees of names to resolved queries. Needs models and an arena, never a database.
 *
 *   path.c            author__name → hops, joins, trimmed joins
 *   resolve_expr.c    F('views') + 1, Count('posts') → term
 *   resolve_lookup.c  column, "icontains", value → condition
 *   resolve_filter.c  Q trees → where, with join promotion and split_exclude
 *
 * Functions return NULL or false after they have set the resolver's error. */
#ifndef ORM_RESOLVE_H
#define ORM_RESOLVE_H

#include "orm/resolve/joins.h"

struct orm_resolver {
    struct orm_arena *arena;
    struct orm_error *error;
    const struct orm_registry *registry;
    struct orm_query *q; /* being built: a fresh clone */
    /* What a queryset among the values asks; made now if need be, NULL: it failed. */
    const struct orm_query *(*query_of)(orm_qs *qs);
};

/* How an expression may reach for columns. */
struct orm_scope_rule {
    const struct orm_set *reuse; /* many-valued joins that may be shared; NULL: all */
    struct orm_set *used;        /* joins that were taken are added, unless NULL */
    bool no_joins;               /* update(): joined fields are refused */
    bool summarize;              /* aggregate(): annotations are columns of a subquery */
};

bool orm_resolve_fail(struct orm_resolver *r, const struct orm_node *at, orm_status s, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* ---- path.c ---- */
struct orm_name {
    const char *s;
    size_t n;
};
/* "author__name" → two names. */
size_t orm_split_path(struct orm_arena *a, const char *path, struct orm_name **out);

struct orm_path {
    struct orm_hop *hops;
    size_t n_hops;
    const struct orm_attr *final;  /* last field named: the relation itself, or a column */
    const struct orm_attr *target; /* column that holds its value at the far end */
    const struct orm_meta *meta;   /* model at the far end */
    size_t n_names;                /* names used up; the rest are date parts and the lookup */
    size_t *name_hops;             /* hops that each used name made */
    bool is_many_stop;             /* allow_many was false and the last name is many-valued */
};
/* all_names: every name must be a field. */
bool orm_walk_path(struct orm_resolver *r, const struct orm_meta *meta, const struct orm_name *names, size_t n,
                   bool allow_many, bool all_names, const struct orm_node *at, struct orm_path *out);

struct orm_joined {
    int *aliases; /* aliases[0] is the start */
    size_t n;
    const struct orm_attr *target; /* column in the last alias */
};
void orm_setup_joins(struct orm_resolver *r, const struct orm_path *p, int start, const struct orm_set *reuse,
                     struct orm_joined *out);
/* Drops joins at the end that only lead to a key which the table before holds too. */
void orm_trim_joins(struct orm_resolver *r, const struct orm_path *p, struct orm_joined *j);

/* ---- resolve_expr.c ---- */
struct orm_term *orm_resolve_expr(struct orm_resolver *r, const struct orm_node *n, const struct orm_scope_rule *rule);
/* The value of a path: F('author__name'), or an annotation. */
struct orm_term *orm_resolve_ref(struct orm_resolver *r, const char *path, const struct orm_node *at,
                                 const struct orm_scope_rule *rule);
/* Inside a call a text is the name of a field, as in Django. */
struct orm_term *orm_resolve_argument(struct orm_resolver *r, const struct orm_node *n,
                                      const struct orm_scope_rule *rule);
/* A term over args that gathers what they contain; kind and type are still to be settled. */
struct orm_term *orm_term_of(struct orm_resolver *r, enum orm_term_kind kind, struct orm_term *const *args, size_t n);
/* What Python makes of two constants (a NULL: 0 - b); NULL without an error: nothing, they are an expression. */
struct orm_term *orm_fold(struct orm_resolver *r, enum orm_op op, const struct orm_term *a, const struct orm_term *b);
/* output_field=DecimalField(max_digits=8, decimal_places=2) */
bool orm_read_output_field(struct orm_resolver *r, const struct orm_node *n, struct orm_term *t);
/* Count('posts') without a name: "posts__count". NULL: it has none of its own. */
const char *orm_default_alias(struct orm_arena *a, const struct orm_node *n);
/* A queryset used as a value: a clone whose OuterRefs are resolved against r->q. attr: what it selects when it selects
 * whole rows; NULL: leave the selection. */
struct orm_query *orm_embed_query(struct orm_resolver *r, const struct orm_query *q, const struct orm_attr *select,
                                  const struct orm_node *at, const struct orm_scope_rule *rule);
struct orm_term *orm_resolve_exists(struct orm_resolver *r, const struct orm_query *q, const struct orm_node *at,
                                    const struct orm_scope_rule *rule);

/* The beginning of the year, month ... of a moment, as a field of the class. */
struct orm_term *orm_trunc(struct orm_resolver *r, struct orm_term *lhs, const char *part, orm_kind out);

/* ---- resolve_special.c: calls that are no plain functions ---- */
typedef struct orm_term *(*orm_special)(struct orm_resolver *r, const struct orm_node *n,
                                        const struct orm_scope_rule *rule);
orm_special orm_special_named(const char *name);
orm_special orm_special_moment(const char *name);  /* resolve_moment.c: Extract*, Trunc* */
orm_special orm_special_literal(const char *name); /* literal.c: date(2026, 1, 2), Decimal('1.5') */
struct orm_term *orm_special_window(struct orm_resolver *r, const struct orm_node *n,
                                    const struct orm_scope_rule *rule); /* resolve_window.c */

/* ---- resolve_lookup.c ---- */
/* lhs with the remaining names (date parts, then a lookup; none: exact) against rhs. is_relation: lhs is a key whose
 * relation, not whose column was named. */
struct orm_cond *orm_build_lookup(struct orm_resolver *r, struct orm_term *lhs, const struct orm_attr *relation,
                                  const struct orm_name *names, size_t n_names, struct orm_term *rhs,
                                  const struct orm_node *at);
struct orm_term *orm_extract(struct orm_resolver *r, struct orm_term *lhs, const struct orm_name *part);
/* A constant as a column of the type takes it; NULL and a ValueError that names field and value. */
struct orm_term *orm_fit_value(struct orm_resolver *r, const struct orm_term *lhs, struct orm_term *value,
                               const struct orm_node *at);

/* ---- lookup_json.c ---- */
/* The value of a lookup on a document or a part of one. NULL: the error is set. */
struct orm_term *orm_json_value(struct orm_resolver *r, struct orm_term *rhs, const struct orm_node *at);
struct orm_cond *orm_json_lookup(struct orm_resolver *r, struct orm_term *lhs, const struct orm_lookup *l,
                                 struct orm_term *rhs, const struct orm_node *at);

/* ---- resolve_filter.c ---- */
/* The arguments of filter() or exclude(), joined by AND to the query's where. */
bool orm_resolve_filter(struct orm_resolver *r, const struct orm_node *args, bool negated);
/* One lookup whose path is not part of an expression. */
bool orm_resolve_where(struct orm_resolver *r, const char *path, orm_val v);
/* Q(...) as a value: FILTER (WHERE ...), When(...). */
struct orm_cond *orm_resolve_condition(struct orm_resolver *r, const struct orm_node *const *nodes,
                                       const struct orm_arg *named, size_t n_nodes, size_t n_named,
                                       const struct orm_scope_rule *rule);
/* Is it a call of Q, a combination of such, or something else that is true or false? */
bool orm_is_condition(const struct orm_node *n);
bool orm_is_empty_condition(const struct orm_node *n); /* Q() */
/* An order of order_by() or Window(): F('x').desc(nulls_last=True), a name, an expression. */
bool orm_resolve_order(struct orm_resolver *r, const struct orm_node *n, const struct orm_scope_rule *rule,
                       struct orm_order *out);

#endif
