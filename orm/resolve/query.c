#include "orm/resolve/query.h"

#include "orm/value/kind.h"

/* A copy with the capacity that orm_grow() expects of n items. */
static void *own_array(struct orm_arena *a, const void *p, size_t n, size_t item_bytes)
{
    if (n == 0)
        return NULL;
    size_t cap = 4;
    while (cap < n)
        cap *= 2;
    void *copy = orm_alloc(a, cap * item_bytes);
    memcpy(copy, p, n * item_bytes);
    return copy;
}
#define OWN(a, p, n) own_array((a), (p), (n), sizeof *(p))

struct orm_query *orm_query_new(struct orm_arena *a, const struct orm_meta *m)
{
    struct orm_query *q = ORM_NEW(a, struct orm_query);
    q->arena = a;
    q->meta = m;
    q->aliases = ORM_GROW(a, q->aliases, 0);
    q->aliases[0] = (struct orm_alias){.meta = m, .type = ORM_JOIN_BASE, .parent = -1, .n_refs = 1};
    q->n_aliases = 1;
    q->default_columns = true;
    q->use_meta_ordering = true;
    q->high = -1;
    return q;
}

struct orm_query *orm_query_clone(struct orm_arena *a, const struct orm_query *old)
{
    struct orm_query *q = ORM_NEW(a, struct orm_query);
    *q = *old;
    q->arena = a;
    q->aliases = OWN(a, old->aliases, old->n_aliases);
    q->annotations = OWN(a, old->annotations, old->n_annotations);
    q->orders = OWN(a, old->orders, old->n_orders);
    q->select = OWN(a, old->select, old->n_select);
    q->group_by = OWN(a, old->group_by, old->n_group_by);
    q->fields = OWN(a, old->fields, old->n_fields);
    q->deferred = OWN(a, old->deferred, old->n_deferred);
    q->distinct_on = OWN(a, old->distinct_on, old->n_distinct_on);
    return q;
}

void orm_query_group_by_selection(struct orm_query *q)
{
    q->grouping = ORM_GROUP_TERMS;
    q->group_by = NULL;
    q->n_group_by = 0;
    for (size_t i = 0; i < q->n_select; i++) {
        q->group_by = ORM_GROW(q->arena, q->group_by, q->n_group_by);
        q->group_by[q->n_group_by++] = q->select[i].term;
    }
    for (size_t i = 0; i < q->n_annotations; i++) {
        if (!q->annotations[i].is_selected || q->annotations[i].term->has_aggregate)
            continue;
        q->group_by = ORM_GROW(q->arena, q->group_by, q->n_group_by);
        q->group_by[q->n_group_by++] = q->annotations[i].term;
    }
}

bool orm_query_is_sliced(const struct orm_query *q)
{
    return q->low > 0 || q->high >= 0;
}

const struct orm_annotation *orm_query_annotation(const struct orm_query *q, const char *name, size_t len)
{
    for (size_t i = 0; i < q->n_annotations; i++)
        if (strncmp(q->annotations[i].name, name, len) == 0 && q->annotations[i].name[len] == '\0')
            return &q->annotations[i];
    return NULL;
}

bool orm_query_has_aggregate(const struct orm_query *q)
{
    for (size_t i = 0; i < q->n_annotations; i++)
        if (q->annotations[i].term->has_aggregate)
            return true;
    return false;
}

void orm_query_slice(struct orm_query *q, int64_t low, int64_t high)
{
    if (high >= 0) {
        int64_t h = q->low + high;
        q->high = q->high >= 0 && q->high < h ? q->high : h;
    }
    q->low += low;
    if (q->high >= 0 && q->low > q->high)
        q->low = q->high;
    if (q->high >= 0 && q->low == q->high)
        q->is_empty = true;
}

void orm_query_clear_ordering(struct orm_query *q)
{
    q->n_orders = 0;
    q->orders = NULL;
    q->use_meta_ordering = false;
}

