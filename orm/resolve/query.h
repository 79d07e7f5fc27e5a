/* The resolved query: names have become tables, joins and columns; nothing of any dialect is in it yet.
 *
 *   alias  one use of one table: how it is joined, how often it is used. Number 0 is the model's own table. A term names
 *          an alias by its number; the compiler gives it a text (table name, T3, U1) from its place in the nesting.
 *   term   an expression with a type. Terms are never changed after they are made, so clones share them.
 *   cond   a condition: AND/OR groups over lookups. Groups are changed only while they are being built.
 *
 * A query is cloned before every change (orm_query_clone); its arrays are its own, what they point at is shared. */
#ifndef ORM_QUERY_H
#define ORM_QUERY_H

#include "orm/model/function.h"
#include "orm/model/lookup.h"
#include "orm/model/meta.h"
#include "orm/text/ast.h"

enum orm_join_type { ORM_JOIN_BASE, ORM_JOIN_INNER, ORM_JOIN_LEFT };

struct orm_alias {
    const struct orm_meta *meta;
    enum orm_join_type type;
    bool nullable;                     /* the joined side may have no row */
    bool is_external;                  /* belongs to the query around this one */
    int parent;                        /* alias joined to; -1: none */
    int n_refs;                        /* 0: trimmed, not in FROM */
    const struct orm_attr *rel;        /* relation travelled */
    const struct orm_attr *near, *far; /* parent.near = this.far */
};

struct orm_query;
struct orm_cond;
struct orm_term;

struct orm_order {
    const char *name; /* "-author__name"; NULL: by term */
    struct orm_term *term;
    bool descending;
    int nulls; /* 0 as the database does, 1 first, 2 last */
};

enum orm_term_kind {
    ORM_TERM_COLUMN,   /* alias, attr; level: 0 this query, 1 the one around it ... */
    ORM_TERM_VALUE,    /* value */
    ORM_TERM_LIST,     /* args: right side of IN and BETWEEN */
    ORM_TERM_FUNC,     /* func, args */
    ORM_TERM_AGG,      /* func, args (none: COUNT(*)), distinct, conds[0]: FILTER */
    ORM_TERM_BINARY,   /* op, args[0], args[1] */
    ORM_TERM_EXTRACT,  /* part, args[0] */
    ORM_TERM_TRUNC,    /* name: "month", args[0] */
    ORM_TERM_JSON_KEY, /* args[0], name: a key or an index; see json.h */
    ORM_TERM_WINDOW,   /* args[0] OVER (PARTITION BY the next n_partition ORDER BY the rest, frame) */
    ORM_TERM_CASE,     /* conds[i] -> args[i]; args[n_conds]: default */
    ORM_TERM_CAST,     /* type, args[0] */
    ORM_TERM_COND,     /* conds[0] as a value */
    ORM_TERM_SUBQUERY, /* query, one column */
    ORM_TERM_EXISTS,   /* query, negated */
    ORM_TERM_OUTER,    /* name: a path of the query around this one, not resolved yet */
    ORM_TERM_PLACE,    /* places: number of a column of the result, in ORDER BY */
    ORM_TERM_REF       /* name: column of the subquery in FROM (aggregate over a subquery) */
};

struct orm_term {
    enum orm_term_kind kind;
    enum orm_type type;
    orm_kind field;         /* class of its output_field; ORM_N_KINDS: not known */
    bool is_fixed;          /* output_field= was given */
    const char *kind_error; /* why there is no type: reported where one is needed */
    enum orm_op op;
    bool has_aggregate, distinct, negated, nullable, has_window;
    bool is_text;          /* a part of a document as text, for patterns */
    bool is_over_relation; /* a column that OuterRef() reached over a relation: may stand for many rows */
    int size, places;      /* of a cast: max_length or max_digits, decimal_places */
    int alias, level;
    const struct orm_attr *attr;
    const char *name;
    orm_val value;
    unsigned hole; /* the '?' that value was given for, as it was given; 0: none */
    const struct orm_function *func;
    const struct orm_part *part;
    struct orm_term **args;
    size_t n_args;
    struct orm_cond **conds;
    size_t n_conds;
    struct orm_query *query;
    size_t n_partition;
    const struct orm_order *window_orders; /* directions of the order terms */
    const char *frame;
};

enum orm_cond_kind {
    ORM_COND_AND,
    ORM_COND_OR,
    ORM_COND_LOOKUP, /* lhs lookup rhs */
    ORM_COND_TERM    /* a term that is true or false: EXISTS, a boolean expression */
};

struct orm_cond {
    enum orm_cond_kind kind;
    bool negated;
    struct orm_cond **children;
    size_t n_children;
    const struct orm_lookup *lookup;
    struct orm_term *lhs, *rhs;
};

struct orm_annotation {
    const char *name;
    struct orm_term *term;
    bool is_selected;
    bool is_aliased; /* alias(): may not be selected by name */
};

struct orm_select_item {
    const char *name;
    struct orm_term *term;
};

