/* One row into the database: new, save, insert, refresh. */
#include "orm/write/write.h"
#include "orm/resolve/resolve.h"
#include "orm/value/json.h"

void *orm_new_(orm_db *db, const orm_model *m)
{
    ORM_GUARD(db, NULL);
    if (!orm_ready(db))
        return NULL;
    struct orm_meta *meta = orm_meta_of(&db->registry, m);
    if (!meta) {
        orm_fail(&db->error, ORM_FIELD_ERROR, "%s is no model of this scope", m->name);
        return NULL;
    }
    orm_row *row = orm_row_new(&db->arena, db, meta);
    for (size_t i = 0; i < meta->n_columns; i++) {
        const orm_default *d = &meta->columns[i]->def->def;
        orm_val v = {.tag = ORM_NULL};
        if (d->tag == ORM_INT)
            v = orm_v_int(d->i);
        else if (d->tag == ORM_BOOL)
            v = orm_v_bool(d->i != 0);
        else if (d->tag == ORM_DBL)
            v = orm_v_dbl(d->d);
        else if (d->tag == ORM_TEXT)
            v = orm_v_text(d->s);
        else if (meta->columns[i]->type == ORM_T_TEXT && !meta->columns[i]->null &&
                 meta->columns[i]->relation == ORM_REL_NONE)
            v = orm_v_text("");
        else
            continue;
        orm_member_set(row, meta->columns[i], &v);
    }
    return row;
}

bool orm_has_key(const orm_row *row, const struct orm_meta *m, orm_val *key)
{
    orm_row_key(row, m, key);
    return key->tag != ORM_NULL && !(m->pk->is_auto && key->u.i == 0);
}

bool orm_read_members(orm_row *row, const struct orm_meta *m, const struct orm_attr *const *attrs, size_t n,
                      bool is_insert, orm_val *out)
{
    for (size_t i = 0; i < n; i++) {
        const struct orm_attr *f = attrs[i];
        orm_row *obj = f->relation == ORM_REL_FK ? orm_fk_object(row, f) : NULL;
        if (obj) {
            orm_val key;
            bool has_key = orm_has_key(obj, f->to, &key);
            orm_target_key(obj, f, &key);
            if (!has_key || key.tag == ORM_NULL)
                return orm_fail(&row->db->error, ORM_VALUE_ERROR,
                                "save() prohibited to prevent data loss due to unsaved related object '%s'.", f->name);
            orm_member_set(row, f, &key);
            orm_fk_set_object(row, f, obj);
        }
        bool stamp = f->def->auto_now || (f->def->auto_now_add && is_insert);
        if (stamp && f->type == ORM_T_DATETIME) {
            orm_val now = orm_v_dt(orm_now());
            orm_member_set(row, f, &now);
        } else if (stamp && f->type == ORM_T_DATE) {
            orm_val now = orm_v_dt(orm_now()), today;
            if (orm_convert(&row->db->arena, now, ORM_T_DATE, &today))
                orm_member_set(row, f, &today);
        }
        orm_member_get(row, f, &out[i]);
        if (out[i].tag == ORM_DEC && f->def->kind == ORM_DecimalField && f->def->decimal_places >= 0 &&
            !orm_quantize(out[i].u.dec, f->def->decimal_places, &out[i].u.dec))
            return orm_fail(&row->db->error, ORM_VALUE_ERROR, "%s.%s: the decimal does not fit", m->name, f->name);
        if (out[i].tag == ORM_DBL && out[i].u.d != out[i].u.d)
            return orm_fail(&row->db->error, ORM_VALUE_ERROR, "%s.%s is not a number", m->name, f->name);
    }
    return true;
}

static size_t columns_but_key(orm_db *db, const struct orm_meta *m, bool with_key, const struct orm_attr ***out)
{
    size_t n = 0;
    *out = ORM_NEW_N(&db->arena, const struct orm_attr *, m->n_columns);
    for (size_t i = 0; i < m->n_columns; i++)
        if (with_key || m->columns[i] != m->pk)
            (*out)[n++] = m->columns[i];
    return n;
}

