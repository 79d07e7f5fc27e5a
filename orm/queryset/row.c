#include "orm/queryset/row.h"

#include <math.h>

static void *member(const orm_row *row, size_t offset)
{
    return (char *)(uintptr_t)row + offset;
}

void orm_member_get(const orm_row *row, const struct orm_attr *attr, orm_val *out)
{
    const void *p = member(row, attr->def->offset);
    *out = (orm_val){.tag = ORM_NULL};
    switch (attr->def->ctype) {
    case ORM_C_BOOL: *out = orm_v_bool(*(const bool *)p); break;
    case ORM_C_INT: *out = orm_v_int(*(const int64_t *)p); break;
    case ORM_C_DBL: *out = orm_v_dbl(*(const double *)p); break;
    case ORM_C_TEXT:
        *out = orm_v_text(*(const char *const *)p);
        if (out->tag == ORM_TEXT && (attr->type == ORM_T_UUID || attr->type == ORM_T_JSON))
            out->tag = attr->type == ORM_T_UUID ? ORM_UUID : ORM_JSON;
        break;
    case ORM_C_DT: *out = orm_v_dt(*(const orm_datetime *)p); break;
    case ORM_C_DATE: *out = orm_v_date(*(const orm_date *)p); break;
    case ORM_C_TIME: *out = orm_v_time(*(const orm_time *)p); break;
    case ORM_C_DEC: *out = orm_v_dec(*(const orm_decimal *)p); break;
    case ORM_C_DUR: *out = orm_v_dur(*(const orm_duration *)p); break;
    case ORM_C_BYTES:
        if (((const orm_bytes *)p)->ptr)
            *out = orm_v_bytes(*(const orm_bytes *)p);
        break;
    case ORM_C_OINT:
        if (((const orm_opt_int *)p)->set)
            *out = orm_v_int(((const orm_opt_int *)p)->v);
        break;
    case ORM_C_OBOOL:
        if (((const orm_opt_bool *)p)->set)
            *out = orm_v_bool(((const orm_opt_bool *)p)->v);
        break;
    case ORM_C_ODBL:
        if (((const orm_opt_dbl *)p)->set)
            *out = orm_v_dbl(((const orm_opt_dbl *)p)->v);
        break;
    case ORM_C_ODT:
        if (((const orm_opt_dt *)p)->set)
            *out = orm_v_dt(((const orm_opt_dt *)p)->v);
        break;
    case ORM_C_ODATE:
        if (((const orm_opt_date *)p)->set)
            *out = orm_v_date(((const orm_opt_date *)p)->v);
        break;
    case ORM_C_ODEC:
        if (((const orm_opt_dec *)p)->set)
            *out = orm_v_dec(((const orm_opt_dec *)p)->v);
        break;
    case ORM_C_OTIME:
        if (((const orm_opt_time *)p)->set)
            *out = orm_v_time(((const orm_opt_time *)p)->v);
        break;
    case ORM_C_ODUR:
        if (((const orm_opt_dur *)p)->set)
            *out = orm_v_dur(((const orm_opt_dur *)p)->v);
        break;
    case ORM_C_FK:
        if (((const orm_fk_any *)p)->set || ((const orm_fk_any *)p)->id)
            *out = orm_v_int(((const orm_fk_any *)p)->id);
        break;
    case ORM_C_FKTEXT:
        *out = orm_v_text(((const orm_fk_text_any *)p)->id);
        if (out->tag == ORM_TEXT && attr->type == ORM_T_UUID)
            out->tag = ORM_UUID;
        break;
    case ORM_C_VAL: *out = *(const orm_val *)p; break;
    case ORM_C_VALFK: *out = ((const orm_fk_val *)p)->key; break;
    case ORM_C_MANY:
    case ORM_C_OTHER: break;
    }
    if (out->tag == ORM_END) /* a fresh row of an inspected model */
        out->tag = ORM_NULL;
}

