/* Reverse managers that write: add, remove, clear, set. A many-to-many relation changes rows of the table in between, a
 * reverse foreign key changes the key of the other rows. */
#include "orm/write/write.h"

static const struct orm_attr *relation_of(orm_row *row, const char *accessor)
{
    orm_db *db = row->db;
    if (!orm_ready(db))
        return NULL;
    const struct orm_attr *rel = orm_attr_accessor(row->state->meta, accessor);
    if (!rel || (rel->relation != ORM_REL_M2M && rel->relation != ORM_REL_REVERSE)) {
        orm_fail(&db->error, ORM_FIELD_ERROR, "'%s' object has no many-valued relation '%s'", row->model->name,
                 accessor);
        return NULL;
    }
    if (!row->state->is_saved) {
        orm_fail(&db->error, ORM_VALUE_ERROR,
                 "\"%s object\" needs to have a value for field \"%s\" before this relationship can be used.",
                 row->model->name, row->state->meta->pk->name);
        return NULL;
    }
    return rel;
}

static bool check_others(orm_row *row, const struct orm_attr *rel, orm_row *const *others, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (others[i]->model != rel->to->model)
            return orm_fail(&row->db->error, ORM_TYPE_ERROR, "'%s' instance expected, got a %s", rel->to->name,
                            others[i]->model->name);
        if (!others[i]->state->is_saved)
            return orm_fail(&row->db->error, ORM_VALUE_ERROR, "%s.%s takes saved %s objects", row->model->name,
                            rel->accessor, rel->to->name);
    }
    return true;
}

static void forget(orm_row *row, const struct orm_attr *rel)
{
    struct orm_cached *cached = orm_cached_of(row, rel->accessor);
    if (cached) /* what was prefetched is out of date */
        cached->many = NULL;
}

static orm_val *keys_of(orm_db *db, orm_row *const *rows, size_t n)
{
    orm_val *keys = ORM_NEW_N(&db->arena, orm_val, n);
    for (size_t i = 0; i < n; i++)
        orm_row_key(rows[i], rows[i]->state->meta, &keys[i]);
    return keys;
}

static bool holds(const orm_val *keys, size_t n, const orm_val *key)
{
    for (size_t i = 0; i < n; i++)
        if (orm_same_val(&keys[i], key))
            return true;
    return false;
}

/* ---- the table in between ------------------------------------------------------------------------------------------------ */

/* Its rows that belong to row; with keys, only those that lead to them. swapped: seen from the other end. */
static orm_qs *links_of(orm_row *row, const struct orm_attr *rel, const orm_val *keys, size_t n, bool swapped)
{
    orm_db *db = row->db;
    const struct orm_attr *near = swapped ? rel->far_fk : rel->near_fk, *far = swapped ? rel->near_fk : rel->far_fk;
    orm_val own;
    orm_row_key(row, row->state->meta, &own);
    orm_qs *qs = orm_qs_on(db, near->owner);
    orm_query_and(qs->query, orm_in_list(&db->arena, 0, near, &own, 1));
    if (keys)
        orm_query_and(qs->query, orm_in_list(&db->arena, 0, far, keys, n));
    return qs;
}

/* Keys of the other model that row is linked with. */
static bool linked_keys(orm_row *row, const struct orm_attr *rel, orm_val **keys, size_t *n)
{
    orm_db *db = row->db;
    orm_qs *qs = links_of(row, rel, NULL, 0, false);
    struct orm_query *q = qs->query;
    q->default_columns = false;
    q->is_values = true;
    q->select = ORM_NEW_N(q->arena, struct orm_select_item, 1);
    q->select[0] = (struct orm_select_item){"key", orm_term_column(q->arena, 0, rel->far_fk)};
    q->n_select = 1;
    orm_query_clear_ordering(q);
    struct orm_result *r = orm_evaluate(qs);
    if (!r)
        return false;
    *keys = ORM_NEW_N(&db->arena, orm_val, r->n);
    *n = r->n;
    for (size_t i = 0; i < r->n; i++)
        (*keys)[i] = r->recs[i]->vals[0];
    return true;
}

