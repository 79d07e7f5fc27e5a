/* The plan of a SELECT: columns, objects of select_related(), order, grouping, WHERE against HAVING. */
#include "orm/sql/compile.h"

static void add_column(struct orm_resolver *r, struct orm_plan *p, const char *name, struct orm_term *t)
{
    p->columns = ORM_GROW(r->arena, p->columns, p->n_columns);
    bool is_column = t->kind == ORM_TERM_COLUMN && !t->is_fixed;
    p->columns[p->n_columns++] = (struct orm_column){name, t->type, is_column ? t->attr : NULL, t};
}

static struct orm_fetch *add_model(struct orm_resolver *r, struct orm_plan *p, const struct orm_meta *m, int alias)
{
    struct orm_fetch *f = ORM_NEW(r->arena, struct orm_fetch);
    const struct orm_attr **attrs = ORM_NEW_N(r->arena, const struct orm_attr *, m->n_columns);
    bool *deferred = ORM_NEW_N(r->arena, bool, m->n_columns);
    f->meta = m;
    f->first = p->n_columns;
    for (size_t i = 0; i < m->n_columns; i++) {
        if (!orm_is_loaded(p->loads, m->columns[i])) {
            deferred[i] = true;
            f->deferred = deferred;
            continue;
        }
        if (m->columns[i] == m->pk)
            f->pk = p->n_columns;
        attrs[f->n_attrs++] = m->columns[i];
        add_column(r, p, m->columns[i]->attname, orm_term_column(r->arena, alias, m->columns[i]));
    }
    f->attrs = attrs;
    return f;
}

enum { RELATED_DEPTH = 5 };

static bool add_related(struct orm_resolver *r, struct orm_plan *p, struct orm_fetch *parent, int alias,
                        const struct orm_related *tree, unsigned depth)
{
    size_t n = tree ? tree->n_children : parent->meta->n_columns;
    for (size_t i = 0; i < n; i++) {
        const struct orm_attr *rel = tree ? tree->children[i]->attr : parent->meta->columns[i];
        bool is_followed = rel->relation == ORM_REL_FK && !rel->null && depth < RELATED_DEPTH && rel->to->model &&
                           orm_is_loaded(p->loads, rel);
        if (!tree && !is_followed)
            continue;
        struct orm_hop hops[ORM_MAX_HOPS];
        if (orm_hops_of(rel, hops) != 1)
            continue; /* select_related() took foreign keys and one-to-ones only */
        if (tree && rel->relation == ORM_REL_FK && !orm_is_loaded(p->loads, rel))
            return orm_fail(r->error, ORM_FIELD_ERROR,
                            "Field %s.%s cannot be both deferred and traversed using select_related at the same time.",
                            rel->owner->name, rel->name);
        int to = orm_join(r->q, alias, &hops[0], NULL);
        struct orm_fetch *f = add_model(r, p, hops[0].to, to);
        f->rel = rel;
        parent->children = ORM_GROW(r->arena, parent->children, parent->n_children);
        parent->children[parent->n_children++] = f;
        if (!add_related(r, p, f, to, tree ? tree->children[i] : NULL, depth + 1))
            return false;
    }
    return true;
}

/* ---- ORDER BY ------------------------------------------------------------------------------------------------------------ */

static void add_order(struct orm_resolver *r, struct orm_plan *p, struct orm_order o)
{
    p->orders = ORM_GROW(r->arena, p->orders, p->n_orders);
    p->orders[p->n_orders++] = o;
}

