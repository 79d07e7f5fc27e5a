/* How chains end: the query that each ending asks, made from a clone of the chain's. */
#include "orm/session.h"

enum { GET_LIMIT = 21 };

static bool take_rows(orm_qs *one)
{
    (void)one;
    return true;
}

static bool take_few(orm_qs *one)
{
    if (orm_query_is_sliced(one->query))
        return true;
    orm_query_clear_ordering(one->query);
    orm_query_slice(one->query, 0, GET_LIMIT);
    return true;
}

static bool take_first(orm_qs *one)
{
    struct orm_query *q = one->query;
    if (q->n_orders == 0 && !(q->use_meta_ordering && q->meta->n_ordering)) {
        q->orders = ORM_NEW_N(q->arena, struct orm_order, 4);
        q->orders[q->n_orders++] = (struct orm_order){.name = "pk"};
        q->use_meta_ordering = false;
    }
    orm_query_slice(q, 0, 1);
    return true;
}

static bool take_last(orm_qs *one)
{
    if (orm_query_is_sliced(one->query))
        return orm_fail(&one->db->error, ORM_TYPE_ERROR, "Cannot reverse a query once a slice has been taken.");
    one->query->is_reversed = !one->query->is_reversed;
    return take_first(one);
}

static bool take_truth(orm_qs *one)
{
    struct orm_query *q = one->query;
    if (!q->is_distinct || q->default_columns) {
        q->default_columns = false;
        q->select_one = q->is_values = true;
        q->n_select = 0;
        for (size_t i = 0; i < q->n_annotations; i++) {
            const struct orm_annotation *a = &q->annotations[i];
            bool is_asked = q->is_distinct || (q->grouping != ORM_GROUP_NONE && !a->term->has_aggregate);
            if (is_asked && a->is_selected && a->term->kind_error) /* Django selects it or groups by it then */
                return orm_fail(&one->db->error, ORM_FIELD_ERROR, "%s", a->term->kind_error);
            q->annotations[i].is_selected = false;
        }
        if (q->grouping == ORM_GROUP_MODEL) {
            q->grouping = ORM_GROUP_TERMS;
            q->group_by = ORM_NEW_N(q->arena, struct orm_term *, 4);
            q->group_by[0] = orm_term_column(q->arena, 0, q->meta->pk);
            q->n_group_by = 1;
        }
        q->is_distinct = false;
    }
    if (!orm_query_is_sliced(q))
        orm_query_clear_ordering(q);
    q->related = NULL;
    q->select_all_related = false;
    orm_query_slice(q, 0, 1);
    return true;
}

static bool compile_rows(orm_qs *one, struct orm_statement *out)
{
    orm_db *db = one->db;
    bool locks = one->query->lock.is_on && db->driver->dialect->locks_rows;
    if (locks && db->depth == 0)
        return orm_fail(&db->error, ORM_TRANSACTION, "select_for_update cannot be used outside of a transaction.");
    struct orm_resolver r = orm_resolver_of(db, one->query);
    struct orm_compiler c;
    orm_compiler_init(&c, &r, db->driver->dialect);
    return orm_compile_select(&c, one->query, out);
}

static bool compile_count(orm_qs *one, struct orm_statement *out)
{
    orm_db *db = one->db;
    struct orm_term *t = orm_term_new(&db->arena, ORM_TERM_AGG, ORM_T_INT);
    t->func = &orm_functions[ORM_F_COUNT];
    t->has_aggregate = true;
    struct orm_annotation item = {"__count", t, true, false};
    struct orm_resolver r = orm_resolver_of(db, NULL);
    struct orm_compiler c;
    orm_compiler_init(&c, &r, db->driver->dialect);
    return orm_compile_aggregate(&c, one->query, &item, 1, out);
}

static const struct {
    bool (*derive)(orm_qs *one);
    bool (*compile)(orm_qs *one, struct orm_statement *out);
} endings[ORM_N_ENDINGS] = {
    [ORM_END_ROWS] = {take_rows, compile_rows},    [ORM_END_GET] = {take_few, compile_rows},
    [ORM_END_FIRST] = {take_first, compile_rows},  [ORM_END_LAST] = {take_last, compile_rows},
    [ORM_END_EXISTS] = {take_truth, compile_rows}, [ORM_END_COUNT] = {take_rows, compile_count},
};

bool orm_compile_ending(orm_qs *one, enum orm_ending e, struct orm_statement *out)
{
    return endings[e].derive(one) && endings[e].compile(one, out);
}

bool orm_statement_of(orm_qs *qs, enum orm_ending e, struct orm_statement *out)
{
    if (!orm_is_good(qs) || !orm_ready(qs->db))
        return false;
    if (orm_shape_statement(qs, e, out))
        return true;
    orm_qs *one = orm_qs_clone(qs);
    return one->query && orm_compile_ending(one, e, out);
}
