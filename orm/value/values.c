/* Values: copies, comparison, Python's spelling, and conversion to the type of a column. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "orm/orm.h"
#include "orm/value/scalar.h"

orm_val orm_copy_val(struct orm_arena *a, orm_val v)
{
    if (v.tag == ORM_TEXT || v.tag == ORM_UUID || v.tag == ORM_JSON) {
        v.u.s = orm_copy_text(a, v.u.s, strlen(v.u.s));
    } else if (v.tag == ORM_BYTES) {
        v.u.bytes.ptr = orm_copy_text(a, v.u.bytes.ptr, v.u.bytes.len);
    } else if (v.tag == ORM_INTS) {
        v.u.arr.p = orm_copy_text(a, v.u.arr.p, v.u.arr.n * sizeof(int64_t));
    } else if (v.tag == ORM_TEXTS) {
        const char *const *old = v.u.arr.p;
        const char **copy = ORM_NEW_N(a, const char *, v.u.arr.n + 1);
        for (size_t i = 0; i < v.u.arr.n; i++)
            copy[i] = old[i] ? orm_copy_text(a, old[i], strlen(old[i])) : NULL;
        v.u.arr.p = copy;
    }
    return v;
}

bool orm_same_val(const orm_val *a, const orm_val *b)
{
    if (a->tag != b->tag)
        return false;
    switch (a->tag) {
    case ORM_NULL: return true;
    case ORM_BOOL: return a->u.b == b->u.b;
    case ORM_INT: return a->u.i == b->u.i;
    case ORM_DBL: return memcmp(&a->u.d, &b->u.d, sizeof(double)) == 0;
    case ORM_TEXT:
    case ORM_UUID:
    case ORM_JSON: return strcmp(a->u.s, b->u.s) == 0;
    case ORM_DUR: return a->u.dur.us == b->u.dur.us;
    case ORM_DT: return a->u.dt.us == b->u.dt.us;
    case ORM_DATE: return a->u.date.days == b->u.date.days;
    case ORM_TIME: return a->u.time.us == b->u.time.us;
    case ORM_DEC: return orm_same_decimal(a->u.dec, b->u.dec);
    case ORM_BYTES:
        return a->u.bytes.len == b->u.bytes.len &&
               (a->u.bytes.len == 0 || memcmp(a->u.bytes.ptr, b->u.bytes.ptr, a->u.bytes.len) == 0);
    default: return false;
    }
}

void orm_print_val(struct orm_buf *b, const orm_val *v)
{
    char text[64];
    switch (v->tag) {
    case ORM_NULL: orm_put(b, "None"); break;
    case ORM_BOOL: orm_put(b, v->u.b ? "True" : "False"); break;
    case ORM_INT: orm_putf(b, "%" PRId64, v->u.i); break;
    case ORM_DBL: orm_put(b, orm_format_double(v->u.d, text)); break;
    case ORM_TEXT: orm_putf(b, "'%s'", v->u.s); break;
    case ORM_DT: orm_put(b, orm_format_datetime(v->u.dt, text)); break;
    case ORM_DATE: orm_put(b, orm_format_date(v->u.date, text)); break;
    case ORM_TIME: orm_put(b, orm_format_time(v->u.time, text)); break;
    case ORM_DEC: orm_put(b, orm_format_decimal(v->u.dec, text)); break;
    case ORM_DUR: orm_put(b, orm_format_duration(v->u.dur, text)); break;
    case ORM_UUID: orm_putf(b, "UUID('%s')", v->u.s); break;
    case ORM_JSON: orm_put(b, v->u.s); break;
    case ORM_BYTES: orm_putf(b, "<%zu bytes>", v->u.bytes.len); break;
    case ORM_INTS:
    case ORM_TEXTS: orm_putf(b, "<list of %zu>", v->u.arr.n); break;
    case ORM_ROW: orm_putf(b, "<%s object>", v->u.row->model->name); break;
    case ORM_QS: orm_put(b, "<QuerySet>"); break;
    default: orm_put(b, "<expression>");
    }
}

double orm_val_to_double(const orm_val *v)
{
    double d;
    switch (v->tag) {
    case ORM_BOOL: return v->u.b;
    case ORM_INT: return (double)v->u.i;
    case ORM_DBL: return v->u.d;
    case ORM_DEC: return orm_decimal_to_double(v->u.dec);
    case ORM_TEXT: return orm_read_double(v->u.s, &d) ? d : 0;
    default: return 0;
    }
}

static bool to_bool(orm_val v, orm_val *out)
{
    static const struct {
        const char *text;
        bool value;
    } words[] = {{"t", true}, {"True", true}, {"1", true}, {"f", false}, {"False", false}, {"0", false}};
    if (v.tag == ORM_INT && (v.u.i == 0 || v.u.i == 1)) {
        *out = (orm_val){ORM_BOOL, {.b = v.u.i == 1}};
        return true;
    }
    for (size_t i = 0; v.tag == ORM_TEXT && i < sizeof words / sizeof *words; i++) {
        if (strcmp(v.u.s, words[i].text) == 0) {
            *out = (orm_val){ORM_BOOL, {.b = words[i].value}};
            return true;
        }
    }
    return false;
}

static bool to_int(orm_val v, orm_val *out)
{
    out->tag = ORM_INT;
    double d;
    switch (v.tag) {
    case ORM_BOOL: out->u.i = v.u.b; return true;
    case ORM_TEXT: return orm_read_int(v.u.s, &out->u.i);
    case ORM_DBL:
    case ORM_DEC: /* toward zero, as Python's int() */
        d = trunc(orm_val_to_double(&v));
        if (!(d >= -9.2e18 && d <= 9.2e18))
            return false;
        out->u.i = (int64_t)d;
        return true;
    default: return false;
    }
}