int orm_alias_number(const struct orm_query *q, int alias)
{
    for (int i = 0; i < alias; i++)
        if (strcmp(q->aliases[i].meta->table, q->aliases[alias].meta->table) == 0)
            return alias + 1;
    return 0;
}

/* ---- terms ------------------------------------------------------------------------------------------------------ */

struct orm_term *orm_term_new(struct orm_arena *a, enum orm_term_kind kind, enum orm_type type)
{
    struct orm_term *t = ORM_NEW(a, struct orm_term);
    t->kind = kind;
    t->type = type;
    t->field = orm_kind_of_type(type);
    return t;
}

struct orm_term *orm_term_value(struct orm_arena *a, orm_val v)
{
    struct orm_term *t = orm_term_new(a, ORM_TERM_VALUE, orm_type_of_val(&v));
    t->value = orm_copy_val(a, v);
    t->nullable = v.tag == ORM_NULL;
    return t;
}

struct orm_term *orm_term_column(struct orm_arena *a, int alias, const struct orm_attr *attr)
{
    struct orm_term *t = orm_term_new(a, ORM_TERM_COLUMN, attr->type);
    t->alias = alias;
    t->attr = attr;
    t->field = orm_kind_of_attr(attr);
    t->nullable = attr->null;
    return t;
}

/* ---- conditions --------------------------------------------------------------------------------------------------- */

struct orm_cond *orm_cond_group(struct orm_arena *a, enum orm_cond_kind kind, bool negated)
{
    struct orm_cond *c = ORM_NEW(a, struct orm_cond);
    c->kind = kind;
    c->negated = negated;
    return c;
}

struct orm_cond *orm_cond_lookup(struct orm_arena *a, struct orm_term *lhs, const struct orm_lookup *l,
                                 struct orm_term *rhs)
{
    struct orm_cond *c = orm_cond_group(a, ORM_COND_LOOKUP, false);
    c->lookup = l;
    c->lhs = lhs;
    c->rhs = rhs;
    return c;
}

struct orm_cond *orm_cond_term(struct orm_arena *a, struct orm_term *t)
{
    struct orm_cond *c = orm_cond_group(a, ORM_COND_TERM, false);
    c->lhs = t;
    return c;
}

static bool is_group(const struct orm_cond *c)
{
    return c->kind == ORM_COND_AND || c->kind == ORM_COND_OR;
}

void orm_cond_add(struct orm_arena *a, struct orm_cond *group, struct orm_cond *child)
{
    bool can_squash = is_group(child) && !child->negated && (child->kind == group->kind || child->n_children == 1);
    if (can_squash) {
        for (size_t i = 0; i < child->n_children; i++)
            orm_cond_add(a, group, child->children[i]);
        return;
    }
    if (is_group(child) && child->n_children == 0)
        return;
    group->children = ORM_GROW(a, group->children, group->n_children);
    group->children[group->n_children++] = child;
}

void orm_query_and(struct orm_query *q, struct orm_cond *c)
{
    struct orm_cond *both = orm_cond_group(q->arena, ORM_COND_AND, false);
    if (q->where)
        orm_cond_add(q->arena, both, q->where);
    orm_cond_add(q->arena, both, c);
    q->where = both;
}

bool orm_cond_has_aggregate(const struct orm_cond *c)
{
    if (c->lhs && c->lhs->has_aggregate)
        return true;
    if (c->rhs && c->rhs->has_aggregate)
        return true;
    for (size_t i = 0; i < c->n_children; i++)
        if (orm_cond_has_aggregate(c->children[i]))
            return true;
    return false;
}

/* ---- walking ------------------------------------------------------------------------------------------------------ */

struct orm_term *orm_term_map(struct orm_arena *a, struct orm_term *t, orm_term_change change, void *context)
{
    struct orm_term *n = ORM_NEW(a, struct orm_term);
    *n = *t;
    n->args = OWN(a, t->args, t->n_args);
    for (size_t i = 0; i < t->n_args; i++) {
        n->args[i] = orm_term_map(a, t->args[i], change, context);
        if (!n->args[i])
            return NULL;
    }
    n->conds = OWN(a, t->conds, t->n_conds);
    for (size_t i = 0; i < t->n_conds; i++) {
        n->conds[i] = orm_cond_map(a, t->conds[i], change, context);
        if (!n->conds[i])
            return NULL;
    }
    n = change(context, n);
    if (n)
        orm_term_settle(a, n);
    return n;
}

