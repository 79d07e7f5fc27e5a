/* Rows into the database: new, save, insert, bulk_create, add. */
#include "orm/session.h"

void *orm_new_(orm_db *db, const orm_model *m)
{
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

static bool has_key(const orm_row *row, const struct orm_meta *m, orm_val *key)
{
    orm_row_key(row, m, key);
    return key->tag != ORM_NULL && !(m->pk->is_auto && key->u.i == 0);
}

/* Members into values; foreign keys take the key of the object that was assigned, moments of auto_now are set. */
static bool read_members(orm_row *row, const struct orm_meta *m, const struct orm_attr *const *attrs, size_t n,
                         bool is_insert, orm_val *out)
{
    for (size_t i = 0; i < n; i++) {
        const struct orm_attr *f = attrs[i];
        orm_row *obj = f->relation == ORM_REL_FK ? orm_fk_object(row, f) : NULL;
        if (obj) {
            orm_val key;
            if (!has_key(obj, f->to, &key))
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
        if (out[i].tag == ORM_DEC && f->def->kind == ORM_DecimalField &&
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

/* One statement for rows of one model, all with or all without their keys. */
static bool insert_rows(orm_db *db, const struct orm_meta *m, orm_row *const *rows, size_t n_rows, bool with_key)
{
    const struct orm_attr **attrs;
    size_t n = columns_but_key(db, m, with_key, &attrs);
    orm_val *vals = ORM_NEW_N(&db->arena, orm_val, n * n_rows);
    for (size_t i = 0; i < n_rows; i++)
        if (!read_members(rows[i], m, attrs, n, true, vals + i * n))
            return false;
    struct orm_resolver r = orm_resolver_of(db, NULL);
    struct orm_compiler c;
    struct orm_statement st;
    orm_compiler_init(&c, &r, db->driver->dialect);
    if (!orm_compile_insert(&c, m, attrs, n, vals, n_rows, false, !with_key, &st))
        return false;
    struct orm_cursor cur;
    if (!orm_run(db, &st, false, &cur))
        return false;
    int code;
    size_t got = 0;
    while ((code = db->driver->next(&cur, &db->error)) > 0) {
        orm_val key;
        db->driver->cell(&cur, 0, m->pk->type, &db->arena, &key);
        if (got < n_rows)
            orm_member_set(rows[got++], m->pk, &key);
    }
    db->driver->finish(&cur);
    if (code < 0) {
        db->is_broken = db->depth > 0;
        return false;
    }
    for (size_t i = 0; i < n_rows; i++) {
        if (!with_key && !db->driver->dialect->returns_rows) {
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
    const struct orm_meta *m = row->state->meta;
    orm_val key;
    insert_rows(row->db, m, &row, 1, has_key(row, m, &key));
    return row->db->error.status;
}

/* 1 updated, 0 no such row, -1 an error. */
static int update_row(orm_row *row, const struct orm_meta *m, const orm_val *key)
{
    orm_db *db = row->db;
    const struct orm_attr **attrs;
    size_t n = columns_but_key(db, m, false, &attrs);
    orm_val *vals = ORM_NEW_N(&db->arena, orm_val, n + 1);
    if (!read_members(row, m, attrs, n, false, vals))
        return -1;
    orm_qs *qs = orm_qs_on(db, m);
    orm_query_and(qs->query, orm_in_list(&db->arena, 0, m->pk, key, 1));
    if (n == 0)
        return orm_exists(qs);
    struct orm_assignment *set = ORM_NEW_N(&db->arena, struct orm_assignment, n);
    for (size_t i = 0; i < n; i++) {
        set[i] = (struct orm_assignment){attrs[i], orm_term_value(&db->arena, vals[i])};
        set[i].term->type = attrs[i]->type;
    }
    struct orm_resolver r = orm_resolver_of(db, qs->query);
    struct orm_compiler c;
    struct orm_statement st;
    orm_compiler_init(&c, &r, db->driver->dialect);
    if (!orm_compile_update(&c, qs->query, set, n, &st))
        return -1;
    int64_t changed = orm_run_all(db, &st, NULL);
    return changed < 0 ? -1 : changed > 0;
}

orm_status orm_save(orm_row *row)
{
    const struct orm_meta *m = row->state->meta;
    orm_val key;
    if (!has_key(row, m, &key))
        return orm_insert(row);
    int updated = update_row(row, m, &key);
    if (updated == 0)
        return orm_insert(row);
    if (updated > 0)
        row->state->is_saved = true;
    return row->db->error.status;
}

enum { MAX_ROWS = 500 };

orm_status orm_bulk_create(orm_db *db, orm_row *const *rows, size_t n_rows)
{
    if (!orm_ready(db) || n_rows == 0)
        return db->error.status;
    const struct orm_meta *m = rows[0]->state->meta;
    size_t portion = db->driver->dialect->max_params / m->n_columns;
    if (portion > MAX_ROWS)
        portion = MAX_ROWS;
    orm_row **sorted = ORM_NEW_N(&db->arena, orm_row *, n_rows);
    size_t n_keyed = 0, at = 0;
    orm_val key;
    for (int with_key = 1; with_key >= 0; with_key--) {
        for (size_t i = 0; i < n_rows; i++) {
            if (rows[i]->state->meta != m) {
                orm_fail(&db->error, ORM_TYPE_ERROR, "bulk_create() takes rows of one model");
                return db->error.status;
            }
            if (has_key(rows[i], m, &key) == (with_key == 1))
                sorted[at++] = rows[i];
        }
        if (with_key)
            n_keyed = at;
    }
    if (orm_begin(db) != ORM_OK)
        return db->error.status;
    for (size_t from = 0; from < n_rows;) {
        size_t end = from < n_keyed ? n_keyed : n_rows, n = end - from < portion ? end - from : portion;
        if (!insert_rows(db, m, sorted + from, n, from < n_keyed))
            break;
        from += n;
    }
    return orm_end(db);
}

orm_status orm_add(orm_row *row, const char *accessor, orm_row *const *others, size_t n_others)
{
    orm_db *db = row->db;
    if (!orm_ready(db) || n_others == 0)
        return db->error.status;
    const struct orm_attr *rel = orm_attr_accessor(row->state->meta, accessor);
    if (!rel || rel->relation != ORM_REL_M2M) {
        orm_fail(&db->error, ORM_FIELD_ERROR, "'%s' object has no many-to-many relation '%s'", row->model->name,
                 accessor);
        return db->error.status;
    }
    const struct orm_attr *attrs[] = {rel->near_fk, rel->far_fk};
    orm_val *vals = ORM_NEW_N(&db->arena, orm_val, 2 * n_others);
    for (size_t i = 0; i < n_others; i++) {
        orm_row_key(row, row->state->meta, &vals[2 * i]);
        orm_row_key(others[i], rel->to, &vals[2 * i + 1]);
        if (others[i]->model != rel->to->model || !others[i]->state->is_saved || !row->state->is_saved) {
            orm_fail(&db->error, ORM_VALUE_ERROR, "%s.%s takes saved %s objects", row->model->name, accessor,
                     rel->to->name);
            return db->error.status;
        }
    }
    struct orm_resolver r = orm_resolver_of(db, NULL);
    size_t portion = db->driver->dialect->max_params / 2;
    if (portion > MAX_ROWS)
        portion = MAX_ROWS;
    for (size_t from = 0; from < n_others; from += portion) {
        size_t n = n_others - from < portion ? n_others - from : portion;
        struct orm_compiler c;
        struct orm_statement st;
        orm_compiler_init(&c, &r, db->driver->dialect);
        if (!orm_compile_insert(&c, rel->near_fk->owner, attrs, 2, vals + 2 * from, n, true, false, &st) ||
            orm_run_all(db, &st, NULL) < 0)
            break;
    }
    struct orm_cached *cached = orm_cached_of(row, rel->accessor);
    if (cached) /* what was prefetched is out of date */
        cached->many = NULL;
    return db->error.status;
}
