/* in_bulk(): the rows with given values of a unique column, each beside its value. */
#include <stdlib.h>

#include "orm/session.h"

struct wanted {
    orm_val key;
    size_t at; /* in the caller's list */
};

static int by_key(const void *a, const void *b)
{
    return orm_compare_keys(&((const struct wanted *)a)->key, &((const struct wanted *)b)->key);
}

const struct orm_attr *orm_in_bulk_column(orm_qs *qs, const char *field)
{
    const struct orm_query *q = orm_query_of_qs(qs);
    struct orm_error *error = &qs->db->error;
    if (!q)
        return NULL;
    const struct orm_attr *attr = orm_attr_named(q->meta, field, strlen(field));
    if (orm_query_is_sliced(q))
        orm_fail(error, ORM_ASSERTION, "Cannot use 'limit' or 'offset' with in_bulk");
    else if (q->is_values)
        orm_fail(error, ORM_TYPE_ERROR, "in_bulk() takes a queryset that gives rows of %s", q->meta->name);
    else if (!attr || !attr->column)
        orm_fail(error, ORM_FIELD_ERROR, "%s has no field named '%s'", q->meta->name, field);
    else if (!attr->unique)
        orm_fail(error, ORM_VALUE_ERROR, "in_bulk()'s field_name must be a unique field but '%s' isn't.", field);
    else
        return attr;
    return NULL;
}

/* The list's part [from, to). */
static orm_val part_of(orm_val list, size_t from, size_t to)
{
    if (list.tag == ORM_INTS)
        return orm_ints((const int64_t *)list.u.arr.p + from, to - from);
    return orm_texts((const char *const *)list.u.arr.p + from, to - from);
}

/* One item as the column's type has it. */
static bool item_of(orm_db *db, const struct orm_attr *attr, orm_val list, size_t at, orm_val *out)
{
    orm_val item = list.tag == ORM_INTS ? orm_v_int(((const int64_t *)list.u.arr.p)[at])
                                        : orm_v_text(((const char *const *)list.u.arr.p)[at]);
    return orm_convert(&db->arena, item, attr->type, out) ||
           orm_fail(&db->error, ORM_VALUE_ERROR, "in_bulk(): value %zu is none of field '%s'", at, attr->name);
}

/* Puts the rows of a result beside their values; how many. */
static int64_t place(const struct orm_result *r, const struct orm_attr *attr, const struct wanted *list, size_t n,
                     orm_row **out)
{
    for (size_t i = 0; i < r->n; i++) {
        struct wanted key = {.at = 0};
        orm_member_get(r->rows[i], attr, &key.key);
        const struct wanted *found = bsearch(&key, list, n, sizeof *list, by_key);
        while (found && found > list && by_key(found - 1, &key) == 0)
            found--;
        for (; found && found < list + n && by_key(found, &key) == 0; found++)
            out[found->at] = r->rows[i];
    }
    return (int64_t)r->n;
}

int64_t orm_in_bulk_(orm_qs *qs, const orm_model *m, const char *field, orm_val values, orm_row **out)
{
    orm_db *db = qs->db;
    ORM_GUARD(db, -1);
    const struct orm_attr *attr = orm_in_bulk_column(qs, field ? field : "pk");
    int64_t found = 0;
    if (!attr)
        return -1;
    if (values.tag != ORM_INTS && values.tag != ORM_TEXTS) {
        orm_fail(&db->error, ORM_TYPE_ERROR, "in_bulk() takes a list: orm_ints() or orm_texts()");
        return -1;
    }
    if (orm_qs_meta(qs)->model != m) {
        orm_fail(&db->error, ORM_TYPE_ERROR, "this queryset does not give %s", m->name);
        return -1;
    }
    const size_t n = values.u.arr.n;
    struct wanted *list = ORM_NEW_N(&db->arena, struct wanted, n + 1);
    for (size_t i = 0; i < n; i++) {
        out[i] = NULL;
        list[i].at = i;
        if (!item_of(db, attr, values, i, &list[i].key))
            return -1;
    }
    qsort(list, n, sizeof *list, by_key);
    const size_t portion = db->driver->dialect->max_params;
    for (size_t from = 0; from < n; from += portion) {
        const size_t to = n - from < portion ? n : from + portion;
        const struct orm_result *r =
            orm_evaluate(orm_where(qs, orm_printf(&db->arena, "%s__in", attr->name), part_of(values, from, to)));
        if (!r)
            return -1;
        found += place(r, attr, list, n, out);
    }
    return found;
}
