#include "orm/resolve/joins.h"

bool orm_set_has(const struct orm_set *s, int alias)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->items[i] == alias)
            return true;
    return false;
}

void orm_set_add(struct orm_set *s, int alias)
{
    if (orm_set_has(s, alias))
        return;
    s->items = ORM_GROW(s->arena, s->items, s->n);
    s->items[s->n++] = alias;
}

void orm_set_add_all(struct orm_set *s, const struct orm_set *other)
{
    for (size_t i = 0; i < other->n; i++)
        orm_set_add(s, other->items[i]);
}

static struct orm_hop forward(const struct orm_attr *fk)
{
    return (struct orm_hop){
        .to = fk->to, .rel = fk, .near = fk, .far = fk->target, .is_direct = true, .nullable = fk->null};
}

static struct orm_hop backward(const struct orm_attr *fk, bool is_many)
{
    return (struct orm_hop){
        .to = fk->owner, .rel = fk->remote, .near = fk->target, .far = fk, .is_many = is_many, .nullable = true};
}

size_t orm_hops_of(const struct orm_attr *rel, struct orm_hop out[ORM_MAX_HOPS])
{
    switch (rel->relation) {
    case ORM_REL_FK: out[0] = forward(rel); return 1;
    case ORM_REL_REVERSE:
    case ORM_REL_REVERSE_ONE: out[0] = backward(rel->remote, rel->relation == ORM_REL_REVERSE); return 1;
    case ORM_REL_M2M:
        out[0] = backward(rel->near_fk, true);
        out[1] = forward(rel->far_fk);
        return 2;
    default: return 0;
    }
}

int orm_join(struct orm_query *q, int parent, const struct orm_hop *h, const struct orm_set *reuse)
{
    for (int i = (int)q->n_aliases - 1; i > 0; i--) {
        const struct orm_alias *a = &q->aliases[i];
        if (a->rel == h->rel && a->parent == parent && a->meta == h->to && (!reuse || orm_set_has(reuse, i))) {
            q->aliases[i].n_refs++;
            return i;
        }
    }
    bool left = h->nullable || q->aliases[parent].type == ORM_JOIN_LEFT;
    q->aliases = ORM_GROW(q->arena, q->aliases, q->n_aliases);
    q->aliases[q->n_aliases] = (struct orm_alias){.meta = h->to,
                                                  .type = left ? ORM_JOIN_LEFT : ORM_JOIN_INNER,
                                                  .nullable = h->nullable,
                                                  .parent = parent,
                                                  .n_refs = 1,
                                                  .rel = h->rel,
                                                  .near = h->near,
                                                  .far = h->far};
    return (int)q->n_aliases++;
}

void orm_unref_alias(struct orm_query *q, int alias)
{
    q->aliases[alias].n_refs--;
}

void orm_promote_joins(struct orm_query *q, const struct orm_set *aliases)
{
    struct orm_set pending = {.arena = q->arena};
    orm_set_add_all(&pending, aliases);
    for (size_t i = 0; i < pending.n; i++) {
        struct orm_alias *a = &q->aliases[pending.items[i]];
        if (a->type == ORM_JOIN_BASE || a->type == ORM_JOIN_LEFT)
            continue;
        if (!a->nullable && q->aliases[a->parent].type != ORM_JOIN_LEFT)
            continue;
        a->type = ORM_JOIN_LEFT;
        for (size_t k = 0; k < q->n_aliases; k++)
            if (q->aliases[k].parent == pending.items[i])
                orm_set_add(&pending, (int)k);
    }
}

void orm_demote_joins(struct orm_query *q, const struct orm_set *aliases)
{
    for (size_t i = 0; i < aliases->n; i++) {
        /* An INNER join below a LEFT one would be no different from two INNER ones: the chain is made so. */
        for (int k = aliases->items[i]; k >= 0 && q->aliases[k].type == ORM_JOIN_LEFT; k = q->aliases[k].parent)
            q->aliases[k].type = ORM_JOIN_INNER;
    }
}

void orm_promoter_init(struct orm_promoter *p, struct orm_arena *a, bool is_or, bool is_negated, size_t n_children)
{
    *p = (struct orm_promoter){.arena = a, .is_or = is_or != is_negated, .n_children = n_children};
}

void orm_promoter_vote(struct orm_promoter *p, const struct orm_set *needed)
{
    for (size_t i = 0; i < needed->n; i++) {
        size_t k = 0;
        while (k < p->n && p->aliases[k] != needed->items[i])
            k++;
        if (k == p->n) {
            p->aliases = ORM_GROW(p->arena, p->aliases, p->n);
            p->votes = ORM_GROW(p->arena, p->votes, p->n);
            p->aliases[k] = needed->items[i];
            p->votes[k] = 0;
            p->n++;
        }
        p->votes[k]++;
    }
}

void orm_promoter_apply(struct orm_promoter *p, struct orm_query *q, struct orm_set *needed)
{
    struct orm_set promote = {.arena = p->arena}, demote = {.arena = p->arena};
    for (size_t i = 0; i < p->n; i++) {
        bool by_all = !p->is_or || p->votes[i] == p->n_children;
        orm_set_add(by_all ? &demote : &promote, p->aliases[i]);
    }
    orm_promote_joins(q, &promote);
    orm_demote_joins(q, &demote);
    orm_set_add_all(needed, &demote);
}
