/* A queryset is evaluated: its statement is run, its rows are read, what it prefetches is fetched. */
#include "orm/session.h"
#include "preload/mark.h"

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
