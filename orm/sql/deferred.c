/* Which columns a statement loads after only() and defer(), as Django's Query.deferred_to_data: by model, not by path. */
#include "orm/sql/compile.h"

static struct orm_load *load_of(struct orm_arena *a, struct orm_load **list, const struct orm_meta *m)
{
    for (struct orm_load *l = *list; l; l = l->next)
        if (l->meta == m)
            return l;
    struct orm_load *l = ORM_NEW(a, struct orm_load);
    *l = (struct orm_load){m, ORM_NEW_N(a, bool, m->n_columns + 1), *list};
    *list = l;
    return l;
}

static const struct orm_attr *field_named(struct orm_resolver *r, const struct orm_meta *m, const struct orm_name *name)
{
    const struct orm_attr *f = orm_attr_named(m, name->s, name->n);
    if (!f)
        orm_fail(r->error, ORM_FIELD_DOES_NOT_EXIST, "%s has no field named '%.*s'", m->name, (int)name->n, name->s);
    return f;
}

/* One path: what it names goes to seen, what leads there to needed. */
static bool read_path(struct orm_resolver *r, const char *path, struct orm_load **seen, struct orm_load **needed)
{
    const struct orm_meta *m = r->q->meta;
    struct orm_name *names;
    size_t n = orm_split_path(r->arena, path, &names);
    for (size_t i = 0; i + 1 < n; i++) {
        const struct orm_attr *f = field_named(r, m, &names[i]);
        if (!f)
            return false;
        if (f->relation == ORM_REL_NONE)
            return orm_fail(r->error, ORM_ATTRIBUTE, "'%s' leads to no model", f->name);
        if (f->column)
            load_of(r->arena, needed, m)->load[f->index] = true;
        m = f->to;
        load_of(r->arena, needed, m)->load[m->pk->index] = true;
    }
    const struct orm_attr *f = field_named(r, m, &names[n - 1]);
    if (f && f->column)
        load_of(r->arena, seen, m)->load[f->index] = true;
    return f != NULL;
}

bool orm_plan_loads(struct orm_resolver *r, struct orm_load **out)
{
    const struct orm_query *q = r->q;
    struct orm_load *seen = NULL, *needed = NULL;
    *out = NULL;
    if (q->n_deferred == 0)
        return true;
    load_of(r->arena, &needed, q->meta)->load[q->meta->pk->index] = true;
    for (size_t i = 0; i < q->n_deferred; i++)
        if (!read_path(r, q->deferred[i], &seen, &needed))
            return false;
    if (!q->is_only)
        for (struct orm_load *l = seen; l; l = l->next)
            for (size_t i = 0; i < l->meta->n_columns; i++)
                l->load[i] = !l->load[i] || l->meta->columns[i] == l->meta->pk;
    for (struct orm_load *l = needed; l; l = l->next) {
        bool is_known = false;
        for (struct orm_load *k = seen; k; k = k->next)
            is_known = is_known || k->meta == l->meta;
        if (!is_known && !q->is_only)
            continue; /* everything of it is loaded */
        struct orm_load *into = load_of(r->arena, &seen, l->meta);
        for (size_t i = 0; i < l->meta->n_columns; i++)
            into->load[i] = into->load[i] || l->load[i];
    }
    *out = seen;
    return true;
}

bool orm_is_loaded(const struct orm_load *loads, const struct orm_attr *column)
{
    for (; loads; loads = loads->next)
        if (loads->meta == column->owner)
            return loads->load[column->index] || column == column->owner->pk;
    return true;
}
