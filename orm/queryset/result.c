/* Rows of a statement into structs or records. */
#include "orm/session.h"
#include "preload/mark.h"

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

static bool read_rows(orm_db *db, const struct orm_statement *st, struct orm_result *r)
{
    struct orm_cursor cur;
    bool is_end;
    if (!orm_run(db, st, false, &cur))
        return false;
    bool ok = orm_read_batch(db, &cur, st, r, SIZE_MAX, &is_end);
    orm_finish(db, &cur);
    return ok;
}

void orm_announce(const orm_qs *qs)
{
    if (qs->parent_rel)
        n1prof_relation(qs->parent_rel->mark);
}

struct orm_result *orm_evaluate_as(orm_qs *qs, enum orm_ending e)
{
    orm_db *db = qs->db;
    struct orm_statement st;
    if (!orm_statement_of(qs, e, &st))
        return NULL;
    struct orm_result *r = ORM_NEW(&db->arena, struct orm_result);
    r->db = db;
    r->meta = orm_qs_meta(qs);
    if (!st.is_empty)
        orm_announce(qs);
    if (!st.is_empty && !read_rows(db, &st, r))
        return NULL;
    bool points_back = qs->parent && r->rows && qs->parent_rel->relation != ORM_REL_M2M;
    for (size_t i = 0; points_back && i < r->n; i++)
        orm_fk_set_object(r->rows[i], qs->parent_rel->remote, qs->parent);
    if (qs->n_prefetches && r->rows && !orm_prefetch_all(qs, r))
        return NULL;
    return r;
}

struct orm_result *orm_evaluate(orm_qs *qs)
{
    if (!qs->result)
        qs->result = orm_evaluate_as(qs, ORM_END_ROWS);
    return qs->result;
}

struct orm_cond *orm_in_list(struct orm_arena *a, int alias, const struct orm_attr *attr, const orm_val *keys, size_t n)
{
    struct orm_term *list = orm_term_new(a, ORM_TERM_LIST, attr->type);
    list->args = ORM_NEW_N(a, struct orm_term *, n);
    for (size_t i = 0; i < n; i++) {
        list->args[i] = orm_term_new(a, ORM_TERM_VALUE, attr->type);
        list->args[i]->value = keys[i];
    }
    list->n_args = n;
    return orm_cond_lookup(a, orm_term_column(a, alias, attr), &orm_lookups[ORM_L_IN], list);
}

/* ---- walking ---------------------------------------------------------------------------------------------------------------- */

void *orm_iter_(orm_qs *qs, const orm_model *m)
{
    ORM_GUARD(qs->db, NULL);
    if (orm_is_good(qs) && (orm_qs_is_values(qs) || orm_qs_meta(qs)->model != m)) {
        orm_fail(&qs->db->error, ORM_TYPE_ERROR, "this queryset gives %s, not %s",
                 orm_qs_is_values(qs) ? "records" : orm_qs_meta(qs)->name, m->name);
        return NULL;
    }
    struct orm_result *r = orm_evaluate(qs);
    return r && r->n ? r->rows[0] : NULL;
}

void *orm_next_(void *p)
{
    orm_row *row = p;
    struct orm_result *r = row->state->result;
    size_t i = row->state->index + 1;
    return r && i < r->n ? r->rows[i] : NULL;
}

orm_rec *orm_rec_iter(orm_qs *qs)
{
    ORM_GUARD(qs->db, NULL);
    if (orm_is_good(qs) && !orm_qs_is_values(qs)) {
        orm_fail(&qs->db->error, ORM_TYPE_ERROR, "this queryset gives %s, not records: use values()",
                 orm_qs_meta(qs)->name);
        return NULL;
    }
    struct orm_result *r = orm_evaluate(qs);
    return r && r->n ? r->recs[0] : NULL;
}

orm_rec *orm_rec_next(orm_rec *rec)
{
    struct orm_result *r = rec->result;
    return r && rec->index + 1 < r->n ? r->recs[rec->index + 1] : NULL;
}

/* ---- dynamic access -------------------------------------------------------------------------------------------------------- */

const orm_val *orm_rec_val(const orm_rec *r, const char *name)
{
    for (size_t i = 0; r && i < r->n; i++)
        if (strcmp(r->names[i], name) == 0)
            return &r->vals[i];
    return NULL;
}

const orm_val *orm_rec_at(const orm_rec *r, size_t i)
{
    return r && i < r->n ? &r->vals[i] : NULL;
}

size_t orm_rec_size(const orm_rec *r)
{
    return r ? r->n : 0;
}

const char *orm_rec_name(const orm_rec *r, size_t i)
{
    return r && i < r->n ? r->names[i] : NULL;
}

static int64_t as_int(const orm_val *v)
{
    return !v ? 0 : v->tag == ORM_INT ? v->u.i : (int64_t)orm_val_to_double(v);
}

int64_t orm_rec_int(const orm_rec *r, const char *name)
{
    return as_int(orm_rec_val(r, name));
}

double orm_rec_dbl(const orm_rec *r, const char *name)
{
    const orm_val *v = orm_rec_val(r, name);
    return v ? orm_val_to_double(v) : 0;
}

const char *orm_rec_text(const orm_rec *r, const char *name)
{
    const orm_val *v = orm_rec_val(r, name);
    return v && v->tag == ORM_TEXT ? v->u.s : NULL;
}

bool orm_rec_isnull(const orm_rec *r, const char *name)
{
    const orm_val *v = orm_rec_val(r, name);
    return !v || v->tag == ORM_NULL;
}

const orm_val *orm_row_val(const orm_row *r, const char *name)
{
    return r->state ? orm_rec_val(r->state->extras, name) : NULL;
}

int64_t orm_row_int(const orm_row *r, const char *name)
{
    return as_int(orm_row_val(r, name));
}

double orm_row_dbl(const orm_row *r, const char *name)
{
    const orm_val *v = orm_row_val(r, name);
    return v ? orm_val_to_double(v) : 0;
}

const char *orm_row_text(const orm_row *r, const char *name)
{
    const orm_val *v = orm_row_val(r, name);
    return v && v->tag == ORM_TEXT ? v->u.s : NULL;
}