/* Rows of a through model of the program's own: its other columns have their defaults, or what through_defaults says. */
static bool insert_link_rows(orm_row *row, const orm_val *keys, size_t n_keys, const struct orm_attr *near,
                             const struct orm_attr *far, const struct orm_node *defaults)
{
    orm_db *db = row->db;
    const struct orm_meta *m = near->owner;
    orm_row **rows = ORM_NEW_N(&db->arena, orm_row *, n_keys);
    orm_val own;
    orm_row_key(row, row->state->meta, &own);
    for (size_t i = 0; i < n_keys; i++) {
        rows[i] = orm_new_(db, m->model);
        if (!rows[i])
            return false;
        orm_member_set(rows[i], near, &own);
        orm_member_set(rows[i], far, &keys[i]);
        for (size_t k = 0; defaults && k < defaults->n_args; k++) {
            const struct orm_arg *a = &defaults->args[k];
            if (!a->name)
                return orm_fail_at(&db->error, ORM_TYPE_ERROR, a->node->text, a->pos,
                                   "through_defaults are field=value");
            if (!orm_set_from_node(rows[i], a->name, a->node))
                return false;
        }
    }
    for (size_t from = 0; from < n_keys; from += ORM_MAX_INSERT_ROWS) {
        size_t n = n_keys - from < ORM_MAX_INSERT_ROWS ? n_keys - from : ORM_MAX_INSERT_ROWS;
        if (!orm_insert_rows(db, m, rows + from, n, false, false))
            return false;
    }
    return true;
}

static bool insert_links(orm_row *row, const struct orm_attr *rel, const orm_val *keys, size_t n_keys, bool swapped,
                         const struct orm_node *defaults)
{
    orm_db *db = row->db;
    const struct orm_attr *attrs[] = {swapped ? rel->far_fk : rel->near_fk, swapped ? rel->near_fk : rel->far_fk};
    if (!rel->near_fk->owner->is_through)
        return insert_link_rows(row, keys, n_keys, attrs[0], attrs[1], defaults);
    if (defaults && defaults->n_args)
        return orm_fail_at(&db->error, ORM_FIELD_ERROR, defaults->text, 0,
                           "the table between has no fields but its keys");
    orm_val *vals = ORM_NEW_N(&db->arena, orm_val, 2 * n_keys);
    for (size_t i = 0; i < n_keys; i++) {
        orm_row_key(row, row->state->meta, &vals[2 * i]);
        vals[2 * i + 1] = keys[i];
    }
    struct orm_resolver r = orm_resolver_of(db, NULL);
    for (size_t from = 0; from < n_keys; from += ORM_MAX_INSERT_ROWS) {
        size_t n = n_keys - from < ORM_MAX_INSERT_ROWS ? n_keys - from : ORM_MAX_INSERT_ROWS;
        struct orm_compiler c;
        struct orm_statement st;
        orm_compiler_init(&c, &r, db->driver->dialect); /* our own tables are unique in both columns */
        if (!orm_compile_insert(&c, attrs[0]->owner, attrs, 2, vals + 2 * from, n, true, false, &st) ||
            orm_run_all(db, &st, NULL) < 0)
            return false;
    }
    return true;
}

/* A through model of the program's own may have columns without defaults and no unique key: its rows are looked for first. */
static bool only_new(orm_row *row, const struct orm_attr *rel, orm_val *keys, size_t *n)
{
    orm_val *old;
    size_t n_old, n_new = 0;
    if (rel->near_fk->owner->is_through)
        return true;
    if (!linked_keys(row, rel, &old, &n_old))
        return false;
    for (size_t i = 0; i < *n; i++)
        if (!holds(old, n_old, &keys[i]) && !holds(keys, n_new, &keys[i]))
            keys[n_new++] = keys[i];
    *n = n_new;
    return true;
}

bool orm_add_through(orm_row *row, const struct orm_attr *rel, orm_row *const *others, size_t n,
                     const struct orm_node *defaults)
{
    orm_val *keys = keys_of(row->db, others, n);
    if (!only_new(row, rel, keys, &n))
        return false;
    forget(row, rel);
    return insert_links(row, rel, keys, n, false, defaults) &&
           (!rel->is_symmetrical || insert_links(row, rel, keys, n, true, defaults));
}

static bool remove_through(orm_row *row, const struct orm_attr *rel, const orm_val *keys, size_t n)
{
    forget(row, rel);
    if (orm_delete(links_of(row, rel, keys, n, false)) < 0)
        return false;
    return !rel->is_symmetrical || orm_delete(links_of(row, rel, keys, n, true)) >= 0;
}

/* ---- the key of the other rows --------------------------------------------------------------------------------------------- */