static void set_at(void *p, orm_ctype ctype, const orm_val *v)
{
    bool set = v->tag != ORM_NULL;
    switch (ctype) {
    case ORM_C_BOOL: *(bool *)p = set && (v->tag == ORM_INT ? v->u.i != 0 : v->u.b); break;
    case ORM_C_INT: *(int64_t *)p = v->tag == ORM_INT ? v->u.i : set ? (int64_t)orm_val_to_double(v) : 0; break;
    case ORM_C_DBL: *(double *)p = set ? orm_val_to_double(v) : (double)NAN; break;
    case ORM_C_TEXT:
        *(const char **)p = v->tag == ORM_TEXT || v->tag == ORM_UUID || v->tag == ORM_JSON ? v->u.s : NULL;
        break;
    case ORM_C_DT: *(orm_datetime *)p = set ? v->u.dt : (orm_datetime){0}; break;
    case ORM_C_DATE: *(orm_date *)p = set ? v->u.date : (orm_date){0}; break;
    case ORM_C_TIME: *(orm_time *)p = set ? v->u.time : (orm_time){0}; break;
    case ORM_C_DUR: *(orm_duration *)p = set ? v->u.dur : (orm_duration){0}; break;
    case ORM_C_DEC: *(orm_decimal *)p = set ? v->u.dec : (orm_decimal){0}; break;
    case ORM_C_BYTES: *(orm_bytes *)p = set ? v->u.bytes : (orm_bytes){0}; break;
    case ORM_C_OINT:
        *(orm_opt_int *)p = (orm_opt_int){set, v->tag == ORM_INT ? v->u.i : set ? (int64_t)orm_val_to_double(v) : 0};
        break;
    case ORM_C_OBOOL:
        *(orm_opt_bool *)p = (orm_opt_bool){set, set && (v->tag == ORM_INT ? v->u.i != 0 : v->u.b)};
        break;
    case ORM_C_ODBL: *(orm_opt_dbl *)p = (orm_opt_dbl){set, orm_val_to_double(v)}; break;
    case ORM_C_ODT: *(orm_opt_dt *)p = (orm_opt_dt){set, set ? v->u.dt : (orm_datetime){0}}; break;
    case ORM_C_ODATE: *(orm_opt_date *)p = (orm_opt_date){set, set ? v->u.date : (orm_date){0}}; break;
    case ORM_C_ODEC: *(orm_opt_dec *)p = (orm_opt_dec){set, set ? v->u.dec : (orm_decimal){0}}; break;
    case ORM_C_OTIME: *(orm_opt_time *)p = (orm_opt_time){set, set ? v->u.time : (orm_time){0}}; break;
    case ORM_C_ODUR: *(orm_opt_dur *)p = (orm_opt_dur){set, set ? v->u.dur : (orm_duration){0}}; break;
    case ORM_C_FK: *(orm_fk_any *)p = (orm_fk_any){set ? v->u.i : 0, set, NULL, 0}; break;
    case ORM_C_FKTEXT:
        *(orm_fk_text_any *)p = (orm_fk_text_any){v->tag == ORM_TEXT || v->tag == ORM_UUID ? v->u.s : NULL, NULL, NULL};
        break;
    case ORM_C_VAL: *(orm_val *)p = *v; break;
    case ORM_C_VALFK: *(orm_fk_val *)p = (orm_fk_val){*v, NULL}; break;
    case ORM_C_MANY:
    case ORM_C_OTHER: break;
    }
}

void orm_member_set(orm_row *row, const struct orm_attr *attr, const orm_val *v)
{
    set_at(member(row, attr->def->offset), attr->def->ctype, v);
}

bool orm_member_fits(const struct orm_attr *attr, const orm_val *v)
{
    enum { NUMBER = ORM_BIT(ORM_INT) | ORM_BIT(ORM_DBL) | ORM_BIT(ORM_DEC), NIL = ORM_BIT(ORM_NULL) };
    enum { TEXT = ORM_BIT(ORM_TEXT) | ORM_BIT(ORM_UUID) | ORM_BIT(ORM_JSON) | NIL };
    static const unsigned tags[] = {
        [ORM_C_BOOL] = ORM_BIT(ORM_BOOL) | ORM_BIT(ORM_INT),
        [ORM_C_INT] = NUMBER,
        [ORM_C_DBL] = NUMBER,
        [ORM_C_TEXT] = TEXT,
        [ORM_C_DT] = ORM_BIT(ORM_DT),
        [ORM_C_DATE] = ORM_BIT(ORM_DATE),
        [ORM_C_TIME] = ORM_BIT(ORM_TIME),
        [ORM_C_DEC] = ORM_BIT(ORM_DEC),
        [ORM_C_DUR] = ORM_BIT(ORM_DUR),
        [ORM_C_BYTES] = ORM_BIT(ORM_BYTES) | NIL,
        [ORM_C_OINT] = NUMBER | NIL,
        [ORM_C_OBOOL] = ORM_BIT(ORM_BOOL) | ORM_BIT(ORM_INT) | NIL,
        [ORM_C_ODBL] = NUMBER | NIL,
        [ORM_C_ODT] = ORM_BIT(ORM_DT) | NIL,
        [ORM_C_ODATE] = ORM_BIT(ORM_DATE) | NIL,
        [ORM_C_ODEC] = ORM_BIT(ORM_DEC) | NIL,
        [ORM_C_OTIME] = ORM_BIT(ORM_TIME) | NIL,
        [ORM_C_ODUR] = ORM_BIT(ORM_DUR) | NIL,
        [ORM_C_FK] = NUMBER | NIL,
        [ORM_C_FKTEXT] = TEXT,
    };
    orm_ctype c = attr->def->ctype;
    return (size_t)c >= sizeof tags / sizeof *tags || !tags[c] || tags[c] & ORM_BIT(v->tag);
}

