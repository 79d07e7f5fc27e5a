/* Lazy access to related objects: one query on first use, then the cache on the row. */
#include "orm/session.h"
#include "preload/mark.h"

static const struct orm_attr *relation_of(orm_row *row, const char *accessor)
{
    if (!row->db || !row->state || !orm_ready(row->db))
        return NULL;
    const struct orm_attr *rel = orm_attr_accessor(row->state->meta, accessor);
    if (!rel || rel->relation == ORM_REL_NONE) {
        orm_fail(&row->db->error, ORM_FIELD_ERROR, "'%s' object has no relation '%s'", row->model->name, accessor);
        return NULL;
    }
    return rel;
}

static orm_row *only_row(orm_qs *qs)
{
    struct orm_result *r = orm_evaluate_as(qs, ORM_END_GET);
    if (r && r->n == 1) {
        r->rows[0]->state->result = NULL;
        return r->rows[0];
    }
    return NULL;
}

/* The rows of a model whose column is the key: a filter() that has a shape, so that a loop of them is parsed once. */
static orm_qs *rows_with(orm_db *db, const struct orm_meta *m, const struct orm_attr *column, orm_val key)
{
    if (db->error.status == ORM_OK) {
        orm_val v[] = {orm_v_text(column->equals), key, {.tag = ORM_END}};
        orm_step steps[] = {orm_text_step(ORM_S_FILTER, column->equals, v), {.op = ORM_S_END}};
        return orm_chain_(orm_objects(db, m->model), steps);
    }
    orm_qs *qs = orm_qs_on(db, m); /* chains stop at an error that is pending, what is loaded on the way does not */
    struct orm_term *value = orm_term_value(&db->arena, key);
    value->type = column->type;
    orm_query_and(qs->query, orm_cond_lookup(&db->arena, orm_term_column(&db->arena, 0, column),
                                             &orm_lookups[ORM_L_EXACT], value));
    return qs;
}

static orm_row *load_fk(orm_row *row, const struct orm_attr *fk)
{
    orm_row *obj = orm_fk_object(row, fk);
    orm_val key;
    if (!orm_load_column(row, fk))
        return NULL;
    orm_member_get(row, fk, &key);
    if (obj || key.tag == ORM_NULL)
        return obj;
    orm_db *db = row->db;
    orm_qs *qs = rows_with(db, fk->to, fk->target, key);
    n1prof_relation(fk->mark);
    obj = only_row(qs);
    if (!obj && db->error.status == ORM_OK)
        orm_fail(&db->error, ORM_DOES_NOT_EXIST, "%s matching query does not exist.", fk->to->name);
    orm_fk_set_object(row, fk, obj);
    return obj;
}

void *orm_one(orm_row *row, const char *accessor)
{
    ORM_GUARD(row->db, NULL);
    const struct orm_attr *rel = relation_of(row, accessor);
    if (!rel)
        return NULL;
    if (rel->relation == ORM_REL_FK)
        return load_fk(row, rel);
    if (rel->relation != ORM_REL_REVERSE_ONE) {
        orm_fail(&row->db->error, ORM_TYPE_ERROR, "%s.%s has many rows: use orm_related()", row->model->name, accessor);
        return NULL;
    }
    struct orm_cached *c = orm_cached_of(row, rel->accessor);
    if (!c) {
        orm_qs *qs = orm_related_qs(row, rel);
        orm_row *obj = only_row(qs);
        if (!obj && row->db->error.status != ORM_OK)
            return NULL;
        c = orm_cache_add(&row->db->arena, row, rel, rel->accessor);
        c->one = obj;
    }
    return c->one;
}

/* From the far model back to the table in between. */
static orm_qs *rows_between(orm_db *db, const struct orm_attr *rel, orm_val key)
{
    orm_qs *qs = orm_qs_on(db, rel->to);
    struct orm_hop hops[2];
    orm_hops_of(rel->remote, hops);
    int alias = orm_join(qs->query, 0, &hops[0], NULL);
    qs->query->aliases[alias].type = ORM_JOIN_INNER;
    struct orm_term *value = orm_term_value(&db->arena, key);
    value->type = rel->near_fk->type;
    struct orm_term *column = orm_term_column(&db->arena, alias, rel->near_fk);
    orm_query_and(qs->query, orm_cond_lookup(&db->arena, column, &orm_lookups[ORM_L_EXACT], value));
    return qs;
}

orm_qs *orm_related_qs(orm_row *row, const struct orm_attr *rel)
{
    orm_db *db = row->db;
    orm_val key;
    orm_target_key(row, rel->relation == ORM_REL_M2M ? rel->near_fk : rel->remote, &key);
    bool is_new = key.tag == ORM_NULL || (key.tag == ORM_INT && key.u.i == 0 && !row->state->is_saved);
    if (is_new && rel->relation != ORM_REL_M2M) /* nobody can point at it yet */
        return orm_chain_(orm_objects(db, rel->to->model), (orm_step[]){{.op = ORM_S_NONE}, {.op = ORM_S_END}});
    if (is_new) {
        orm_fail(&db->error, ORM_VALUE_ERROR,
                 "\"%s object\" needs to have a value for field \"%s\" before this relationship can be used.",
                 row->model->name, row->state->meta->pk->name);
        return orm_qs_new(db, NULL);
    }
    orm_qs *qs = rel->relation == ORM_REL_M2M ? rows_between(db, rel, key) : rows_with(db, rel->to, rel->remote, key);
    if (orm_is_good(qs)) { /* a failed one may be the scope's own */
        qs->parent = row;
        qs->parent_rel = rel;
    }
    return qs;
}

orm_qs *orm_related(orm_row *row, const char *accessor)
{
    ORM_GUARD(row->db, &row->db->failed);
    struct orm_cached *c = orm_cached_of(row, accessor); /* also the to_attr of a prefetch */
    if (c && c->many)
        return c->many;
    const struct orm_attr *rel = relation_of(row, accessor);
    if (!rel)
        return orm_qs_new(row->db, NULL);
    if (rel->relation != ORM_REL_REVERSE && rel->relation != ORM_REL_M2M) {
        orm_fail(&row->db->error, ORM_TYPE_ERROR, "%s.%s is one object: use orm_one()", row->model->name, accessor);
        return orm_qs_new(row->db, NULL);
    }
    return orm_related_qs(row, rel);
}

orm_status orm_set_one(orm_row *row, const char *field, orm_row *to)
{
    ORM_GUARD(row->db, ORM_NOMEM);
    const struct orm_attr *fk = relation_of(row, field);
    if (!fk)
        return row->db ? row->db->error.status : ORM_VALUE_ERROR;
    if (fk->relation != ORM_REL_FK || (to && to->model != fk->to->model)) {
        orm_fail(&row->db->error, ORM_VALUE_ERROR, "Cannot assign \"%s object\": \"%s.%s\" must be a \"%s\" instance.",
                 to ? to->model->name : "None", row->model->name, field, fk->to->name);
        return row->db->error.status;
    }
    orm_val key = {.tag = ORM_NULL};
    if (to)
        orm_target_key(to, fk, &key);
    orm_member_set(row, fk, &key);
    orm_fk_set_object(row, fk, to);
    return ORM_OK;
}
