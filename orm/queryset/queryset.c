/* Querysets: chains of steps over immutable clones. */
#include "orm/queryset/queryset.h"

const struct orm_query *orm_query_of_qs(orm_qs *qs)
{
    if (!qs->query && qs->shape) {
        qs->query = orm_shape_query(qs);
        qs->shape = qs->query ? qs->shape : NULL;
    }
    return qs->query;
}

bool orm_is_good(const orm_qs *qs)
{
    return qs->query || qs->shape;
}

const struct orm_meta *orm_qs_meta(const orm_qs *qs)
{
    return qs->query ? qs->query->meta : orm_shape_meta(qs->shape);
}

bool orm_qs_is_values(const orm_qs *qs)
{
    return qs->query ? qs->query->is_values : orm_shape_is_values(qs->shape);
}

struct orm_resolver orm_resolver_of(orm_db *db, struct orm_query *q)
{
    return (struct orm_resolver){
        .arena = &db->arena, .error = &db->error, .registry = &db->registry, .q = q, .query_of = orm_query_of_qs};
}

orm_qs *orm_qs_new(orm_db *db, struct orm_query *q)
{
    orm_qs *qs = ORM_NEW(&db->arena, orm_qs);
    qs->db = db;
    qs->query = q;
    return qs;
}

orm_qs *orm_qs_on(orm_db *db, const struct orm_meta *m)
{
    return orm_qs_new(db, orm_query_new(&db->arena, m));
}

orm_qs *orm_qs_clone(orm_qs *old)
{
    const struct orm_query *q = orm_query_of_qs(old);
    orm_qs *qs = ORM_NEW(&old->db->arena, orm_qs);
    *qs = *old;
    qs->result = NULL;
    qs->shape = NULL;
    qs->query = q ? orm_query_clone(&old->db->arena, q) : NULL;
    return qs;
}

orm_qs *orm_objects(orm_db *db, const orm_model *m)
{
    ORM_GUARD(db, &db->failed);
    orm_qs *seen = orm_shape_objects(db, m);
    if (seen)
        return seen;
    if (!db->has_registry && !orm_ready(db))
        return orm_qs_new(db, NULL);
    struct orm_meta *meta = orm_meta_of(&db->registry, m);
    if (!meta) {
        orm_fail(&db->error, ORM_FIELD_ERROR, "%s is no model of this scope", m->name);
        return orm_qs_new(db, NULL);
    }
    orm_qs *qs = orm_qs_on(db, meta);
    orm_shape_note_objects(qs);
    return qs;
}

orm_expr *orm_q_(orm_db *db, const char *text, const orm_val *v)
{
    ORM_GUARD(db, &db->failed_expr);
    orm_expr *x = ORM_NEW(&db->arena, orm_expr);
    x->args = orm_step_args(db, &(orm_step){.text = text, .v = v});
    return x;
}

orm_qs *orm_chain_(orm_qs *qs, const orm_step *steps)
{
    ORM_GUARD(qs->db, &qs->db->failed);
    orm_qs *seen = orm_shape_chain(qs, steps);
    if (seen)
        return seen;
    orm_qs *next = orm_qs_clone(qs);
    for (const orm_step *s = steps; next->query && s->op != ORM_S_END; s++)
        if (!orm_run_step(next, s))
            next->query = NULL;
    if (next->query)
        orm_shape_note_chain(next, qs, steps);
    return next;
}

orm_qs *orm_where(orm_qs *qs, const char *path, orm_val v)
{
    ORM_GUARD(qs->db, &qs->db->failed);
    orm_qs *next = orm_qs_clone(qs);
    if (!next->query)
        return next;
    struct orm_resolver r = orm_resolver_of(qs->db, next->query);
    if (!orm_step_not_sliced(next, "filter a query") ||
        !orm_resolve_where(&r, orm_copy_text(&qs->db->arena, path, strlen(path)), orm_copy_val(&qs->db->arena, v)))
        next->query = NULL;
    return next;
}

const char *orm_sql(orm_qs *qs)
{
    ORM_GUARD(qs->db, NULL);
    if (!orm_query_of_qs(qs) || !orm_ready(qs->db))
        return NULL;
    struct orm_resolver r = orm_resolver_of(qs->db, qs->query);
    struct orm_compiler c;
    struct orm_statement st;
    orm_compiler_init(&c, &r, qs->db->driver->dialect);
    return orm_compile_select(&c, qs->query, &st) ? st.sql : NULL;
}
