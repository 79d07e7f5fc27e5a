#include "orm/queryset/shape.h"

#include "orm/queryset/queryset.h"
#include "orm/queryset/shape_store.h"

enum { MAX_HOLES = 16 };

/* ---- equality --------------------------------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 29);
}

/* A boolean is a part of the text: it decides what is written. */
static bool is_hole(const orm_val *v)
{
    switch (v->tag) {
    case ORM_INT:
    case ORM_DBL:
    case ORM_TEXT:
    case ORM_DT:
    case ORM_DATE:
    case ORM_TIME:
    case ORM_DUR: return true;
    default: return false;
    }
}

static bool is_plain_step(const orm_step *s)
{
    static const bool plain[ORM_N_STEPS] = {
        [ORM_S_FILTER] = true,   [ORM_S_EXCLUDE] = true,        [ORM_S_ORDER_BY] = true, [ORM_S_ORDER_BY_EXPR] = true,
        [ORM_S_ANNOTATE] = true, [ORM_S_ALIAS] = true,          [ORM_S_VALUES] = true,   [ORM_S_VALUES_LIST] = true,
        [ORM_S_DISTINCT] = true, [ORM_S_SELECT_RELATED] = true, [ORM_S_SLICE] = true,    [ORM_S_REVERSE] = true,
        [ORM_S_ONLY] = true,     [ORM_S_DEFER] = true};
    return plain[s->op] && !s->args;
}

