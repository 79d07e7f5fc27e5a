/* Rows of a statement into structs or records. */
#include "orm/session.h"

orm_row *orm_row_new(struct orm_arena *a, orm_db *db, const struct orm_meta *m)
{
    size_t size = (m->model->size + 15) & ~(size_t)15;
    char *p = orm_alloc(a, size + sizeof(struct orm_row_state));
    orm_row *row = (orm_row *)(void *)p;
    row->db = db;
    row->model = m->model;
    row->state = (struct orm_row_state *)(void *)(p + size);
    row->state->meta = m;
    return row;
}

/* What is computed comes as the database makes it where Django converts nothing: SUM of texts is a number on SQLite,
 * SUM of a bigserial key a numeric on PostgreSQL. */
enum orm_type orm_column_type(const struct orm_column *c)
{
    bool is_key = c->term && (c->term->field == ORM_AutoField || c->term->field == ORM_BigAutoField);
    return !c->attr && (c->type == ORM_T_TEXT || is_key) ? ORM_T_NONE : c->type;
}

static void read_cell(orm_db *db, struct orm_cursor *cur, size_t i, const struct orm_column *col, orm_val *out)
{
    db->driver->cell(cur, (int)i, orm_column_type(col), &db->arena, out);
    if (out->tag == ORM_DEC && col->attr && col->attr->def && col->attr->def->kind == ORM_DecimalField &&
        col->attr->def->decimal_places >= 0)
        orm_quantize(out->u.dec, col->attr->def->decimal_places, &out->u.dec);
}

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

static orm_row *read_object(orm_db *db, struct orm_cursor *cur, const struct orm_statement *st,
                            const struct orm_fetch *f)
{
    orm_val v;
    if (f->rel) {
        read_cell(db, cur, f->pk, &st->columns[f->pk], &v);
        if (v.tag == ORM_NULL)
            return NULL;
    }
    orm_row *row = orm_row_new(&db->arena, db, f->meta);
    row->state->is_saved = true;
    row->state->deferred = f->deferred;
    for (size_t i = 0; i < f->n_attrs; i++) {
        const struct orm_attr *attr = f->attrs[i];
        bool is_plain = attr->type != ORM_T_UUID && st->columns[f->first + i].attr == attr;
        if (is_plain &&
            db->driver->member(cur, (int)(f->first + i), attr->def->ctype, (char *)row + attr->def->offset, &db->arena))
            continue;
        read_cell(db, cur, f->first + i, &st->columns[f->first + i], &v);
        orm_load_cell(row, attr, &v);
    }
    for (size_t i = 0; i < f->n_children; i++) {
        const struct orm_attr *rel = f->children[i]->rel;
        orm_row *child = read_object(db, cur, st, f->children[i]);
        if (rel->relation == ORM_REL_FK) {
            orm_fk_set_object(row, rel, child);
            continue;
        }
        orm_cache_add(&db->arena, row, rel, rel->accessor)->one = child;
        if (child)
            orm_fk_set_object(child, rel->remote, row);
    }
    return row;
}

static void read_extras(orm_db *db, struct orm_cursor *cur, const struct orm_statement *st, const char *const *names,
                        orm_row *row)
{
    size_t n = st->n_visible - st->first_extra;
    if (n == 0)
        return;
    orm_rec *rec = ORM_NEW(&db->arena, orm_rec);
    *rec = (orm_rec){.names = names, .vals = ORM_NEW_N(&db->arena, orm_val, n), .n = n};
    row->state->extras = rec;
    const struct orm_meta *m = row->state->meta;
    for (size_t i = 0; i < n; i++) {
        read_cell(db, cur, st->first_extra + i, &st->columns[st->first_extra + i], &rec->vals[i]);
        for (size_t k = 0; k < m->n_slots; k++)
            if (strcmp(m->slots[k]->name, names[i]) == 0)
                orm_slot_set(row, m->slots[k], &rec->vals[i]);
    }
}

static orm_rec *read_rec(orm_db *db, struct orm_cursor *cur, const struct orm_statement *st, const char *const *names)
{
    orm_rec *rec = ORM_NEW(&db->arena, orm_rec);
    *rec = (orm_rec){.names = names, .vals = ORM_NEW_N(&db->arena, orm_val, st->n_visible), .n = st->n_visible};
    for (size_t i = 0; i < st->n_visible; i++)
        read_cell(db, cur, i, &st->columns[i], &rec->vals[i]);
    return rec;
}

bool orm_read_batch(orm_db *db, struct orm_cursor *cur, const struct orm_statement *st, struct orm_result *r,
                    size_t limit, bool *is_end)
{
    size_t first = st->fetch ? st->first_extra : 0;
    const char **names = first < st->n_visible ? ORM_NEW_N(&db->arena, const char *, st->n_visible - first) : NULL;
    for (size_t i = first; i < st->n_visible; i++)
        names[i - first] = st->columns[i].name;
    bool was_good = db->error.status == ORM_OK;
    int code = 1;
    while (r->n < limit && (code = db->driver->next(cur, &db->error)) > 0) {
        if (st->fetch) {
            orm_row *row = read_object(db, cur, st, st->fetch);
            if (was_good && db->error.status != ORM_OK)
                return false;
            row->state->result = r;
            row->state->index = r->n;
            read_extras(db, cur, st, names, row);
            r->rows = ORM_GROW(&db->arena, r->rows, r->n);
            r->rows[r->n++] = row;
        } else {
            orm_rec *rec = read_rec(db, cur, st, names);
            rec->result = r;
            rec->index = r->n;
            r->recs = ORM_GROW(&db->arena, r->recs, r->n);
            r->recs[r->n++] = rec;
        }
    }
    if (code < 0)
        db->is_broken = db->depth > 0;
    *is_end = code <= 0;
    return code >= 0;
}