/* UPDATE of the rows with these keys (NULL: all that belong to row): they point at row, or at nothing. */
static bool point(orm_row *row, const struct orm_attr *rel, const orm_val *keys, size_t n, bool at_row)
{
    orm_db *db = row->db;
    const struct orm_attr *fk = rel->remote;
    orm_val own, none = {.tag = ORM_NULL};
    orm_target_key(row, fk, &own);
    forget(row, rel);
    if (!at_row && !fk->null)
        return orm_fail(&db->error, ORM_ATTRIBUTE,
                        "'RelatedManager' object has no attribute '%s': %s.%s cannot be NULL",
                        keys ? "remove" : "clear", fk->owner->name, fk->name);
    orm_qs *qs = orm_qs_on(db, fk->owner);
    if (keys)
        orm_query_and(qs->query, orm_in_list(&db->arena, 0, fk->owner->pk, keys, n));
    if (!at_row)
        orm_query_and(qs->query, orm_in_list(&db->arena, 0, fk, &own, 1));
    struct orm_assignment set = {fk, orm_term_value(&db->arena, at_row ? own : none)};
    set.term->type = fk->type;
    struct orm_resolver r = orm_resolver_of(db, qs->query);
    struct orm_compiler c;
    struct orm_statement st;
    orm_compiler_init(&c, &r, db->driver->dialect);
    return orm_compile_update(&c, qs->query, &set, 1, &st) && (st.is_empty || orm_run_all(db, &st, NULL) >= 0);
}

/* Django refuses to take away what is not there. */
static bool check_children(orm_row *row, const struct orm_attr *rel, orm_row *const *others, size_t n)
{
    orm_val own, key;
    orm_target_key(row, rel->remote, &own);
    for (size_t i = 0; i < n; i++) {
        orm_member_get(others[i], rel->remote, &key);
        if (!orm_same_val(&own, &key))
            return orm_fail(&row->db->error, ORM_DOES_NOT_EXIST, "%s object is not related to %s object.",
                            rel->to->name, row->model->name);
    }
    return true;
}

static void point_members(orm_row *row, const struct orm_attr *rel, orm_row *const *others, size_t n, bool at_row)
{
    orm_val key = {.tag = ORM_NULL};
    if (at_row)
        orm_target_key(row, rel->remote, &key);
    for (size_t i = 0; i < n; i++) {
        orm_member_set(others[i], rel->remote, &key);
        orm_fk_set_object(others[i], rel->remote, at_row ? row : NULL);
    }
}

/* ---- the calls ------------------------------------------------------------------------------------------------------------- */

static void no_table_between(const orm_row *row, const struct orm_attr *rel)
{
    orm_fail(&row->db->error, ORM_TYPE_ERROR, "%s.%s has no table between: no through_defaults", row->model->name,
             rel->accessor);
}

orm_status orm_add_args(orm_row *row, const char *accessor, orm_row *const *others, size_t n,
                        const struct orm_node *defaults)
{
    ORM_GUARD(row->db, ORM_NOMEM);
    const struct orm_attr *rel = relation_of(row, accessor);
    orm_db *db = row->db;
    if (!rel || n == 0 || !check_others(row, rel, others, n) || !orm_enter(db))
        return db->error.status;
    if (rel->relation == ORM_REL_M2M)
        orm_add_through(row, rel, others, n, defaults);
    else if (defaults)
        no_table_between(row, rel);
    else if (point(row, rel, keys_of(db, others, n), n, true))
        point_members(row, rel, others, n, true);
    return orm_end(db);
}

orm_status orm_add(orm_row *row, const char *accessor, orm_row *const *others, size_t n)
{
    return orm_add_args(row, accessor, others, n, NULL);
}

/* through_defaults: read first, then handed to the call that uses them. */
static orm_status
with_defaults(orm_status (*call)(orm_row *, const char *, orm_row *const *, size_t, const struct orm_node *),
              orm_row *row, const char *accessor, orm_row *const *others, size_t n, const char *text, const orm_val *v)
{
    ORM_GUARD(row->db, ORM_NOMEM);
    if (!row->db)
        return ORM_VALUE_ERROR;
    const struct orm_node *defaults = orm_q_(row->db, text, v)->args;
    return defaults ? call(row, accessor, others, n, defaults) : row->db->error.status;
}

orm_status orm_add_with_(orm_row *row, const char *accessor, orm_row *const *others, size_t n, const char *text,
                         const orm_val *v)
{
    return with_defaults(orm_add_args, row, accessor, others, n, text, v);
}