static bool order_by_name(struct orm_resolver *r, struct orm_plan *p, const struct orm_meta *meta, int alias,
                          const char *name, bool flip, unsigned depth)
{
    bool descending = (*name == '-') != flip;
    if (*name == '-' || *name == '+')
        name++;
    const struct orm_annotation *a = depth == 0 ? orm_query_annotation(r->q, name, strlen(name)) : NULL;
    if (a) {
        struct orm_term *t = a->term;
        if (a->is_selected && !r->q->select_one) { /* by the name of the column, so that it is computed once */
            t = ORM_NEW(r->arena, struct orm_term);
            *t = (struct orm_term){.kind = ORM_TERM_REF, .name = a->name, .type = a->term->type};
            t->has_aggregate = a->term->has_aggregate;
        }
        add_order(r, p, (struct orm_order){.term = t, .descending = descending});
        return true;
    }
    struct orm_name *names;
    size_t n = orm_split_path(r->arena, name, &names);
    struct orm_path path;
    struct orm_joined j;
    if (!orm_walk_path(r, meta, names, n, true, false, NULL, &path))
        return false;
    orm_setup_joins(r, &path, alias, NULL, &j);
    const struct orm_name *last = &names[n - 1];
    bool is_relation = path.final->relation != ORM_REL_NONE && path.n_names == n;
    bool by_key = path.final->relation == ORM_REL_FK && strlen(path.final->attname) == last->n &&
                  strncmp(path.final->attname, last->s, last->n) == 0;
    if (is_relation && !by_key && path.meta->n_ordering && strcmp(name, "pk") != 0) {
        if (depth > 8)
            return orm_fail(r->error, ORM_FIELD_ERROR, "Infinite loop caused by ordering.");
        for (size_t i = 0; i < path.meta->n_ordering; i++)
            if (!order_by_name(r, p, path.meta, j.aliases[j.n - 1], path.meta->ordering[i], descending, depth + 1))
                return false;
        return true;
    }
    orm_trim_joins(r, &path, &j);
    struct orm_term *t = orm_term_column(r->arena, j.aliases[j.n - 1], j.target);
    for (size_t i = path.n_names; i < n; i++) {
        t = orm_extract(r, t, &names[i]);
        if (!t)
            return orm_fail(r->error, ORM_FIELD_ERROR,
                            "Cannot resolve keyword '%.*s' into field. Join on '%s' not permitted.", (int)names[i].n,
                            names[i].s, name);
    }
    add_order(r, p, (struct orm_order){.term = t, .descending = descending});
    return true;
}

/* ORDER BY of a combined query: by the place of the column, which all parts share. */
static bool order_by_place(struct orm_resolver *r, struct orm_plan *p, const struct orm_order *o)
{
    struct orm_order placed = *o;
    const char *name = o->name;
    placed.descending = o->descending != r->q->is_reversed;
    placed.nulls = r->q->is_reversed && o->nulls ? 3 - o->nulls : o->nulls;
    if (name && (*name == '-' || *name == '+')) {
        placed.descending = (*name == '-') != r->q->is_reversed;
        name++;
    }
    const struct orm_attr *attr = name ? orm_attr_named(r->q->meta, name, strlen(name)) : NULL;
    for (size_t i = 0; i < p->n_visible; i++) {
        bool by_name = name && p->columns[i].name && strcmp(p->columns[i].name, name) == 0;
        bool by_attr = attr && p->columns[i].attr == attr && p->columns[i].term->alias == 0;
        if (!by_name && !by_attr && !(o->term && orm_same_term(o->term, p->columns[i].term)))
            continue;
        placed.term = orm_term_new(r->arena, ORM_TERM_PLACE, p->columns[i].type);
        placed.term->places = (int)i + 1;
        add_order(r, p, placed);
        return true;
    }
    return orm_fail(r->error, ORM_DATABASE, "ORDER BY term does not match any column in the result set.");
}

static bool plan_orders(struct orm_resolver *r, struct orm_plan *p)
{
    const struct orm_query *q = r->q;
    for (size_t i = 0; q->combinator != ORM_COMBINE_NONE && i < q->n_orders; i++)
        if (!order_by_place(r, p, &q->orders[i]))
            return false;
    if (q->combinator != ORM_COMBINE_NONE)
        return true;
    bool by_meta = q->use_meta_ordering && q->n_orders == 0 && q->grouping == ORM_GROUP_NONE;
    for (size_t i = 0; by_meta && i < q->meta->n_ordering; i++)
        if (!order_by_name(r, p, q->meta, 0, q->meta->ordering[i], q->is_reversed, 0))
            return false;
    for (size_t i = 0; i < q->n_orders; i++) {
        struct orm_order o = q->orders[i];
        if (o.name && !order_by_name(r, p, q->meta, 0, o.name, q->is_reversed, 0))
            return false;
        o.descending = o.descending != q->is_reversed;
        o.nulls = q->is_reversed && o.nulls ? 3 - o.nulls : o.nulls;
        if (!o.name)
            add_order(r, p, o);
    }
    size_t kept = 0; /* the same column twice orders nothing more */
    for (size_t i = 0; i < p->n_orders; i++) {
        bool twice = false;
        for (size_t k = 0; k < kept; k++)
            twice = twice || (orm_same_term(p->orders[k].term, p->orders[i].term) &&
                              p->orders[k].descending == p->orders[i].descending);
        if (!twice)
            p->orders[kept++] = p->orders[i];
    }
    p->n_orders = kept;
    return true;
}

