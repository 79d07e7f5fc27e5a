/* Querysets combined: union(), intersection(), difference() of statements; & and | of conditions, as Django's
 * Query.combine(). */
#include "orm/queryset/queryset.h"

static struct orm_query *query_of(orm_qs *qs, const struct orm_node *n)
{
    if (n->kind == ORM_N_CONST && n->value.tag == ORM_QS && orm_query_of_qs(n->value.u.qs))
        return n->value.u.qs->query;
    orm_fail_at(&qs->db->error, ORM_TYPE_ERROR, n->text, n->pos, "a queryset is wanted here");
    return NULL;
}

static bool is_nothing(const struct orm_query *q)
{
    return q->is_empty && !orm_query_is_sliced(q);
}

bool orm_step_combine(orm_qs *qs, const orm_step *s)
{
    const struct orm_node *args = orm_step_args(qs->db, s);
    if (!args)
        return false;
    struct orm_query *q = qs->query;
    struct orm_query **parts = ORM_NEW_N(q->arena, struct orm_query *, args->n_args + 1);
    size_t n = 0;
    bool all = false, is_union = s->op == ORM_S_UNION;
    if (!is_union || !is_nothing(q))
        parts[n++] = orm_query_clone(q->arena, q);
    for (size_t i = 0; i < args->n_args; i++) {
        const struct orm_arg *a = &args->args[i];
        if (a->name && strcmp(a->name, "all") == 0 && is_union && a->node->kind == ORM_N_CONST) {
            all = a->node->value.tag == ORM_BOOL && a->node->value.u.b;
            continue;
        }
        struct orm_query *other = query_of(qs, a->node);
        if (!other)
            return false;
        if (s->op == ORM_S_INTERSECTION && is_nothing(other)) {
            qs->query = orm_query_clone(q->arena, other);
            return true;
        }
        bool skip = is_union && n == 0 && is_nothing(other); /* none().union(...): all that is something */
        if (!skip && !(is_union && is_nothing(q) && is_nothing(other)))
            parts[n++] = orm_query_clone(q->arena, other);
    }
    if (is_nothing(q) && (!is_union || n == 0))
        return true;
    struct orm_query *first = orm_query_clone(q->arena, parts[0]);
    if (is_nothing(q) && n == 1) {
        qs->query = first;
        return true;
    }
    orm_query_clear_ordering(first);
    first->is_reversed = false;
    first->low = 0;
    first->high = -1;
    first->is_empty = false;
    first->combined = parts;
    first->n_combined = n;
    first->combinator = s->op == ORM_S_INTERSECTION ? ORM_COMBINE_INTERSECT
                        : s->op == ORM_S_DIFFERENCE ? ORM_COMBINE_EXCEPT
                        : all                       ? ORM_COMBINE_UNION_ALL
                                                    : ORM_COMBINE_UNION;
    qs->query = first;
    return true;
}

/* ---- qs & qs, qs | qs ------------------------------------------------------------------------------------------------------ */

struct relabel {
    const int *to; /* by alias of the right query */
    int depth;
};

static struct orm_term *relabel_term(void *context, struct orm_term *t)
{
    const struct relabel *c = context;
    if (t->kind == ORM_TERM_COLUMN && t->level == c->depth)
        t->alias = c->to[t->alias];
    if ((t->kind == ORM_TERM_SUBQUERY || t->kind == ORM_TERM_EXISTS) && t->query) {
        struct relabel below = {c->to, c->depth + 1};
        t->query = orm_query_clone(t->query->arena, t->query);
        if (!orm_query_map(t->query, relabel_term, &below))
            return NULL;
    }
    return t;
}

static void vote_inner(struct orm_promoter *p, const struct orm_query *q, size_t n)
{
    struct orm_set inner = {.arena = q->arena};
    for (size_t i = 0; i < n; i++)
        if (q->aliases[i].type == ORM_JOIN_INNER)
            orm_set_add(&inner, (int)i);
    orm_promoter_vote(p, &inner);
}