enum orm_grouping { ORM_GROUP_NONE, ORM_GROUP_MODEL, ORM_GROUP_TERMS };

/* union() and its kin: how parts are joined. */
enum orm_combinator {
    ORM_COMBINE_NONE,
    ORM_COMBINE_UNION,
    ORM_COMBINE_UNION_ALL,
    ORM_COMBINE_INTERSECT,
    ORM_COMBINE_EXCEPT
};

/* select_for_update() */
struct orm_lock {
    bool is_on, nowait, skip_locked, no_key;
    const char **of; /* names; "self" is the model itself */
    size_t n_of;
};

/* select_related(): a tree of names. */
struct orm_related {
    const struct orm_attr *attr;
    struct orm_related **children;
    size_t n_children;
};

struct orm_query {
    struct orm_arena *arena;
    const struct orm_meta *meta;
    struct orm_alias *aliases;
    size_t n_aliases;
    struct orm_cond *where; /* an AND group, or NULL */
    struct orm_annotation *annotations;
    size_t n_annotations;
    struct orm_order *orders;
    size_t n_orders;
    struct orm_select_item *select; /* values(): what is selected before the annotations */
    size_t n_select;
    struct orm_term **group_by; /* ORM_GROUP_TERMS */
    size_t n_group_by;
    enum orm_grouping grouping;
    const char **fields; /* values(): names in the order given */
    size_t n_fields;
    const char **deferred; /* paths of only() or defer() */
    size_t n_deferred;
    bool is_only; /* deferred says what is loaded, not what is left out */
    struct orm_term **distinct_on;
    size_t n_distinct_on;
    enum orm_combinator combinator;
    struct orm_query **combined;
    size_t n_combined;
    struct orm_lock lock;
    bool default_columns;            /* all columns of the model */
    bool is_values;                  /* rows are records */
    bool is_list, is_flat, is_named; /* values_list(): rows are tuples, single values, named tuples */
    bool use_meta_ordering;          /* no order_by() yet */
    bool is_reversed, is_distinct, is_empty;
    bool select_one;         /* EXISTS(SELECT 1 ...) */
    bool select_all_related; /* select_related() without names */
    int64_t low, high;       /* rows [low, high); high < 0: all */
    struct orm_related *related;
};

struct orm_query *orm_query_new(struct orm_arena *a, const struct orm_meta *m);
struct orm_query *orm_query_clone(struct orm_arena *a, const struct orm_query *q);
/* GROUP BY what is selected: annotate() with an aggregate after values(). */
void orm_query_group_by_selection(struct orm_query *q);
bool orm_query_is_sliced(const struct orm_query *q);
const struct orm_annotation *orm_query_annotation(const struct orm_query *q, const char *name, size_t len);
bool orm_query_has_aggregate(const struct orm_query *q);
void orm_query_slice(struct orm_query *q, int64_t low, int64_t high); /* within the present limits */
void orm_query_clear_ordering(struct orm_query *q);

/* How an outermost query calls an alias: 0 by the table's name (its first use), otherwise T<number>. */
int orm_alias_number(const struct orm_query *q, int alias);

struct orm_term *orm_term_new(struct orm_arena *a, enum orm_term_kind kind, enum orm_type type);
struct orm_term *orm_term_value(struct orm_arena *a, orm_val v);
struct orm_term *orm_term_column(struct orm_arena *a, int alias, const struct orm_attr *attr);
struct orm_cond *orm_cond_group(struct orm_arena *a, enum orm_cond_kind kind, bool negated);
struct orm_cond *orm_cond_lookup(struct orm_arena *a, struct orm_term *lhs, const struct orm_lookup *l,
                                 struct orm_term *rhs);
struct orm_cond *orm_cond_term(struct orm_arena *a, struct orm_term *t);
/* Adds to a group; a child group of the same kind that is not negated is taken apart. */
void orm_cond_add(struct orm_arena *a, struct orm_cond *group, struct orm_cond *child);
/* where := where AND c, without touching the old where. */
void orm_query_and(struct orm_query *q, struct orm_cond *c);

/* Replaces every term below, bottom up; used to move terms from one query into another. change returns its argument to
 * keep it, and NULL on error. */
typedef struct orm_term *(*orm_term_change)(void *context, struct orm_term *t);
struct orm_term *orm_term_map(struct orm_arena *a, struct orm_term *t, orm_term_change change, void *context);
struct orm_cond *orm_cond_map(struct orm_arena *a, struct orm_cond *c, orm_term_change change, void *context);
/* All terms of a query (it must be a clone). */
bool orm_query_map(struct orm_query *q, orm_term_change change, void *context);

bool orm_cond_has_aggregate(const struct orm_cond *c);
bool orm_same_term(const struct orm_term *a, const struct orm_term *b);
/* attr IN (keys) */
struct orm_cond *orm_in_list(struct orm_arena *a, int alias, const struct orm_attr *attr, const orm_val *keys,
                             size_t n);

#endif
