/* Columns that only() or defer() left out: seen as such, and loaded when asked for. */
#include "orm/session.h"

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

/* One query for some columns of a row that is there. */
static struct orm_rec *read_columns(orm_row *row, const struct orm_attr *const *columns, size_t n)
{
    orm_db *db = row->db;
    const struct orm_meta *m = row->state->meta;
    orm_val key;
    orm_row_key(row, m, &key);
    orm_qs *qs = orm_qs_on(db, m);
    struct orm_query *q = qs->query;
    orm_query_clear_ordering(q);
    q->is_values = true;
    q->default_columns = false;
    q->select = ORM_NEW_N(q->arena, struct orm_select_item, n + 4);
    for (size_t i = 0; i < n; i++)
        q->select[q->n_select++] =
            (struct orm_select_item){columns[i]->attname, orm_term_column(q->arena, 0, columns[i])};
    orm_query_and(q, orm_in_list(q->arena, 0, m->pk, &key, 1));
    struct orm_result *r = orm_evaluate(qs);
    if (r && r->n != 1)
        orm_fail(&db->error, ORM_DOES_NOT_EXIST, "%s matching query does not exist.", m->name);
    return r && r->n == 1 ? r->recs[0] : NULL;
}

bool orm_load_column(orm_row *row, const struct orm_attr *column)
{
    if (!orm_is_deferred(row, column))
        return true;
    orm_db *db = row->db;
    const struct orm_meta *m = row->state->meta;
    const orm_rec *r = read_columns(row, &column, 1);
    if (!r)
        return false;
    bool *deferred = ORM_NEW_N(&db->arena, bool, m->n_columns);
    memcpy(deferred, row->state->deferred, m->n_columns * sizeof *deferred);
    deferred[column->index] = false;
    row->state->deferred = deferred;
    return orm_load_cell(row, column, &r->vals[0]);
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

orm_status orm_refresh_fields_(orm_row *row, const char *const *names, size_t n_names)
{
    ORM_GUARD(row->db, ORM_NOMEM);
    orm_db *db = row->db;
    const struct orm_attr **columns = ORM_NEW_N(&db->arena, const struct orm_attr *, n_names);
    for (size_t i = 0; i < n_names; i++) {
        columns[i] = column_of(row, names[i]);
        if (!columns[i]) {
            orm_fail(&db->error, ORM_FIELD_DOES_NOT_EXIST, "%s has no field named '%s'", row->model->name, names[i]);
            return db->error.status;
        }
    }
    const orm_rec *r = n_names ? read_columns(row, columns, n_names) : NULL;
    bool *deferred = NULL;
    if (r && row->state->deferred) {
        deferred = ORM_NEW_N(&db->arena, bool, row->state->meta->n_columns);
        memcpy(deferred, row->state->deferred, row->state->meta->n_columns * sizeof *deferred);
    }
    for (size_t i = 0; r && i < n_names; i++) {
        if (!orm_load_cell(row, columns[i], &r->vals[i]))
            break;
        if (deferred)
            deferred[columns[i]->index] = false;
        if (row->state->exprs)
            row->state->exprs[columns[i]->index] = NULL;
    }
    if (deferred)
        row->state->deferred = deferred;
    return db->error.status;
}