/* The joins of rhs into q; map says where each went. With AND none is shared: two rows may satisfy the two sides. */
static int *merge_joins(struct orm_query *q, const struct orm_query *rhs, bool is_and)
{
    struct orm_set reuse = {.arena = q->arena}, rhs_inner = {.arena = q->arena}, needed = {.arena = q->arena};
    struct orm_promoter promoter;
    orm_promoter_init(&promoter, q->arena, !is_and, false, 2);
    vote_inner(&promoter, q, q->n_aliases);
    for (size_t i = 0; !is_and && i < q->n_aliases; i++)
        orm_set_add(&reuse, (int)i);
    int *map = ORM_NEW_N(q->arena, int, rhs->n_aliases + 1);
    for (size_t i = 1; i < rhs->n_aliases; i++) {
        const struct orm_alias *a = &rhs->aliases[i];
        struct orm_hop h = {.to = a->meta, .rel = a->rel, .near = a->near, .far = a->far, .nullable = a->nullable};
        map[i] = orm_join(q, map[a->parent], &h, &reuse);
        if (a->type == ORM_JOIN_INNER)
            orm_set_add(&rhs_inner, map[i]);
        for (size_t k = 0; k < reuse.n; k++)
            if (reuse.items[k] == map[i])
                reuse.items[k] = reuse.items[--reuse.n];
        if (a->n_refs == 0)
            orm_unref_alias(q, map[i]);
    }
    orm_promoter_vote(&promoter, &rhs_inner);
    orm_promoter_apply(&promoter, q, &needed);
    return map;
}

static bool may_merge(orm_qs *qs, const struct orm_query *q, const struct orm_query *rhs)
{
    struct orm_error *e = &qs->db->error;
    bool same_values = q->is_values == rhs->is_values && q->n_fields == rhs->n_fields;
    for (size_t i = 0; same_values && i < q->n_fields; i++)
        same_values = strcmp(q->fields[i], rhs->fields[i]) == 0;
    if (!same_values)
        return orm_fail(e, ORM_TYPE_ERROR, "Merging 'QuerySet' classes must involve the same values in each case.");
    if (q->meta != rhs->meta)
        return orm_fail(e, ORM_ASSERTION, "Cannot combine queries on two different base models.");
    if (orm_query_is_sliced(q))
        return orm_fail(e, ORM_ASSERTION, "Cannot combine queries once a slice has been taken.");
    if (q->is_distinct != rhs->is_distinct || q->n_distinct_on != rhs->n_distinct_on)
        return orm_fail(e, ORM_ASSERTION, "Cannot combine a unique query with a non-unique query.");
    return true;
}

/* A sliced side of | becomes: key in (those rows). */
static struct orm_query *as_condition(orm_qs *qs, struct orm_query *q)
{
    if (!orm_query_is_sliced(q))
        return q;
    struct orm_query *all = orm_query_new(q->arena, q->meta);
    struct orm_resolver r = orm_resolver_of(qs->db, all);
    orm_qs *part = orm_qs_new(qs->db, q);
    return orm_resolve_where(&r, "pk__in", orm_v_qs(part)) ? all : NULL;
}

bool orm_step_merge(orm_qs *qs, const orm_step *s)
{
    const struct orm_node *args = orm_step_args(qs->db, s);
    struct orm_query *rhs = args && args->n_args == 1 ? query_of(qs, args->args[0].node) : NULL;
    struct orm_query *q = qs->query;
    bool is_and = s->op == ORM_S_AND;
    if (!rhs)
        return orm_fail(&qs->db->error, ORM_TYPE_ERROR, "two querysets are wanted");
    if (is_nothing(q) || is_nothing(rhs)) {
        bool take_left = is_and ? is_nothing(q) && !is_nothing(rhs) : !is_nothing(q);
        qs->query = take_left ? q : orm_query_clone(q->arena, rhs);
        return true;
    }
    if (!is_and && !(q = as_condition(qs, q)))
        return false;
    if (!is_and && !(rhs = as_condition(qs, rhs)))
        return false;
    if (!may_merge(qs, q, rhs))
        return false;
    qs->query = q;
    const int *map = merge_joins(q, rhs, is_and);
    struct relabel change = {map, 0};
    struct orm_query *right = orm_query_clone(q->arena, rhs);
    if (!orm_query_map(right, relabel_term, &change))
        return false;
    if (is_and) {
        if (right->where)
            orm_query_and(q, right->where);
    } else if (!q->where || !right->where) {
        q->where = NULL; /* one side has all rows */
    } else {
        struct orm_cond *either = orm_cond_group(q->arena, ORM_COND_OR, false);
        orm_cond_add(q->arena, either, q->where);
        orm_cond_add(q->arena, either, right->where);
        struct orm_cond *where = orm_cond_group(q->arena, ORM_COND_AND, false);
        orm_cond_add(q->arena, where, either);
        q->where = where;
    }
    q->select = right->select;
    q->n_select = right->n_select;
    if (right->n_orders) {
        q->orders = right->orders;
        q->n_orders = right->n_orders;
        q->use_meta_ordering = false;
    }
    return true;
}
