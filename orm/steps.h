/* The steps of a chain: filter, order_by, slice ... as values that orm_chain() reads once, left to right.
 *
 * Two kinds. Expression steps (filter, exclude, annotate, order_by_expr) take one literal text and the values of its
 * '?'s. Name steps (order_by, values, select_related, ...) take plain strings, which may be made at run time: they are
 * resolved as names and never parsed. A step is read inside the call it is written in; do not store it. */
#ifndef ORM_STEPS_H
#define ORM_STEPS_H

#include "orm/map.h"
#include "orm/types.h"

typedef enum orm_step_op {
    ORM_S_END,
    ORM_S_FILTER,
    ORM_S_EXCLUDE,
    ORM_S_ORDER_BY,
    ORM_S_ORDER_BY_EXPR,
    ORM_S_ANNOTATE,
    ORM_S_ALIAS,
    ORM_S_SELECT_RELATED,
    ORM_S_PREFETCH,      /* one, with options */
    ORM_S_PREFETCH_MANY, /* names            */
    ORM_S_VALUES,
    ORM_S_VALUES_LIST,
    ORM_S_DISTINCT,
    ORM_S_SLICE,
    ORM_S_REVERSE,
    ORM_S_NONE,
    ORM_S_ONLY,
    ORM_S_DEFER,
    ORM_S_FOR_UPDATE,
    ORM_S_DATES,
    ORM_S_DATETIMES,
    ORM_S_UNION,
    ORM_S_INTERSECTION,
    ORM_S_DIFFERENCE,
    ORM_S_AND, /* qs & qs */
    ORM_S_OR,
    ORM_N_STEPS
} orm_step_op;

typedef struct orm_prefetch {
    const char *path;
    orm_qs *queryset;    /* NULL: all related objects */
    const char *to_attr; /* NULL: the accessor itself */
} orm_prefetch;

struct orm_node; /* ast.h */

typedef struct orm_step {
    orm_step_op op;
    const char *text;            /* expression steps */
    const struct orm_node *args; /* the same, parsed already (the shell); text is NULL then */
    const orm_val *v;            /* v[0] repeats text, the values of the '?'s begin at v[1], ORM_END ends */
    const unsigned *holes;       /* numbers of v[1]...; NULL but for the ORM itself (orm/queryset/shape.h) */
    const char *const *names;    /* name steps: names[0] is NULL, the names begin at 1 */
    size_t n_names;              /* without names[0] */
    orm_prefetch prefetch;
    int64_t lo, hi; /* slice; hi < 0: to the end */
    bool is_flat;   /* values_list(): one column, plain values */
} orm_step;

ORM_INL orm_step orm_text_step(orm_step_op op, const char *text, const orm_val *v)
{
    orm_step s = {op, text, NULL, v, NULL, NULL, 0, {NULL, NULL, NULL}, 0, 0, false};
    return s;
}
#define ORM_STEP(o, ...) orm_text_step((o), ORM_ARGS(__VA_ARGS__))
#define ORM_NAMES(o, ...)                                                                                              \
    ((orm_step){.op = (o),                                                                                             \
                .names = (const char *const[]){NULL, __VA_ARGS__},                                                     \
                .n_names = sizeof((const char *const[]){NULL, __VA_ARGS__}) / sizeof(char *) - 1})

#define ORM_FILTER(...)        ORM_STEP(ORM_S_FILTER, __VA_ARGS__)
#define ORM_EXCLUDE(...)       ORM_STEP(ORM_S_EXCLUDE, __VA_ARGS__)
#define ORM_ANNOTATE(...)      ORM_STEP(ORM_S_ANNOTATE, __VA_ARGS__)
#define ORM_ALIAS(...)         ORM_STEP(ORM_S_ALIAS, __VA_ARGS__)
#define ORM_ORDER_BY_EXPR(...) ORM_STEP(ORM_S_ORDER_BY_EXPR, __VA_ARGS__)
/* order_by() without names takes the order of Meta away. */
#define ORM_ORDER_BY(...)         ORM_NAMES(ORM_S_ORDER_BY, __VA_ARGS__)
#define ORM_VALUES(...)           ORM_NAMES(ORM_S_VALUES, __VA_ARGS__)
#define ORM_VALUES_LIST(...)      ORM_NAMES(ORM_S_VALUES_LIST, __VA_ARGS__)
#define ORM_SELECT_RELATED(...)   ORM_NAMES(ORM_S_SELECT_RELATED, __VA_ARGS__)
#define ORM_PREFETCH_RELATED(...) ORM_NAMES(ORM_S_PREFETCH_MANY, __VA_ARGS__)
#define ORM_PREFETCH(...)         ((orm_step){.op = ORM_S_PREFETCH, .prefetch = {__VA_ARGS__}})
#define ORM_VALUES_FLAT(name)                                                                                          \
    ((orm_step){.op = ORM_S_VALUES_LIST, .names = (const char *const[]){NULL, (name)}, .n_names = 1, .is_flat = true})
#define ORM_ONLY(...)        ORM_NAMES(ORM_S_ONLY, __VA_ARGS__)
#define ORM_DEFER(...)       ORM_NAMES(ORM_S_DEFER, __VA_ARGS__)
#define ORM_DISTINCT()       ((orm_step){.op = ORM_S_DISTINCT})
#define ORM_DISTINCT_ON(...) ORM_NAMES(ORM_S_DISTINCT, __VA_ARGS__) /* PostgreSQL */
/* Options as text: "nowait=True", "of=['self']"; locks nothing on SQLite. */
#define ORM_FOR_UPDATE(...) ORM_STEP(ORM_S_FOR_UPDATE, __VA_ARGS__)
/* The different years, months ... of a column, as records of one value: dates("'created', 'month', order='DESC'"). */
#define ORM_DATES(...)        ORM_STEP(ORM_S_DATES, __VA_ARGS__)
#define ORM_DATETIMES(...)    ORM_STEP(ORM_S_DATETIMES, __VA_ARGS__)
#define ORM_UNION(...)        ORM_STEP(ORM_S_UNION, __VA_ARGS__) /* "?, ?", with querysets for the values; all=True */
#define ORM_INTERSECTION(...) ORM_STEP(ORM_S_INTERSECTION, __VA_ARGS__)
#define ORM_DIFFERENCE(...)   ORM_STEP(ORM_S_DIFFERENCE, __VA_ARGS__)
#define ORM_REVERSE()         ((orm_step){.op = ORM_S_REVERSE})
#define ORM_NONE()            ((orm_step){.op = ORM_S_NONE})
#define ORM_SLICE(from, to)   ((orm_step){.op = ORM_S_SLICE, .lo = (from), .hi = (to)})
#define ORM_LIMIT(n)          ORM_SLICE(0, n)
#define ORM_OFFSET(n)         ORM_SLICE(n, -1)

#endif