bool orm_insert_rows(orm_db *db, const struct orm_meta *m, orm_row *const *rows, size_t n_rows, bool with_key,
                     bool ignore_conflicts)
{
    const struct orm_attr **attrs;
    size_t n = columns_but_key(db, m, with_key, &attrs);
    orm_val *vals = ORM_NEW_N(&db->arena, orm_val, n * n_rows);
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t k = 0; rows[i]->state->exprs && k < m->n_columns; k++)
            if (rows[i]->state->exprs[k])
                return orm_fail(&db->error, ORM_VALUE_ERROR,
                                "Failed to insert expression on %s.%s. F() expressions can only be used to update, not "
                                "to insert.",
                                m->name, m->columns[k]->name);
        if (!orm_read_members(rows[i], m, attrs, n, true, vals + i * n))
            return false;
    }
    struct orm_resolver r = orm_resolver_of(db, NULL);
    struct orm_compiler c;
    struct orm_statement st;
    orm_compiler_init(&c, &r, db->driver->dialect);
    if (!orm_compile_insert(&c, m, attrs, n, vals, n_rows, ignore_conflicts, !with_key && !ignore_conflicts, &st))
        return false;
    struct orm_cursor cur;
    if (!orm_run(db, &st, false, &cur))
        return false;
    int code;
    size_t got = 0;
    while ((code = db->driver->next(&cur, &db->error)) > 0) { /* RETURNING */
        orm_val key;
        db->driver->cell(&cur, 0, m->pk->type, &db->arena, &key);
        if (got < n_rows)
            orm_member_set(rows[got++], m->pk, &key);
    }
    orm_finish(db, &cur);
    if (code < 0) {
        db->is_broken = db->depth > 0;
        orm_name_missing_parent(db, rows, n_rows);
        return false;
    }
    for (size_t i = 0; i < n_rows && !ignore_conflicts; i++) {
        if (!with_key && m->pk->is_auto && !db->driver->dialect->returns_rows) {
            /* SQLite numbers the rows of one INSERT in sequence, and last_insert_rowid() is the last of them */
            orm_val key = orm_v_int(cur.last_id - (int64_t)(n_rows - 1 - i));
            orm_member_set(rows[i], m->pk, &key);
        }
        rows[i]->state->is_saved = true;
    }
    return true;
}

orm_status orm_insert(orm_row *row)
{
    ORM_GUARD(row->db, ORM_NOMEM);
    const struct orm_meta *m = row->state->meta;
    orm_val key;
    orm_insert_rows(row->db, m, &row, 1, orm_has_key(row, m, &key), false);
    return row->db->error.status;
}

/* 1 updated, 0 no such row, -1 an error. */
static int update_row(orm_row *row, const struct orm_meta *m, const struct orm_attr *const *attrs, size_t n)
{
    orm_db *db = row->db;
    orm_val *vals = ORM_NEW_N(&db->arena, orm_val, n + 1);
    if (!orm_read_members(row, m, attrs, n, false, vals))
        return -1;
    orm_qs *qs = orm_only_this(row);
    if (n == 0)
        return orm_exists(qs);
    struct orm_assignment *set = ORM_NEW_N(&db->arena, struct orm_assignment, n);
    struct orm_resolver r = orm_resolver_of(db, qs->query);
    for (size_t i = 0; i < n; i++) {
        const struct orm_node *expr = row->state->exprs ? row->state->exprs[attrs[i]->index] : NULL;
        struct orm_scope_rule rule = {.no_joins = true};
        set[i].attr = attrs[i];
        if (expr) {
            set[i].term = orm_resolve_expr(&r, expr, &rule);
            if (!set[i].term)
                return -1;
            continue;
        }
        set[i].term = orm_term_value(&db->arena, vals[i]);
        set[i].term->type = attrs[i]->type;
    }
    struct orm_compiler c;
    struct orm_statement st;
    orm_compiler_init(&c, &r, db->driver->dialect);
    if (!orm_compile_update(&c, qs->query, set, n, &st))
        return -1;
    int64_t changed = orm_run_all(db, &st, NULL);
    if (changed < 0)
        orm_name_missing_parent(db, &row, 1);
    return changed < 0 ? -1 : changed > 0;
}

orm_status orm_save(orm_row *row)
{
    ORM_GUARD(row->db, ORM_NOMEM);
    const struct orm_meta *m = row->state->meta;
    orm_val key;
    if (!orm_has_key(row, m, &key))
        return orm_insert(row);
    const struct orm_attr **attrs;
    size_t n = columns_but_key(row->db, m, false, &attrs);
    for (size_t i = 0, n_all = n; row->state->deferred && i < n_all; i++) { /* what was not loaded is not written */
        if (i == 0)
            n = 0;
        if (!row->state->deferred[attrs[i]->index])
            attrs[n++] = attrs[i];
    }
    int updated = update_row(row, m, attrs, n);
    if (updated == 0)
        return orm_insert(row);
    if (updated > 0)
        row->state->is_saved = true;
    return row->db->error.status;
}