/* SELECT DISTINCT needs what it orders by. */
static void add_distinct_columns(struct orm_resolver *r, struct orm_plan *p)
{
    for (size_t i = 0; i < p->n_orders; i++) {
        bool found = p->orders[i].term->kind == ORM_TERM_REF;
        for (size_t k = 0; k < p->n_columns && !found; k++)
            found = orm_same_term(p->columns[k].term, p->orders[i].term);
        if (!found)
            add_column(r, p, NULL, p->orders[i].term);
    }
}

/* ---- GROUP BY, HAVING ------------------------------------------------------------------------------------------------------ */

static void add_group(struct orm_resolver *r, struct orm_plan *p, struct orm_term *t)
{
    if (t->kind == ORM_TERM_VALUE || t->kind == ORM_TERM_REF || t->kind == ORM_TERM_LIST)
        return;
    if (t->kind == ORM_TERM_COLUMN && t->level > 0)
        return;
    if (t->has_aggregate) { /* only what is not aggregated in it */
        if (t->kind == ORM_TERM_AGG)
            return;
        for (size_t i = 0; i < t->n_args; i++)
            add_group(r, p, t->args[i]);
        return;
    }
    for (size_t i = 0; i < p->n_group_by; i++)
        if (orm_same_term(p->group_by[i], t))
            return;
    p->group_by = ORM_GROW(r->arena, p->group_by, p->n_group_by);
    p->group_by[p->n_group_by++] = t;
}

struct outside {
    struct orm_resolver *r;
    struct orm_plan *p;
    int depth;
    bool is_joined; /* a column reached over a relation: may have many rows */
    bool collect;
};

/* Columns of this query that a subquery uses. */
static struct orm_term *see_outside(void *context, struct orm_term *t)
{
    struct outside *o = context;
    if ((t->kind == ORM_TERM_SUBQUERY || t->kind == ORM_TERM_EXISTS) && t->query) {
        struct outside below = *o;
        below.depth++;
        orm_query_map(orm_query_clone(o->r->arena, t->query), see_outside, &below);
        o->is_joined = below.is_joined;
    }
    if (t->kind != ORM_TERM_COLUMN || t->level != o->depth)
        return t;
    o->is_joined = o->is_joined || t->is_over_relation;
    if (o->collect)
        add_group(o->r, o->p, orm_term_column(o->r->arena, t->alias, t->attr));
    return t;
}

/* ~Exists(...) is a condition around the subquery. */
static struct orm_term *bare(struct orm_term *t)
{
    const struct orm_cond *c = t->kind == ORM_TERM_COND ? t->conds[0] : NULL;
    while (c && (c->kind == ORM_COND_AND || c->kind == ORM_COND_OR) && c->n_children == 1)
        c = c->children[0];
    return c && c->kind == ORM_COND_TERM ? c->lhs : t;
}

/* What is selected is grouped by; of a subquery, the columns that it takes from outside. */
static void add_selected_group(struct orm_resolver *r, struct orm_plan *p, struct orm_term *selected)
{
    for (size_t i = 0; i < p->n_group_by; i++)
        if (p->group_by[i] == selected)
            return; /* values() named it */
    struct orm_term *t = bare(selected);
    if ((t->kind != ORM_TERM_SUBQUERY && t->kind != ORM_TERM_EXISTS) || !t->query) {
        add_group(r, p, selected);
        return;
    }
    struct outside o = {.r = r, .p = p, .depth = 1};
    orm_query_map(orm_query_clone(r->arena, t->query), see_outside, &o);
    if (o.is_joined) {
        add_group(r, p, selected);
        return;
    }
    o.collect = true;
    orm_query_map(orm_query_clone(r->arena, t->query), see_outside, &o);
}

static void add_having_groups(struct orm_resolver *r, struct orm_plan *p, const struct orm_cond *c)
{
    if (c->lhs)
        add_selected_group(r, p, c->lhs);
    if (c->rhs && c->rhs->kind == ORM_TERM_LIST)
        for (size_t i = 0; i < c->rhs->n_args; i++)
            add_selected_group(r, p, c->rhs->args[i]);
    else if (c->rhs)
        add_selected_group(r, p, c->rhs);
    for (size_t i = 0; i < c->n_children; i++)
        add_having_groups(r, p, c->children[i]);
}

static bool key_is_grouped(const struct orm_plan *p, int alias)
{
    for (size_t i = 0; i < p->n_group_by; i++) {
        const struct orm_term *t = p->group_by[i];
        if (t->kind == ORM_TERM_COLUMN && t->level == 0 && t->alias == alias && t->attr->primary_key)
            return true;
    }
    return false;
}

