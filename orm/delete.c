/* delete(): on_delete is done here, not by the database. Children first, then the rows themselves. */
#include "orm/session.h"

static int64_t delete_query(orm_db *db, struct orm_query *q);

static int64_t plain_delete(orm_db *db, struct orm_query *q)
{
    struct orm_resolver r = orm_resolver_of(db, q);
    struct orm_compiler c;
    struct orm_statement st;
    orm_compiler_init(&c, &r, db->driver->dialect);
    if (!orm_compile_delete(&c, q, &st))
        return -1;
    return st.is_empty ? 0 : orm_run_all(db, &st, NULL);
}

static bool points_here(const struct orm_attr *rel)
{
    bool reverse = rel->relation == ORM_REL_REVERSE || rel->relation == ORM_REL_REVERSE_ONE;
    return reverse && !(rel->def && rel->def->on_delete == ORM_DO_NOTHING);
}

static orm_on_delete rule_of(const struct orm_attr *rel)
{
    return rel->def && rel->def->on_delete ? rel->def->on_delete : ORM_CASCADE;
}

static int64_t set_null(orm_db *db, struct orm_query *q, const struct orm_attr *fk)
{
    struct orm_assignment set = {fk, orm_term_value(&db->arena, (orm_val){.tag = ORM_NULL})};
    struct orm_resolver r = orm_resolver_of(db, q);
    struct orm_compiler c;
    struct orm_statement st;
    orm_compiler_init(&c, &r, db->driver->dialect);
    return orm_compile_update(&c, q, &set, 1, &st) ? orm_run_all(db, &st, NULL) : -1;
}

/* What points at the rows with these keys. */
static int64_t delete_children(orm_db *db, const struct orm_meta *m, const orm_val *keys, size_t n)
{
    int64_t total = 0;
    for (int pass = 0; pass < 2; pass++) { /* nothing is deleted before it is known that nothing protects it */
        for (size_t i = 0; i < m->n_attrs; i++) {
            const struct orm_attr *rel = m->attrs[i];
            if (!points_here(rel))
                continue;
            orm_on_delete rule = rule_of(rel);
            bool protects = rule == ORM_PROTECT || rule == ORM_RESTRICT;
            if (protects != (pass == 0))
                continue;
            orm_qs *children = orm_qs_on(db, rel->to);
            orm_query_and(children->query, orm_in_list(&db->arena, 0, rel->remote, keys, n));
            int64_t changed;
            if (protects) {
                int any = orm_exists(children);
                if (any > 0)
                    orm_fail(&db->error, ORM_PROTECTED,
                             "Cannot delete some instances of model '%s' because they are referenced through protected "
                             "foreign keys: '%s.%s'.",
                             m->name, rel->to->name, rel->remote->name);
                changed = any == 0 ? 0 : -1;
            } else if (rule == ORM_SET_NULL) {
                changed = set_null(db, children->query, rel->remote) < 0 ? -1 : 0;
            } else {
                changed = delete_query(db, children->query);
            }
            if (changed < 0)
                return -1;
            total += changed;
        }
    }
    return total;
}

static int64_t delete_query(orm_db *db, struct orm_query *q)
{
    const struct orm_meta *m = q->meta;
    bool is_leaf = true;
    for (size_t i = 0; i < m->n_attrs; i++)
        is_leaf = is_leaf && !points_here(m->attrs[i]);
    if (is_leaf)
        return plain_delete(db, q);
    orm_qs *keys_only = orm_qs_new(db, orm_query_clone(&db->arena, q));
    struct orm_query *k = keys_only->query;
    orm_query_clear_ordering(k);
    k->default_columns = false;
    k->is_values = true;
    k->related = NULL;
    k->select_all_related = false;
    for (size_t i = 0; i < k->n_annotations; i++)
        k->annotations[i].is_selected = false;
    k->select = ORM_GROW(k->arena, NULL, 0);
    k->select[0] = (struct orm_select_item){"pk", orm_term_column(k->arena, 0, m->pk)};
    k->n_select = 1;
    struct orm_result *r = orm_evaluate(keys_only);
    if (!r)
        return -1;
    int64_t total = 0;
    enum { PORTION = 900 };
    for (size_t from = 0; from < r->n; from += PORTION) {
        size_t n = r->n - from < PORTION ? r->n - from : PORTION;
        orm_val *keys = ORM_NEW_N(&db->arena, orm_val, n);
        for (size_t i = 0; i < n; i++)
            keys[i] = r->recs[from + i]->vals[0];
        int64_t below = delete_children(db, m, keys, n);
        orm_qs *own = orm_qs_on(db, m);
        orm_query_and(own->query, orm_in_list(&db->arena, 0, m->pk, keys, n));
        int64_t here = below < 0 ? -1 : plain_delete(db, own->query);
        if (here < 0)
            return -1;
        total += below + here;
    }
    return total;
}

int64_t orm_delete(orm_qs *qs)
{
    orm_db *db = qs->db;
    if (!qs->query || !orm_ready(db))
        return -1;
    if (orm_query_is_sliced(qs->query) || qs->query->is_values || qs->query->is_distinct) {
        orm_fail(&db->error, ORM_TYPE_ERROR, "Cannot call delete() after %s.",
                 qs->query->is_values     ? ".values() or .values_list()"
                 : qs->query->is_distinct ? ".distinct()"
                                          : "a slice has been taken");
        return -1;
    }
    if (qs->query->is_empty)
        return 0;
    if (orm_begin(db) != ORM_OK)
        return -1;
    int64_t total = delete_query(db, qs->query);
    return orm_end(db) == ORM_OK ? total : -1;
}

int64_t orm_delete_row(orm_row *row)
{
    orm_val key;
    orm_row_key(row, row->state->meta, &key);
    if (!row->state->is_saved) {
        orm_fail(&row->db->error, ORM_VALUE_ERROR, "%s object can't be deleted because it was never saved.",
                 row->model->name);
        return -1;
    }
    orm_qs *qs = orm_qs_on(row->db, row->state->meta);
    orm_query_and(qs->query, orm_in_list(&row->db->arena, 0, row->state->meta->pk, &key, 1));
    int64_t total = orm_delete(qs);
    if (total >= 0)
        row->state->is_saved = false;
    return total;
}