orm_status orm_save_fields_(orm_row *row, const char *const *names, size_t n_names)
{
    ORM_GUARD(row->db, ORM_NOMEM);
    const struct orm_meta *m = row->state->meta;
    orm_db *db = row->db;
    const struct orm_attr **attrs = ORM_NEW_N(&db->arena, const struct orm_attr *, n_names);
    for (size_t i = 0; i < n_names; i++) {
        attrs[i] = orm_attr_named(m, names[i], strlen(names[i]));
        if (!attrs[i] || !attrs[i]->column || attrs[i] == m->pk) {
            orm_fail(&db->error, ORM_VALUE_ERROR,
                     "The following fields do not exist in this model, are m2m fields, or are non-concrete fields: %s",
                     names[i]);
            return db->error.status;
        }
    }
    if (n_names && update_row(row, m, attrs, n_names) == 0)
        orm_fail(&db->error, ORM_DATABASE, "Save with update_fields did not affect any rows.");
    return db->error.status;
}

orm_status orm_set_expr_(orm_row *row, const char *text, const orm_val *v)
{
    ORM_GUARD(row->db, ORM_NOMEM);
    const struct orm_meta *m = row->state->meta;
    orm_db *db = row->db;
    const struct orm_node *args = orm_q_(db, text, v)->args;
    for (size_t i = 0; args && i < args->n_args; i++) {
        const char *name = args->args[i].name;
        const struct orm_attr *f = name ? orm_attr_named(m, name, strlen(name)) : NULL;
        if (!f || !f->column) {
            orm_fail_at(&db->error, ORM_FIELD_ERROR, args->text, args->args[i].pos, "%s has no such field", m->name);
            break;
        }
        if (!row->state->exprs)
            row->state->exprs = ORM_NEW_N(&db->arena, const struct orm_node *, m->n_columns);
        row->state->exprs[f->index] = args->args[i].node;
    }
    return db->error.status;
}

orm_status orm_set(orm_row *row, const char *field, orm_val v)
{
    ORM_GUARD(row->db, ORM_NOMEM);
    const struct orm_meta *m = row->state->meta;
    orm_db *db = row->db;
    const struct orm_attr *f = orm_attr_named(m, field, strlen(field));
    orm_val fitted;
    struct orm_buf document = {.arena = &db->arena};
    if (f && f->type == ORM_T_JSON && v.tag != ORM_NULL && orm_json_of_val(&document, &v))
        v = orm_json(document.p); /* a plain text is a JSON string */
    if (!f || !f->column) {
        orm_fail(&db->error, ORM_TYPE_ERROR, "%s() got an unexpected keyword argument '%s'", m->name, field);
    } else if (v.tag == ORM_ROW) {
        return orm_set_one(row, field, (orm_row *)(uintptr_t)v.u.row);
    } else if (f->relation == ORM_REL_FK && v.tag != ORM_NULL && strcmp(field, f->name) == 0 &&
               strcmp(field, "pk") != 0) {
        orm_fail(&db->error, ORM_VALUE_ERROR, "Cannot assign the value: \"%s.%s\" must be a \"%s\" instance.", m->name,
                 field, f->to->name);
    } else if (!orm_convert(&db->arena, orm_copy_val(&db->arena, v), f->type, &fitted)) {
        struct orm_buf b = {.arena = &db->arena};
        orm_print_val(&b, &v);
        bool is_number = f->type == ORM_T_INT || f->type == ORM_T_FLOAT;
        orm_fail(&db->error, ORM_VALUE_ERROR, "Field '%s' expected a %s but got %s.", f->name,
                 is_number ? "number" : orm_type_name(f->type), b.p);
    } else {
        orm_member_set(row, f, &fitted);
        if (row->state->exprs)
            row->state->exprs[f->index] = NULL;
    }
    return db->error.status;
}

orm_status orm_refresh(orm_row *row)
{
    ORM_GUARD(row->db, ORM_NOMEM);
    const struct orm_meta *m = row->state->meta;
    struct orm_result *r = orm_get_result(orm_only_this(row));
    for (size_t i = 0; r && i < m->n_columns; i++) {
        orm_val v;
        orm_member_get(r->rows[0], m->columns[i], &v);
        orm_member_set(row, m->columns[i], &v);
    }
    if (r) {
        row->state->cached = NULL;
        row->state->deferred = NULL;
        row->state->exprs = NULL;
    }
    return row->db->error.status;
}

bool orm_set_from_node(orm_row *row, const char *name, const struct orm_node *value)
{
    struct orm_buf document = {.arena = &row->db->arena};
    bool is_document = value->kind == ORM_N_LIST || value->kind == ORM_N_DICT;
    if (is_document && orm_json_of_node(&document, value))
        return orm_set(row, name, orm_json(document.p)) == ORM_OK;
    if (value->kind != ORM_N_CONST)
        return orm_fail_at(&row->db->error, ORM_VALUE_ERROR, value->text, value->pos,
                           "a new row takes values; F() expressions can only be used to update, not to insert.");
    return orm_set(row, name, value->value) == ORM_OK;
}