orm_status orm_remove(orm_row *row, const char *accessor, orm_row *const *others, size_t n)
{
    ORM_GUARD(row->db, ORM_NOMEM);
    const struct orm_attr *rel = relation_of(row, accessor);
    orm_db *db = row->db;
    if (!rel || n == 0 || !check_others(row, rel, others, n))
        return db->error.status;
    if (rel->relation == ORM_REL_REVERSE && !check_children(row, rel, others, n))
        return db->error.status;
    if (!orm_enter(db))
        return db->error.status;
    orm_val *keys = keys_of(db, others, n);
    if (rel->relation == ORM_REL_M2M)
        remove_through(row, rel, keys, n);
    else if (point(row, rel, keys, n, false))
        point_members(row, rel, others, n, false);
    return orm_end(db);
}

orm_status orm_clear_related(orm_row *row, const char *accessor)
{
    ORM_GUARD(row->db, ORM_NOMEM);
    const struct orm_attr *rel = relation_of(row, accessor);
    orm_db *db = row->db;
    if (!rel || !orm_enter(db))
        return db->error.status;
    if (rel->relation == ORM_REL_M2M)
        remove_through(row, rel, NULL, 0);
    else
        point(row, rel, NULL, 0, false);
    return orm_end(db);
}

static bool set_through(orm_row *row, const struct orm_attr *rel, orm_row *const *others, size_t n,
                        const struct orm_node *defaults)
{
    orm_val *old, *gone, *keys = keys_of(row->db, others, n);
    size_t n_old, n_gone = 0;
    if (!linked_keys(row, rel, &old, &n_old))
        return false;
    gone = ORM_NEW_N(&row->db->arena, orm_val, n_old);
    for (size_t i = 0; i < n_old; i++)
        if (!holds(keys, n, &old[i]))
            gone[n_gone++] = old[i];
    orm_row **fresh = ORM_NEW_N(&row->db->arena, orm_row *, n);
    size_t n_fresh = 0;
    for (size_t i = 0; i < n; i++)
        if (!holds(old, n_old, &keys[i]))
            fresh[n_fresh++] = others[i];
    return (n_gone == 0 || remove_through(row, rel, gone, n_gone)) &&
           (n_fresh == 0 || orm_add_through(row, rel, fresh, n_fresh, defaults));
}

/* Rows that leave lose their key where it may be NULL; where it may not, they stay, as in Django. */
static bool set_children(orm_row *row, const struct orm_attr *rel, orm_row *const *others, size_t n)
{
    orm_val *keys = keys_of(row->db, others, n), *gone, *old;
    size_t n_gone = 0, n_fresh = 0;
    struct orm_result *r = rel->remote->null ? orm_evaluate(orm_related_qs(row, rel)) : NULL;
    if (rel->remote->null && !r)
        return false;
    gone = ORM_NEW_N(&row->db->arena, orm_val, r ? r->n : 0);
    old = ORM_NEW_N(&row->db->arena, orm_val, r ? r->n : 0);
    for (size_t i = 0; r && i < r->n; i++) {
        orm_row_key(r->rows[i], rel->to, &old[i]);
        if (!holds(keys, n, &old[i]))
            gone[n_gone++] = old[i];
    }
    for (size_t i = 0; i < n; i++)
        if (!r || !holds(old, r->n, &keys[i]))
            keys[n_fresh++] = keys[i];
    if ((n_gone && !point(row, rel, gone, n_gone, false)) || (n_fresh && !point(row, rel, keys, n_fresh, true)))
        return false;
    point_members(row, rel, others, n, true);
    return true;
}

orm_status orm_set_related_args(orm_row *row, const char *accessor, orm_row *const *others, size_t n,
                                const struct orm_node *defaults)
{
    ORM_GUARD(row->db, ORM_NOMEM);
    const struct orm_attr *rel = relation_of(row, accessor);
    orm_db *db = row->db;
    if (!rel || !check_others(row, rel, others, n) || !orm_enter(db))
        return db->error.status;
    forget(row, rel);
    if (rel->relation == ORM_REL_M2M)
        set_through(row, rel, others, n, defaults);
    else if (defaults)
        no_table_between(row, rel);
    else
        set_children(row, rel, others, n);
    return orm_end(db);
}

orm_status orm_set_related(orm_row *row, const char *accessor, orm_row *const *others, size_t n)
{
    return orm_set_related_args(row, accessor, others, n, NULL);
}

orm_status orm_set_related_with_(orm_row *row, const char *accessor, orm_row *const *others, size_t n, const char *text,
                                 const orm_val *v)
{
    return with_defaults(orm_set_related_args, row, accessor, others, n, text, v);
}