struct orm_cond *orm_cond_map(struct orm_arena *a, struct orm_cond *c, orm_term_change change, void *context)
{
    struct orm_cond *n = ORM_NEW(a, struct orm_cond);
    *n = *c;
    n->children = OWN(a, c->children, c->n_children);
    for (size_t i = 0; i < c->n_children; i++) {
        n->children[i] = orm_cond_map(a, c->children[i], change, context);
        if (!n->children[i])
            return NULL;
    }
    if (c->lhs && !(n->lhs = orm_term_map(a, c->lhs, change, context)))
        return NULL;
    if (c->rhs && !(n->rhs = orm_term_map(a, c->rhs, change, context)))
        return NULL;
    return n;
}

static bool map_in_place(struct orm_arena *a, struct orm_term **t, orm_term_change change, void *context)
{
    if (*t)
        *t = orm_term_map(a, *t, change, context);
    return *t != NULL;
}

bool orm_query_map(struct orm_query *q, orm_term_change change, void *context)
{
    if (q->where && !(q->where = orm_cond_map(q->arena, q->where, change, context)))
        return false;
    for (size_t i = 0; i < q->n_annotations; i++)
        if (!map_in_place(q->arena, &q->annotations[i].term, change, context))
            return false;
    for (size_t i = 0; i < q->n_select; i++)
        if (!map_in_place(q->arena, &q->select[i].term, change, context))
            return false;
    for (size_t i = 0; i < q->n_group_by; i++)
        if (!map_in_place(q->arena, &q->group_by[i], change, context))
            return false;
    struct orm_query **parts = OWN(q->arena, q->combined, q->n_combined);
    for (size_t i = 0; i < q->n_combined; i++) {
        parts[i] = orm_query_clone(q->arena, q->combined[i]);
        if (!orm_query_map(parts[i], change, context))
            return false;
    }
    q->combined = parts;
    for (size_t i = 0; i < q->n_distinct_on; i++)
        if (!map_in_place(q->arena, &q->distinct_on[i], change, context))
            return false;
    for (size_t i = 0; i < q->n_orders; i++)
        if (q->orders[i].term && !map_in_place(q->arena, &q->orders[i].term, change, context))
            return false;
    return true;
}

bool orm_same_term(const struct orm_term *a, const struct orm_term *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->n_args != b->n_args || a->n_conds || b->n_conds || a->query || b->query)
        return false;
    if (a->op != b->op || a->distinct != b->distinct || a->alias != b->alias || a->level != b->level ||
        a->attr != b->attr || a->func != b->func || a->part != b->part || a->n_partition != b->n_partition)
        return false;
    if (a->kind == ORM_TERM_WINDOW || (a->kind == ORM_TERM_CAST && a->field != b->field))
        return false;
    if (a->kind == ORM_TERM_VALUE && !orm_same_val(&a->value, &b->value))
        return false;
    for (size_t i = 0; i < a->n_args; i++)
        if (!orm_same_term(a->args[i], b->args[i]))
            return false;
    return a->name == b->name || (a->name && b->name && strcmp(a->name, b->name) == 0);
}

struct orm_cond *orm_in_list(struct orm_arena *a, int alias, const struct orm_attr *attr, const orm_val *keys, size_t n)
{
    struct orm_term *list = orm_term_new(a, ORM_TERM_LIST, attr->type);
    list->args = ORM_NEW_N(a, struct orm_term *, n);
    for (size_t i = 0; i < n; i++) {
        list->args[i] = orm_term_new(a, ORM_TERM_VALUE, attr->type);
        list->args[i]->value = keys[i];
    }
    list->n_args = n;
    return orm_cond_lookup(a, orm_term_column(a, alias, attr), &orm_lookups[ORM_L_IN], list);
}
