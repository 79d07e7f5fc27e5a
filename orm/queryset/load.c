/* Cells into members, and columns that only() or defer() left out: seen as such, and loaded when asked for. */
#include "orm/session.h"

bool orm_load_cell(orm_row *row, const struct orm_attr *attr, const orm_val *v)
{
    if (orm_member_fits(attr, v)) {
        orm_member_set(row, attr, v);
        return true;
    }
    struct orm_arena *a = &row->db->arena;
    struct orm_buf key = {.arena = a}, held = {.arena = a};
    orm_val pk;
    orm_row_key(row, row->state->meta, &pk);
    orm_print_val(&key, &pk);
    orm_print_val(&held, v);
    return orm_fail(&row->db->error, ORM_DATA, "%s %s: column %s.%s holds %.200s, %s", row->model->name, key.p,
                    row->state->meta->table, attr->column, held.p,
                    v->tag == ORM_NULL ? "but the field is declared without null" : "which its field cannot take");
}

static const struct orm_attr *column_of(const orm_row *row, const char *field)
{
    const struct orm_meta *m = row->state ? row->state->meta : NULL;
    const struct orm_attr *a = m ? orm_attr_named(m, field, strlen(field)) : NULL;
    return a && a->column ? a : NULL;
}

bool orm_is_deferred(const orm_row *row, const struct orm_attr *column)
{
    return row->state && row->state->deferred && column->column && row->state->deferred[column->index];
}

bool orm_has(const orm_row *row, const char *field)
{
    const struct orm_attr *a = column_of(row, field);
    return a && !orm_is_deferred(row, a);
}

bool orm_load_column(orm_row *row, const struct orm_attr *column)
{
    if (!orm_is_deferred(row, column))
        return true;
    orm_db *db = row->db;
    const struct orm_meta *m = row->state->meta;
    orm_val key;
    orm_row_key(row, m, &key);
    orm_qs *qs = orm_qs_on(db, m);
    struct orm_query *q = qs->query;
    orm_query_clear_ordering(q);
    q->is_values = true;
    q->default_columns = false;
    q->select = ORM_NEW_N(q->arena, struct orm_select_item, 4);
    q->select[q->n_select++] = (struct orm_select_item){column->attname, orm_term_column(q->arena, 0, column)};
    orm_query_and(q, orm_in_list(q->arena, 0, m->pk, &key, 1));
    struct orm_result *r = orm_evaluate(qs);
    if (!r || r->n != 1)
        return r ? orm_fail(&db->error, ORM_DOES_NOT_EXIST, "%s matching query does not exist.", m->name) : false;
    bool *deferred = ORM_NEW_N(&db->arena, bool, m->n_columns);
    memcpy(deferred, row->state->deferred, m->n_columns * sizeof *deferred);
    deferred[column->index] = false;
    row->state->deferred = deferred;
    return orm_load_cell(row, column, &r->recs[0]->vals[0]);
}

orm_status orm_load(orm_row *row, const char *field)
{
    ORM_GUARD(row->db, ORM_NOMEM);
    const struct orm_attr *a = row->db ? column_of(row, field) : NULL;
    if (!row->db)
        return ORM_VALUE_ERROR;
    if (!a)
        orm_fail(&row->db->error, ORM_FIELD_DOES_NOT_EXIST, "%s has no field named '%s'", row->model->name, field);
    else
        orm_load_column(row, a);
    return row->db->error.status;
}
