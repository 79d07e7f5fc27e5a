/* Parameters as the server takes them. */
#include <endian.h>
#include <inttypes.h>
#include <stdio.h>

#include "orm/driver/postgres.h"
#include "orm/orm.h"

enum { TEXT_FORMAT, BINARY_FORMAT };
enum { OID_BOOL = 16, OID_INT8 = 20, OID_INT4 = 23, OID_TEXT = 25, OID_TEXT_ARRAY = 1009 };
enum { OID_INT8_ARRAY = 1016, OID_UUID = 2950, OID_UUID_ARRAY = 2951 };

static bool is_wide(int64_t v)
{
    return v > INT32_MAX || v < INT32_MIN;
}

/* The server hashes a list only when its elements have the column's very type: it knows that, we do not. */
static Oid oid_of_list(const struct orm_param *p)
{
    if (p->v.tag == ORM_TEXTS)
        return p->type == ORM_T_UUID ? OID_UUID_ARRAY : OID_TEXT_ARRAY;
    const int64_t *keys = p->v.u.arr.p;
    for (size_t i = 0; i < p->v.u.arr.n; i++)
        if (is_wide(keys[i]))
            return OID_INT8_ARRAY; /* an int4 column takes no such key, but may be compared with it */
    return 0;
}

static Oid oid_of(const struct orm_param *p)
{
    static const Oid oids[] = {
        [ORM_T_NONE] = OID_TEXT, [ORM_T_BOOL] = OID_BOOL, [ORM_T_INT] = OID_INT4,  [ORM_T_FLOAT] = 701,
        [ORM_T_DECIMAL] = 1700,  [ORM_T_TEXT] = OID_TEXT, [ORM_T_DATE] = 1082,     [ORM_T_DATETIME] = 1184,
        [ORM_T_TIME] = 1083,     [ORM_T_BYTES] = 17,      [ORM_T_DURATION] = 1186, [ORM_T_UUID] = OID_UUID,
        [ORM_T_JSON] = 3802,     [ORM_T_OTHER] = 0}; /* 0: as the server sees fit */
    if (p->v.tag == ORM_INTS || p->v.tag == ORM_TEXTS)
        return oid_of_list(p);
    enum orm_type type = p->type == ORM_T_INT && p->v.tag != ORM_INT ? orm_type_of_val(&p->v) : p->type;
    if (type == ORM_T_FLOAT && p->v.tag == ORM_INT)
        type = ORM_T_INT;
    return type == ORM_T_INT && p->v.tag == ORM_INT && is_wide(p->v.u.i) ? OID_INT8 : oids[type];
}

/* A parameter as text; NULL is SQL's NULL. */
static const char *text_of(const orm_val *v, struct orm_arena *a)
{
    char text[64];
    switch (v->tag) {
    case ORM_BOOL: return v->u.b ? "t" : "f";
    case ORM_INT: return orm_printf(a, "%" PRId64, v->u.i);
    case ORM_DBL: orm_format_double(v->u.d, text); break;
    case ORM_TEXT:
    case ORM_UUID:
    case ORM_JSON: return v->u.s;
    case ORM_DUR: return orm_printf(a, "%" PRId64 " microseconds", v->u.dur.us);
    case ORM_DT:
        orm_format_datetime(v->u.dt, text);
        strcat(text, "+00");
        break;
    case ORM_DATE: orm_format_date(v->u.date, text); break;
    case ORM_TIME: orm_format_time(v->u.time, text); break;
    case ORM_DEC: orm_format_decimal(v->u.dec, text); break;
    case ORM_BYTES: {
        char *hex = orm_alloc(a, v->u.bytes.len * 2 + 3), *p = hex;
        p += sprintf(p, "\\x");
        for (size_t i = 0; i < v->u.bytes.len; i++)
            p += sprintf(p, "%02x", ((const unsigned char *)v->u.bytes.ptr)[i]);
        return hex;
    }
    default: return NULL;
    }
    return orm_copy_text(a, text, strlen(text));
}

/* array_in(): {1,2} or {"text","with \\"quotes\\""}. */
static const char *array_of(const orm_val *v, struct orm_arena *a)
{
    struct orm_buf b = {.arena = a};
    const char *const *texts = v->u.arr.p;
    const int64_t *ints = v->u.arr.p;
    orm_put(&b, "{");
    for (size_t i = 0; i < v->u.arr.n; i++) {
        orm_put(&b, i ? "," : "");
        if (v->tag == ORM_INTS) {
            orm_putf(&b, "%" PRId64, ints[i]);
            continue;
        }
        orm_put(&b, "\"");
        for (const char *s = texts[i]; *s; s++) {
            if (*s == '"' || *s == '\\')
                orm_put(&b, "\\");
            orm_put_n(&b, s, 1);
        }
        orm_put(&b, "\"");
    }
    orm_put(&b, "}");
    return b.p;
}

static void write_param(const struct orm_param *p, struct orm_arena *a, struct orm_pg_params *out, size_t i)
{
    Oid oid = out->oids[i] = oid_of(p);
    bool is_list = p->v.tag == ORM_INTS || p->v.tag == ORM_TEXTS;
    bool is_binary = p->v.tag == ORM_INT && (oid == OID_INT4 || oid == OID_INT8);
    out->has_list = out->has_list || is_list;
    out->formats[i] = is_binary ? BINARY_FORMAT : TEXT_FORMAT;
    if (!is_binary) {
        out->values[i] = is_list ? array_of(&p->v, a) : text_of(&p->v, a);
        return;
    }
    uint64_t wide = htobe64((uint64_t)p->v.u.i);
    uint32_t narrow = htobe32((uint32_t)p->v.u.i);
    out->values[i] =
        oid == OID_INT8 ? orm_copy_text(a, (const char *)&wide, 8) : orm_copy_text(a, (const char *)&narrow, 4);
    out->lengths[i] = oid == OID_INT8 ? 8 : 4;
}

void orm_pg_write_params(const struct orm_statement *st, struct orm_arena *a, struct orm_pg_params *out)
{
    size_t n = st->n_params;
    *out = (struct orm_pg_params){.n = (int)n,
                                  .oids = ORM_NEW_N(a, Oid, n + 1),
                                  .values = ORM_NEW_N(a, const char *, n + 1),
                                  .lengths = ORM_NEW_N(a, int, n + 1),
                                  .formats = ORM_NEW_N(a, int, n + 1)};
    for (size_t i = 0; i < n; i++)
        write_param(&st->params[i], a, out, i);
}
