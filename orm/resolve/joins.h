/* The alias table of a query: which tables are joined, how, and how often each is used.
 *
 * The rules are Django 3.2's (django.db.models.sql.query): a join that some row may not have is made LEFT; a filter that
 * needs it makes it INNER again; OR and negation make it LEFT where not every branch needs it. */
#ifndef ORM_JOINS_H
#define ORM_JOINS_H

#include "orm/resolve/query.h"

/* A small set of alias numbers. */
struct orm_set {
    struct orm_arena *arena;
    int *items;
    size_t n;
};
bool orm_set_has(const struct orm_set *s, int alias);
void orm_set_add(struct orm_set *s, int alias);
void orm_set_add_all(struct orm_set *s, const struct orm_set *other);

/* One hop from a model to another. */
struct orm_hop {
    const struct orm_meta *to;
    const struct orm_attr *rel, *near, *far;
    bool is_many;   /* one row here, many there */
    bool is_direct; /* the key is on this side */
    bool nullable;
};
/* The hops of one relation: one, or two through a many-to-many table. Returns how many. */
enum { ORM_MAX_HOPS = 2 };
size_t orm_hops_of(const struct orm_attr *rel, struct orm_hop out[ORM_MAX_HOPS]);

/* The alias that h leads to from parent: one that is there already (any if reuse is NULL, else one of reuse), or new. */
int orm_join(struct orm_query *q, int parent, const struct orm_hop *h, const struct orm_set *reuse);
void orm_unref_alias(struct orm_query *q, int alias);
void orm_promote_joins(struct orm_query *q, const struct orm_set *aliases); /* to LEFT, with all that hangs below */
void orm_demote_joins(struct orm_query *q, const struct orm_set *aliases);  /* to INNER, with all they hang from */

/* Collects, child by child of an AND or OR, which joins a child needs to be INNER; then decides. */
struct orm_promoter {
    bool is_or; /* after negation has swapped AND and OR */
    size_t n_children;
    struct orm_arena *arena;
    int *aliases;
    size_t *votes, n;
};
void orm_promoter_init(struct orm_promoter *p, struct orm_arena *a, bool is_or, bool is_negated, size_t n_children);
void orm_promoter_vote(struct orm_promoter *p, const struct orm_set *needed);
/* What the whole group needs goes to needed. */
void orm_promoter_apply(struct orm_promoter *p, struct orm_query *q, struct orm_set *needed);

#endif