static void plan_groups(struct orm_resolver *r, const struct orm_dialect *d, struct orm_plan *p)
{
    for (size_t i = 0; r->q->grouping == ORM_GROUP_TERMS && i < r->q->n_group_by; i++)
        add_group(r, p, r->q->group_by[i]);
    for (size_t i = 0; i < p->n_columns; i++)
        add_selected_group(r, p, p->columns[i].term);
    for (size_t i = 0; i < p->n_orders; i++)
        add_group(r, p, p->orders[i].term);
    size_t before_having = p->n_group_by;
    if (p->having)
        add_having_groups(r, p, p->having);
    if (!d->groups_by_key)
        return;
    size_t kept = 0;
    for (size_t i = 0; i < p->n_group_by; i++) {
        struct orm_term *t = p->group_by[i];
        bool is_column = t->kind == ORM_TERM_COLUMN;
        if (i >= before_having || !is_column || t->attr->primary_key || !key_is_grouped(p, t->alias))
            p->group_by[kept++] = t;
    }
    p->n_group_by = kept;
}

/* Conditions on aggregates go to HAVING, and what is ORed with them too. */
static void split_having(struct orm_arena *a, struct orm_cond *c, bool negated, struct orm_cond **where,
                         struct orm_cond **having)
{
    *where = *having = NULL;
    if (!orm_cond_has_aggregate(c)) {
        *where = c;
        return;
    }
    bool in_negated = negated != c->negated;
    bool may_split = (c->kind == ORM_COND_AND && !in_negated) || (c->kind == ORM_COND_OR && in_negated);
    if (!may_split) {
        *having = c;
        return;
    }
    struct orm_cond *w = orm_cond_group(a, c->kind, c->negated), *h = orm_cond_group(a, c->kind, c->negated);
    for (size_t i = 0; i < c->n_children; i++) {
        struct orm_cond *cw, *ch;
        split_having(a, c->children[i], in_negated, &cw, &ch);
        if (cw)
            orm_cond_add(a, w, cw);
        if (ch)
            orm_cond_add(a, h, ch);
    }
    *where = w->n_children ? w : NULL;
    *having = h->n_children ? h : NULL;
}

static bool is_field(const struct orm_query *q, const char *name)
{
    for (size_t i = 0; i < q->n_fields; i++)
        if (strcmp(q->fields[i], name) == 0)
            return true;
    return false;
}

/* values(): columns and annotations in the order of their names. */
static void add_fields(struct orm_resolver *r, struct orm_plan *p)
{
    const struct orm_query *q = r->q;
    size_t n_plain = 0;
    if (q->n_fields == 0)
        n_plain = q->n_select;
    for (size_t i = 0; i < n_plain; i++)
        add_column(r, p, q->select[i].name, q->select[i].term);
    for (size_t i = 0, k = 0; i < q->n_fields; i++) {
        const struct orm_annotation *a = orm_query_annotation(q, q->fields[i], strlen(q->fields[i]));
        bool is_plain = k < q->n_select && q->select[k].name == q->fields[i];
        if (is_plain) {
            add_column(r, p, q->select[k].name, q->select[k].term);
            k++;
        } else if (a && a->is_selected) {
            add_column(r, p, a->name, a->term);
        }
    }
}

bool orm_plan_select(struct orm_resolver *r, const struct orm_dialect *d, struct orm_plan *p)
{
    struct orm_query *q = r->q;
    *p = (struct orm_plan){0};
    if (!orm_plan_loads(r, &p->loads))
        return false;
    if (q->default_columns)
        p->fetch = add_model(r, p, q->meta, 0);
    if (p->fetch && (q->related || q->select_all_related) && !add_related(r, p, p->fetch, 0, q->related, 0))
        return false;
    p->first_extra = p->n_columns;
    if (q->is_values)
        add_fields(r, p);
    else
        for (size_t i = 0; i < q->n_select; i++)
            add_column(r, p, q->select[i].name, q->select[i].term);
    for (size_t i = 0; i < q->n_annotations; i++)
        if (q->annotations[i].is_selected && !(q->is_values && is_field(q, q->annotations[i].name)))
            add_column(r, p, q->annotations[i].name, q->annotations[i].term);
    p->n_visible = p->n_columns;
    if (q->where)
        split_having(r->arena, q->where, false, &p->where, &p->having);
    if (!plan_orders(r, p))
        return false;
    if (q->is_distinct && q->n_distinct_on == 0)
        add_distinct_columns(r, p);
    if (q->grouping != ORM_GROUP_NONE)
        plan_groups(r, d, p);
    return true;
}