/* The hash of the steps below the parent's; false: they have no shape. */
static bool hash_steps(uint64_t h, const orm_step *s, uint64_t *out, size_t *n_holes)
{
    for (; s->op != ORM_S_END; s++) {
        if (!is_plain_step(s))
            return false;
        h = mix(h, s->op);
        h = mix(h, (uintptr_t)s->text);
        for (size_t i = 1; s->v && s->v[i].tag != ORM_END; i++) {
            bool hole = is_hole(&s->v[i]);
            if (!hole && s->v[i].tag != ORM_BOOL && s->v[i].tag != ORM_NULL)
                return false;
            *n_holes += hole;
            h = mix(h, s->v[i].tag + (s->v[i].tag == ORM_BOOL && s->v[i].u.b ? 64u : 0));
        }
        for (size_t i = 1; s->names && i <= s->n_names; i++)
            for (const char *c = s->names[i]; c && *c; c++)
                h = mix(h, (unsigned char)*c);
        h = s->op == ORM_S_SLICE ? mix(mix(h, (uint64_t)s->lo), (uint64_t)s->hi) : h;
    }
    *out = h;
    return *n_holes <= MAX_HOLES;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_step(const orm_step *a, const orm_step *b)
{
    if (a->op != b->op || a->lo != b->lo || a->hi != b->hi || a->is_flat != b->is_flat || a->n_names != b->n_names ||
        !same_text(a->text, b->text) || !a->v != !b->v)
        return false;
    for (size_t i = 1; a->v; i++) {
        if (a->v[i].tag != b->v[i].tag || (a->v[i].tag == ORM_BOOL && a->v[i].u.b != b->v[i].u.b))
            return false;
        if (a->v[i].tag == ORM_END)
            break;
    }
    for (size_t i = 1; i <= a->n_names; i++)
        if (!same_text(a->names[i], b->names[i]))
            return false;
    return true;
}

static bool same_steps(const orm_step *a, const orm_step *b)
{
    for (; a->op != ORM_S_END && b->op != ORM_S_END; a++, b++)
        if (!same_step(a, b))
            return false;
    return a->op == b->op;
}

/* ---- all rows of a model ------------------------------------------------------------------------------------------------ */

static uint64_t hash_of_model(const orm_model *m)
{
    return mix(0x6f726dull, (uintptr_t)m);
}

static struct orm_shape *find_objects(orm_db *db, const orm_model *m)
{
    uint64_t hash = hash_of_model(m);
    for (struct orm_shape *s = orm_shape_bucket(&db->shapes, hash); s; s = s->next)
        if (s->hash == hash && !s->parent && s->meta->model == m)
            return s;
    return NULL;
}

static orm_qs *of_shape(orm_db *db, struct orm_shape *s)
{
    orm_shape_touch(db, s);
    orm_qs *qs = ORM_NEW(&db->arena, orm_qs);
    qs->db = db;
    qs->shape = s;
    return qs;
}

orm_qs *orm_shape_objects(orm_db *db, const orm_model *m)
{
    struct orm_shape *s = db->shapes.is_off ? NULL : find_objects(db, m);
    return s ? of_shape(db, s) : NULL;
}

void orm_shape_note_objects(orm_qs *all)
{
    orm_db *db = all->db;
    const struct orm_meta *meta = all->query->meta;
    if (db->shapes.is_off || !meta->model)
        return;
    struct orm_shape *s = orm_shape_add(db, hash_of_model(meta->model), meta);
    if (!s)
        return;
    orm_shape_touch(db, s);
    all->shape = s;
}

/* ---- chains --------------------------------------------------------------------------------------------------------------- */

static struct orm_shape *find_chain(orm_db *db, const struct orm_shape *parent, uint64_t hash, const orm_step *steps)
{
    for (struct orm_shape *s = orm_shape_bucket(&db->shapes, hash); s; s = s->next)
        if (s->hash == hash && s->parent == parent && same_steps(s->steps, steps))
            return s;
    return NULL;
}

/* The values behind those of the queryset that the steps were put on. */
static orm_val *holes_of(orm_db *db, const orm_qs *from, const orm_step *steps, size_t n)
{
    size_t n_old = from->shape->n_holes;
    if (n == n_old)
        return from->holes;
    orm_val *holes = ORM_NEW_N(&db->arena, orm_val, n), *at = holes + n_old;
    if (n_old)
        memcpy(holes, from->holes, n_old * sizeof *holes);
    for (; steps->op != ORM_S_END; steps++)
        for (size_t i = 1; steps->v && steps->v[i].tag != ORM_END; i++)
            if (is_hole(&steps->v[i]))
                *at++ = orm_copy_val(&db->arena, steps->v[i]);
    return holes;
}

static bool may_have_shape(const orm_qs *from)
{
    const orm_db *db = from->db;
    return from->shape && !db->shapes.is_off && db->error.status == ORM_OK;
}

orm_qs *orm_shape_chain(orm_qs *from, const orm_step *steps)
{
    orm_db *db = from->db;
    uint64_t hash;
    size_t n_holes = from->shape ? from->shape->n_holes : 0;
    if (!may_have_shape(from) || !hash_steps(from->shape->hash, steps, &hash, &n_holes))
        return NULL;
    struct orm_shape *s = find_chain(db, from->shape, hash, steps);
    if (!s)
        return NULL;
    orm_qs *qs = of_shape(db, s);
    qs->holes = holes_of(db, from, steps, n_holes);
    qs->prefetches = from->prefetches;
    qs->n_prefetches = from->n_prefetches;
    qs->parent = from->parent;
    qs->parent_rel = from->parent_rel;
    return qs;
}

static orm_step *copy_steps(orm_db *db, struct orm_arena *a, const orm_step *steps)
{
    ORM_GUARD(db, NULL);
    size_t n = 0;
    while (steps[n].op != ORM_S_END)
        n++;
    orm_step *own = ORM_NEW_N(a, orm_step, n + 1);
    for (size_t i = 0; i < n; i++) {
        own[i] = steps[i];
        own[i].text = steps[i].text ? orm_copy_text(a, steps[i].text, strlen(steps[i].text)) : NULL;
        size_t n_v = 0;
        while (steps[i].v && steps[i].v[n_v].tag != ORM_END)
            n_v++;
        orm_val *v = steps[i].v ? ORM_NEW_N(a, orm_val, n_v + 1) : NULL;
        for (size_t k = 1; k < n_v; k++)
            v[k] = is_hole(&steps[i].v[k]) ? (orm_val){.tag = steps[i].v[k].tag} : steps[i].v[k];
        own[i].v = v;
        const char **names = steps[i].names ? ORM_NEW_N(a, const char *, steps[i].n_names + 1) : NULL;
        for (size_t k = 1; names && k <= steps[i].n_names; k++)
            names[k] = steps[i].names[k] ? orm_copy_text(a, steps[i].names[k], strlen(steps[i].names[k])) : NULL;
        own[i].names = names;
    }
    return own; /* ends with zeros: ORM_S_END */
}

void orm_shape_note_chain(orm_qs *made, const orm_qs *from, const orm_step *steps)
{
    orm_db *db = made->db;
    uint64_t hash;
    size_t n_holes = from->shape ? from->shape->n_holes : 0;
    if (!may_have_shape(from) || !hash_steps(from->shape->hash, steps, &hash, &n_holes))
        return;
    struct orm_shape *s = orm_shape_add(db, hash, made->query->meta);
    if (!s)
        return;
    s->n_holes = n_holes;
    s->is_values = made->query->is_values;
    s->parent = from->shape;
    from->shape->n_children++;
    s->steps = copy_steps(db, &s->arena, steps);
    if (!s->steps) { /* no memory for what is only there to be fast */
        orm_clear(db);
        orm_shape_drop(&db->shapes, s);
        return;
    }
    orm_shape_touch(db, s);
    made->holes = holes_of(db, from, steps, n_holes);
    made->shape = s;
}

/* ---- the long way again --------------------------------------------------------------------------------------------------- */

/* The steps of a shape with values for its holes. is_numbered: each '?' remembers which hole it is. */
static orm_qs *replay(orm_db *db, const struct orm_shape *s, const orm_val *holes, bool is_numbered)
{
    if (!s->parent)
        return orm_qs_on(db, s->meta);
    orm_qs *qs = replay(db, s->parent, holes, is_numbered);
    size_t hole = s->parent->n_holes;
    for (const orm_step *from = s->steps; qs->query && from->op != ORM_S_END; from++) {
        orm_step step = *from;
        size_t n = 1, first = hole;
        while (from->v && from->v[n].tag != ORM_END)
            n++;
        orm_val *v = ORM_NEW_N(&db->arena, orm_val, n + 1);
        unsigned *numbers = ORM_NEW_N(&db->arena, unsigned, n);
        v[0] = orm_v_text(from->text);
        for (size_t i = 1; i < n; i++) {
            v[i] = is_hole(&from->v[i]) ? holes[hole++] : from->v[i];
            numbers[i - 1] = is_hole(&from->v[i]) ? (unsigned)hole : 0;
        }
        step.v = from->v ? v : NULL;
        step.holes = is_numbered && hole > first ? numbers : NULL;
        if (!orm_run_step(qs, &step))
            qs->query = NULL;
    }
    return qs;
}

const struct orm_meta *orm_shape_meta(const struct orm_shape *s)
{
    return s->meta;
}

bool orm_shape_is_values(const struct orm_shape *s)
{
    return s->is_values;
}

struct orm_query *orm_shape_query(orm_qs *qs)
{
    return replay(qs->db, qs->shape, qs->holes, false)->query;
}

/* ---- kept statements -------------------------------------------------------------------------------------------------------- */

static bool same_param(const struct orm_param *a, const struct orm_param *b)
{
    return a->type == b->type && orm_same_val(&a->v, &b->v);
}

/* Values that are equal may have been, or would be, written as one. */
static bool has_equals(const struct orm_statement *st)
{
    for (size_t i = 1; i < st->n_params; i++)
        for (size_t k = 0; k < i; k++)
            if ((st->params[i].hole || st->params[k].hole) && st->params[i].hole != st->params[k].hole &&
                same_param(&st->params[i], &st->params[k]))
                return true;
    return false;
}

static bool every_hole_is_parameter(const struct orm_shape *s, const struct orm_statement *st)
{
    for (unsigned hole = 1; hole <= s->n_holes; hole++) {
        bool found = false;
        for (size_t i = 0; i < st->n_params && !found; i++)
            found = st->params[i].hole == hole;
        if (!found)
            return false;
    }
    return st->n_params <= 2 * MAX_HOLES;
}

static bool compile(orm_db *db, const struct orm_shape *s, const orm_val *holes, enum orm_ending e,
                    struct orm_statement *out)
{
    ORM_GUARD(db, false);
    orm_qs *again = replay(db, s, holes, true);
    return again->query && orm_compile_ending(again, e, out);
}

/* Compiles into the shape's own arena, which takes the scope's place meanwhile. */
static void keep(orm_qs *qs, struct orm_shape *s, enum orm_ending e)
{
    orm_db *db = qs->db;
    struct orm_arena scope = db->arena;
    size_t mark = s->arena.used_bytes;
    db->arena = s->arena;
    db->shapes.is_off = true;
    struct orm_statement st;
    bool ok = compile(db, s, qs->holes, e, &st);
    s->arena = db->arena;
    db->arena = scope;
    db->shapes.is_off = false;
    if (!ok) { /* the long way says it once more */
        orm_clear(db);
        orm_arena_rewind(&s->arena, mark);
        s->kept[e].state = KEPT_NEVER;
        return;
    }
    if (has_equals(&st)) {
        orm_arena_rewind(&s->arena, mark);
        return;
    }
    bool may_keep = every_hole_is_parameter(s, &st);
    s->kept[e].state = may_keep ? KEPT_READY : KEPT_NEVER;
    if (may_keep) {
        s->kept[e].st = st;
        s->kept[e].st.hash = orm_hash_sql(st.sql);
    } else {
        orm_arena_rewind(&s->arena, mark);
    }
}

bool orm_shape_statement(orm_qs *qs, enum orm_ending e, struct orm_statement *out)
{
    struct orm_shape *s = qs->query ? NULL : qs->shape;
    if (!s || qs->db->error.status != ORM_OK || !orm_ready(qs->db))
        return false;
    if (s->kept[e].state == KEPT_UNKNOWN)
        keep(qs, s, e);
    if (s->kept[e].state != KEPT_READY)
        return false;
    *out = s->kept[e].st;
    if (s->n_holes == 0)
        return true;
    out->params = ORM_NEW_N(&qs->db->arena, struct orm_param, out->n_params);
    memcpy(out->params, s->kept[e].st.params, out->n_params * sizeof *out->params);
    for (size_t i = 0; i < out->n_params; i++)
        if (out->params[i].hole)
            out->params[i].v = qs->holes[out->params[i].hole - 1];
    return !has_equals(out);
}