/* An annotation may have another type than its slot: numbers are converted, anything else leaves the slot empty. */
void orm_slot_set(orm_row *row, const orm_field *slot, const orm_val *v)
{
    static const struct {
        orm_ctype ctype, optional;
        enum orm_type type;
    } types[] = {{ORM_C_BOOL, ORM_C_OBOOL, ORM_T_BOOL},   {ORM_C_INT, ORM_C_OINT, ORM_T_INT},
                 {ORM_C_DBL, ORM_C_ODBL, ORM_T_FLOAT},    {ORM_C_TEXT, ORM_C_TEXT, ORM_T_TEXT},
                 {ORM_C_DT, ORM_C_ODT, ORM_T_DATETIME},   {ORM_C_DATE, ORM_C_ODATE, ORM_T_DATE},
                 {ORM_C_DEC, ORM_C_ODEC, ORM_T_DECIMAL},  {ORM_C_TIME, ORM_C_OTIME, ORM_T_TIME},
                 {ORM_C_DUR, ORM_C_ODUR, ORM_T_DURATION}, {ORM_C_BYTES, ORM_C_BYTES, ORM_T_BYTES}};
    orm_val fitted = *v, null = {.tag = ORM_NULL};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (types[i].ctype != slot->ctype && types[i].optional != slot->ctype)
            continue;
        bool is_number = v->tag == ORM_INT || v->tag == ORM_DBL || v->tag == ORM_DEC || v->tag == ORM_BOOL;
        if (orm_type_of_val(v) != types[i].type && (!is_number || !orm_convert(NULL, *v, types[i].type, &fitted)))
            fitted = null;
    }
    set_at(member(row, slot->offset), slot->ctype, &fitted);
}

void orm_row_key(const orm_row *row, const struct orm_meta *m, orm_val *out)
{
    orm_member_get(row, m->pk, out);
}

void orm_target_key(const orm_row *row, const struct orm_attr *fk, orm_val *out)
{
    orm_member_get(row, fk->target, out);
}

orm_row *orm_fk_object(const orm_row *row, const struct orm_attr *fk)
{
    const void *p = member(row, fk->def->offset);
    if (fk->def->ctype == ORM_C_VALFK)
        return ((const orm_fk_val *)p)->obj;
    if (fk->def->ctype == ORM_C_FKTEXT) {
        const orm_fk_text_any *t = p;
        return t->obj && t->id && t->obj_id && strcmp(t->obj_id, t->id) == 0 ? t->obj : NULL;
    }
    const orm_fk_any *k = p;
    return k->obj && k->obj_id == k->id ? k->obj : NULL;
}

void orm_fk_set_object(orm_row *row, const struct orm_attr *fk, orm_row *to)
{
    void *p = member(row, fk->def->offset);
    if (fk->def->ctype == ORM_C_VALFK) {
        ((orm_fk_val *)p)->obj = to;
        return;
    }
    if (fk->def->ctype == ORM_C_FKTEXT) {
        ((orm_fk_text_any *)p)->obj = to;
        ((orm_fk_text_any *)p)->obj_id = ((orm_fk_text_any *)p)->id;
        return;
    }
    orm_fk_any *k = p;
    k->obj = to;
    k->obj_id = k->id;
}

struct orm_cached *orm_cached_of(orm_row *row, const char *accessor)
{
    for (struct orm_cached *c = row->state ? row->state->cached : NULL; c; c = c->next)
        if (strcmp(c->accessor, accessor) == 0)
            return c;
    return NULL;
}

struct orm_cached *orm_cache_add(struct orm_arena *a, orm_row *row, const struct orm_attr *attr, const char *accessor)
{
    struct orm_cached *c = orm_cached_of(row, accessor);
    if (!c) {
        c = ORM_NEW(a, struct orm_cached);
        c->accessor = accessor;
        c->next = row->state->cached;
        row->state->cached = c;
    }
    c->attr = attr;
    return c;
}
