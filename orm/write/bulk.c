/* Many rows with one statement: bulk_create, bulk_update. */
#include "orm/write/write.h"

orm_status orm_bulk_create_in(orm_db *db, orm_row *const *rows, size_t n_rows, bool ignore_conflicts, size_t batch)
{
    ORM_GUARD(db, ORM_NOMEM);
    if (!orm_ready(db) || n_rows == 0)
        return db->error.status;
    const struct orm_meta *m = rows[0]->state->meta;
    size_t portion = db->driver->dialect->max_params / m->n_columns;
    if (portion > ORM_MAX_INSERT_ROWS)
        portion = ORM_MAX_INSERT_ROWS;
    if (portion > batch)
        portion = batch;
    orm_row **sorted = ORM_NEW_N(&db->arena, orm_row *, n_rows);
    size_t n_keyed = 0, at = 0;
    orm_val key;
    for (int with_key = 1; with_key >= 0; with_key--) {
        for (size_t i = 0; i < n_rows; i++) {
            if (rows[i]->state->meta != m) {
                orm_fail(&db->error, ORM_TYPE_ERROR, "bulk_create() takes rows of one model");
                return db->error.status;
            }
            if (orm_has_key(rows[i], m, &key) == (with_key == 1))
                sorted[at++] = rows[i];
        }
        if (with_key)
            n_keyed = at;
    }
    if (!orm_enter(db))
        return db->error.status;
    for (size_t from = 0; from < n_rows;) {
        size_t end = from < n_keyed ? n_keyed : n_rows, n = end - from < portion ? end - from : portion;
        if (!orm_insert_rows(db, m, sorted + from, n, from < n_keyed, ignore_conflicts))
            break;
        from += n;
    }
    return orm_end(db);
}

orm_status orm_bulk_create(orm_db *db, orm_row *const *rows, size_t n_rows)
{
    return orm_bulk_create_in(db, rows, n_rows, false, SIZE_MAX);
}

orm_status orm_bulk_create_ignoring(orm_db *db, orm_row *const *rows, size_t n_rows)
{
    return orm_bulk_create_in(db, rows, n_rows, true, SIZE_MAX);
}

/* CASE WHEN id = 1 THEN 'a' WHEN id = 2 THEN n + 1 END, as the column's type. */
static struct orm_term *case_of(orm_db *db, const struct orm_attr *f, const orm_val *keys,
                                struct orm_term *const *values, size_t n)
{
    struct orm_arena *a = &db->arena;
    struct orm_term *t = orm_term_new(a, ORM_TERM_CASE, f->type);
    t->args = ORM_NEW_N(a, struct orm_term *, n + 1);
    t->conds = ORM_NEW_N(a, struct orm_cond *, n);
    t->n_conds = n;
    t->n_args = n + 1;
    for (size_t i = 0; i < n; i++) {
        t->conds[i] = orm_in_list(a, 0, f->owner->pk, &keys[i], 1);
        t->args[i] = values[i];
    }
    t->args[n] = orm_term_value(a, (orm_val){.tag = ORM_NULL});
    t->args[n]->type = f->type;
    if (db->driver->dialect != &orm_dialect_postgres || f->type == ORM_T_TEXT)
        return t;
    struct orm_term *cast = orm_term_new(a, ORM_TERM_CAST, f->type);
    cast->args = ORM_NEW(a, struct orm_term *);
    cast->args[0] = t;
    cast->n_args = 1;
    return cast;
}

static int64_t update_portion(orm_db *db, const struct orm_meta *m, orm_row *const *rows, size_t n_rows,
                              const struct orm_attr *const *attrs, size_t n_attrs)
{
    struct orm_arena *a = &db->arena;
    orm_val *keys = ORM_NEW_N(a, orm_val, n_rows);
    struct orm_term **values = ORM_NEW_N(a, struct orm_term *, n_rows * n_attrs);
    orm_qs *qs = orm_qs_on(db, m);
    orm_query_clear_ordering(qs->query);
    struct orm_resolver r = orm_resolver_of(db, qs->query);
    struct orm_scope_rule rule = {.no_joins = true};
    for (size_t i = 0; i < n_rows; i++) {
        orm_val row_vals[64];
        if (rows[i]->state->meta != m || !orm_has_key(rows[i], m, &keys[i])) {
            orm_fail(&db->error, ORM_VALUE_ERROR, "All bulk_update() objects must have a primary key set.");
            return -1;
        }
        if (!orm_read_members(rows[i], m, attrs, n_attrs, false, row_vals))
            return -1;
        for (size_t k = 0; k < n_attrs; k++) { /* orm_set_expr() counts more than the member */
            const struct orm_node *expr = rows[i]->state->exprs ? rows[i]->state->exprs[attrs[k]->index] : NULL;
            struct orm_term **t = &values[k * n_rows + i];
            *t = expr ? orm_resolve_expr(&r, expr, &rule) : orm_term_value(a, row_vals[k]);
            if (!*t)
                return -1;
            if (!expr)
                (*t)->type = attrs[k]->type;
        }
    }
    orm_query_and(qs->query, orm_in_list(a, 0, m->pk, keys, n_rows));
    struct orm_assignment *set = ORM_NEW_N(a, struct orm_assignment, n_attrs);
    for (size_t k = 0; k < n_attrs; k++)
        set[k] = (struct orm_assignment){attrs[k], case_of(db, attrs[k], keys, values + k * n_rows, n_rows)};
    struct orm_compiler c;
    struct orm_statement st;
    orm_compiler_init(&c, &r, db->driver->dialect);
    return orm_compile_update(&c, qs->query, set, n_attrs, &st) ? orm_run_all(db, &st, NULL) : -1;
}

int64_t orm_bulk_update_(orm_db *db, orm_row *const *rows, size_t n_rows, const char *const *names, size_t n_names)
{
    ORM_GUARD(db, -1);
    const struct orm_attr *attrs[64];
    if (!orm_ready(db))
        return -1;
    if (n_names == 0 || n_names > 64) {
        orm_fail(&db->error, ORM_VALUE_ERROR, "Field names must be given to bulk_update().");
        return -1;
    }
    if (n_rows == 0)
        return 0;
    const struct orm_meta *m = rows[0]->state->meta;
    for (size_t i = 0; i < n_names; i++) {
        attrs[i] = orm_attr_named(m, names[i], strlen(names[i]));
        if (!attrs[i]) {
            orm_fail(&db->error, ORM_FIELD_DOES_NOT_EXIST, "%s has no field named '%s'", m->name, names[i]);
            return -1;
        }
        if (!attrs[i]->column || attrs[i] == m->pk) {
            orm_fail(&db->error, ORM_VALUE_ERROR, "bulk_update() %s.",
                     attrs[i] == m->pk ? "cannot be used with primary key fields"
                                       : "can only be used with concrete fields");
            return -1;
        }
    }
    size_t portion = db->driver->dialect->max_params / (2 * n_names + 1);
    if (portion > ORM_MAX_INSERT_ROWS)
        portion = ORM_MAX_INSERT_ROWS;
    int64_t total = 0;
    if (!orm_enter(db))
        return -1;
    for (size_t from = 0; from < n_rows; from += portion) {
        size_t n = n_rows - from < portion ? n_rows - from : portion;
        int64_t changed = update_portion(db, m, rows + from, n, attrs, n_names);
        if (changed < 0)
            break;
        total += changed;
    }
    return orm_end(db) == ORM_OK ? total : -1;
}