static bool to_float(orm_val v, orm_val *out)
{
    out->tag = ORM_DBL;
    if (v.tag == ORM_TEXT)
        return orm_read_double(v.u.s, &out->u.d);
    out->u.d = orm_val_to_double(&v);
    return v.tag == ORM_BOOL || v.tag == ORM_INT || v.tag == ORM_DEC;
}

static bool to_decimal(orm_val v, orm_val *out)
{
    char text[64];
    out->tag = ORM_DEC;
    switch (v.tag) {
    case ORM_BOOL: out->u.dec = orm_decimal_of_int(v.u.b); return true;
    case ORM_INT: out->u.dec = orm_decimal_of_int(v.u.i); return true;
    case ORM_DBL: return isfinite(v.u.d) && orm_read_decimal(orm_format_double(v.u.d, text), &out->u.dec);
    case ORM_TEXT: return orm_read_decimal(v.u.s, &out->u.dec);
    default: return false;
    }
}

static bool to_text(struct orm_arena *a, orm_val v, orm_val *out)
{
    if (v.tag == ORM_BYTES)
        return false;
    struct orm_buf b = {.arena = a};
    orm_print_val(&b, &v);
    *out = (orm_val){ORM_TEXT, {.s = b.p}};
    return true;
}

static int64_t floor_days(int64_t us)
{
    const int64_t day_us = INT64_C(86400000000);
    return us / day_us - (us % day_us < 0);
}

static bool to_moment(orm_val v, enum orm_type to, orm_val *out)
{
    if (to == ORM_T_DATETIME) {
        out->tag = ORM_DT;
        if (v.tag == ORM_DATE) {
            out->u.dt.us = v.u.date.days * INT64_C(86400000000);
            return true;
        }
        return v.tag == ORM_TEXT && orm_read_datetime(v.u.s, &out->u.dt);
    }
    if (to == ORM_T_DATE) {
        out->tag = ORM_DATE;
        orm_datetime dt;
        if (v.tag == ORM_TEXT && orm_read_date(v.u.s, &out->u.date))
            return true;
        if (v.tag == ORM_DT)
            dt = v.u.dt;
        else if (v.tag != ORM_TEXT || !orm_read_datetime(v.u.s, &dt))
            return false;
        out->u.date.days = (int32_t)floor_days(dt.us);
        return true;
    }
    out->tag = ORM_TIME;
    return v.tag == ORM_TEXT && orm_read_time(v.u.s, &out->u.time);
}

static bool to_duration(orm_val v, orm_val *out)
{
    out->tag = ORM_DUR;
    if (v.tag == ORM_INT) { /* as SQLite stores it */
        out->u.dur.us = v.u.i;
        return true;
    }
    return v.tag == ORM_TEXT && orm_read_duration(v.u.s, &out->u.dur);
}

/* A document that came as text is one already; constants of the program become scalars of JSON. */
static bool to_json(struct orm_arena *a, orm_val v, orm_val *out)
{
    out->tag = ORM_JSON;
    if (v.tag == ORM_BOOL)
        out->u.s = v.u.b ? "true" : "false";
    else if (v.tag == ORM_TEXT)
        out->u.s = v.u.s;
    else if (v.tag == ORM_INT || v.tag == ORM_DBL) {
        struct orm_buf b = {.arena = a};
        orm_print_val(&b, &v);
        out->u.s = b.p;
    } else
        return false;
    return true;
}

bool orm_convert(struct orm_arena *a, orm_val v, enum orm_type to, orm_val *out)
{
    if (v.tag == ORM_NULL || to == ORM_T_NONE || orm_type_of_val(&v) == to) {
        *out = v;
        return true;
    }
    if (orm_type_of_val(&v) == ORM_T_NONE)
        return false;
    switch (to) {
    case ORM_T_BOOL: return to_bool(v, out);
    case ORM_T_INT: return to_int(v, out);
    case ORM_T_FLOAT: return to_float(v, out);
    case ORM_T_DECIMAL: return to_decimal(v, out);
    case ORM_T_OTHER:
        if (v.tag == ORM_TEXT) {
            *out = v;
            return true;
        }
        return to_text(a, v, out);
    case ORM_T_TEXT: return to_text(a, v, out);
    case ORM_T_DATE:
    case ORM_T_DATETIME:
    case ORM_T_TIME: return to_moment(v, to, out);
    case ORM_T_DURATION: return to_duration(v, out);
    case ORM_T_UUID: {
        char uuid[37];
        if (v.tag != ORM_TEXT || !orm_read_uuid(v.u.s, uuid))
            return false;
        *out = (orm_val){ORM_UUID, {.s = orm_copy_text(a, uuid, 36)}};
        return true;
    }
    case ORM_T_JSON: return to_json(a, v, out);
    case ORM_T_BYTES:
        if (v.tag != ORM_TEXT)
            return false;
        *out = (orm_val){ORM_BYTES, {.bytes = {v.u.s, strlen(v.u.s)}}};
        return true;
    default: return false;
    }
}
