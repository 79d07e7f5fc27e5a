/* Cells of a result, in either format. */
#include <endian.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "orm/driver/postgres.h"
#include "orm/orm.h"

/* How the bytes of a binary cell are read; each has its line in types[] below. */
enum reader {
    READ_NOT, /* by no one here */
    READ_BOOL,
    READ_INT2,
    READ_INT4,
    READ_INT8,
    READ_FLOAT,
    READ_NUMERIC,
    READ_TEXT,
    READ_BYTES,
    READ_UUID,
    READ_JSON,
    READ_JSONB,
    READ_DATE,
    READ_MOMENT,
    READ_ZONED,
    READ_TIME,
    READ_INTERVAL
};

/* By the types' numbers in pg_type.dat, which never change. float4 is left out: its shortest digits are the server's to find. */
static const struct pg_type {
    unsigned char reader;
    unsigned char type; /* of an expression that has none of its own; ORM_T_NONE: the text as it is */
} types[] = {[16] = {READ_BOOL, ORM_T_BOOL},         [17] = {READ_BYTES, ORM_T_BYTES},
             [19] = {READ_TEXT, ORM_T_NONE},         [20] = {READ_INT8, ORM_T_INT},
             [21] = {READ_INT2, ORM_T_INT},          [23] = {READ_INT4, ORM_T_INT},
             [25] = {READ_TEXT, ORM_T_NONE},         [114] = {READ_JSON, ORM_T_JSON},
             [700] = {READ_NOT, ORM_T_FLOAT},        [701] = {READ_FLOAT, ORM_T_FLOAT},
             [705] = {READ_TEXT, ORM_T_NONE},        [1042] = {READ_TEXT, ORM_T_NONE},
             [1043] = {READ_TEXT, ORM_T_NONE},       [1082] = {READ_DATE, ORM_T_DATE},
             [1083] = {READ_TIME, ORM_T_TIME},       [1114] = {READ_MOMENT, ORM_T_DATETIME},
             [1184] = {READ_ZONED, ORM_T_DATETIME},  [1186] = {READ_INTERVAL, ORM_T_DURATION},
             [1700] = {READ_NUMERIC, ORM_T_DECIMAL}, [2950] = {READ_UUID, ORM_T_UUID},
             [3802] = {READ_JSONB, ORM_T_JSON}};

static struct pg_type type_of_oid(Oid oid)
{
    return oid < sizeof types / sizeof *types ? types[oid] : (struct pg_type){READ_NOT, ORM_T_NONE};
}

const unsigned char *orm_pg_readers(PGresult *res, bool *no_memory)
{
    int n = PQnfields(res);
    unsigned char *readers = PQresultAlloc(res, (size_t)n + 1);
    *no_memory = !readers;
    for (int i = 0; readers && i < n; i++) {
        readers[i] = type_of_oid(PQftype(res, i)).reader;
        if (readers[i] == READ_NOT)
            return NULL;
    }
    return readers;
}

/* ---- numbers, big-endian --------------------------------------------------------------------------------------------- */

static int64_t be16(const unsigned char *p)
{
    return (int16_t)(p[0] << 8 | p[1]);
}

static int64_t be32(const unsigned char *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return (int32_t)be32toh(v);
}

static int64_t be64(const unsigned char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return (int64_t)be64toh(v);
}

static double be_double(const unsigned char *p)
{
    int64_t bits = be64(p);
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

static int64_t whole(const unsigned char *p, enum reader r)
{
    return r == READ_INT8 ? be64(p) : r == READ_INT4 ? be32(p) : be16(p);
}

/* ---- moments: the server counts from 2000 ------------------------------------------------------------------------------- */

enum { EPOCH_DAYS = 10957, FIRST_DAY = -719162, LAST_DAY = 2932896 }; /* of the years 1 to 9999, as Python's date */
static const int64_t DAY_US = INT64_C(86400000000);

static bool is_day(int64_t days)
{
    return days >= FIRST_DAY && days <= LAST_DAY;
}

static bool read_moment(const unsigned char *p, orm_datetime *out)
{
    int64_t us = be64(p);
    if (us > INT64_MAX - EPOCH_DAYS * DAY_US) /* infinity too */
        return false;
    out->us = us + EPOCH_DAYS * DAY_US;
    return out->us >= FIRST_DAY * DAY_US && out->us < (LAST_DAY + 1) * DAY_US;
}

static bool read_day(const unsigned char *p, orm_date *out)
{
    int64_t days = be32(p) + EPOCH_DAYS;
    out->days = (int32_t)days;
    return is_day(days);
}

/* ---- what has no member to go into: as the server writes it ---------------------------------------------------------------- */

static int put_clock(char *out, size_t size, uint64_t us, const char *sign)
{
    int n = snprintf(out, size, "%s%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64, sign, us / 3600000000u, us / 60000000u % 60,
                     us / 1000000u % 60);
    if (us % 1000000u == 0)
        return n;
    n += snprintf(out + n, size - (size_t)n, ".%06" PRIu64, us % 1000000u);
    while (out[n - 1] == '0')
        out[--n] = '\0';
    return n;
}

static void put_day(char *out, size_t size, int64_t days, int64_t us, const char *zone)
{
    int year, month, day;
    char clock[32] = " ";
    orm_civil(days, &year, &month, &day);
    put_clock(clock + 1, sizeof clock - 1, us < 0 ? 0 : (uint64_t)us, "");
    snprintf(out, size, "%04d-%02d-%02d%s%s%s", year > 0 ? year : 1 - year, month, day, us < 0 ? "" : clock, zone,
             year > 0 ? "" : " BC");
}

static void put_date(char *out, size_t size, int64_t days)
{
    if (days == INT32_MAX || days == INT32_MIN)
        snprintf(out, size, "%sinfinity", days < 0 ? "-" : "");
    else
        put_day(out, size, days + EPOCH_DAYS, -1, "");
}

static void put_moment(char *out, size_t size, int64_t us, const char *zone)
{
    if (us == INT64_MAX || us == INT64_MIN) {
        snprintf(out, size, "%sinfinity", us < 0 ? "-" : "");
        return;
    }
    int64_t days = us / DAY_US, rest = us % DAY_US;
    put_day(out, size, days + EPOCH_DAYS - (rest < 0), rest < 0 ? rest + DAY_US : rest, zone);
}

/* interval_out() in its style "postgres": 1 year 2 mons -3 days +04:05:06. */
static void put_interval(char *out, size_t size, const unsigned char *p)
{
    int64_t us = be64(p), days = be32(p + 8), months = be32(p + 12);
    const struct {
        int64_t n;
        const char *unit;
    } parts[] = {{months / 12, "year"}, {months % 12, "mon"}, {days, "day"}};
    size_t n = 0;
    bool is_before = false; /* the part before was negative: a positive one says so */
    out[0] = '\0';
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].n == 0)
            continue;
        n += (size_t)snprintf(out + n, size - n, "%s%s%" PRId64 " %s%s", n ? " " : "",
                              is_before && parts[i].n > 0 ? "+" : "", parts[i].n, parts[i].unit,
                              parts[i].n == 1 ? "" : "s");
        is_before = parts[i].n < 0;
    }
    if (us == 0 && n > 0)
        return;
    n += (size_t)snprintf(out + n, size - n, "%s", n ? " " : "");
    put_clock(out + n, size - n, us < 0 ? 0 - (uint64_t)us : (uint64_t)us, us < 0 ? "-" : is_before ? "+" : "");
}

/* float8out(): the shortest digits that read back as the number, with an exponent below 1e-4 and from 1e15 on. What printf()
 * puts between the digits is the locale's. */
static void put_double(char *out, size_t size, double d)
{
    double back = 0;
    if (!isfinite(d)) {
        snprintf(out, size, "%s", isnan(d) ? "NaN" : d < 0 ? "-Infinity" : "Infinity");
        return;
    }
    for (int precision = 0; precision <= 16 && (precision == 0 || back != d); precision++) {
        char printed[48], digits[24] = "";
        int n = 0;
        snprintf(printed, sizeof printed, "%.*e", precision, fabs(d));
        const char *s = printed, *sign = signbit(d) ? "-" : "";
        for (; *s != 'e'; s++)
            if (*s >= '0' && *s <= '9')
                digits[n++] = *s;
        int exponent = atoi(s + 1), n_whole = exponent + 1 < n ? exponent + 1 : n;
        if (exponent < -4 || exponent >= 15)
            snprintf(out, size, "%s%c%s%s%s", sign, digits[0], n > 1 ? "." : "", digits + 1, s);
        else if (exponent < 0)
            snprintf(out, size, "%s0.%.*s%s", sign, -exponent - 1, "0000", digits);
        else
            snprintf(out, size, "%s%.*s%.*s%s%s", sign, n_whole, digits, exponent + 1 - n_whole, "000000000000000",
                     n > n_whole ? "." : "", digits + n_whole);
        if (!orm_read_double(out, &back))
            return;
    }
}

/* Digits to the base of 10,000: how many, the weight of the first, sign, digits behind the point. */
static char *numeric_text(const unsigned char *p, struct orm_arena *a)
{
    enum { NEGATIVE = 0x4000, SPECIAL = 0xc000, MINUS_INFINITY = 0xf000, INFINITY_ = 0xd000 };
    int n = (int)be16(p), weight = (int)be16(p + 2), sign = (int)(be16(p + 4) & 0xffff), places = (int)be16(p + 6);
    if ((sign & SPECIAL) == SPECIAL) {
        const char *name = sign == INFINITY_ ? "Infinity" : sign == MINUS_INFINITY ? "-Infinity" : "NaN";
        return orm_copy_text(a, name, strlen(name));
    }
    int n_whole = weight < 0 ? 1 : weight + 1, n_behind = (places + 3) / 4;
    char *text = orm_alloc(a, 4 * (size_t)(n_whole + n_behind) + 8), *out = text;
    if (sign == NEGATIVE)
        *out++ = '-';
    char *first = out;
    for (int place = n_whole - 1; place >= -n_behind; place--) {
        int at = weight - place, digit = at >= 0 && at < n ? (int)be16(p + 8 + 2 * at) : 0;
        if (place == -1)
            *out++ = '.';
        out += sprintf(out, "%04d", digit);
        if (place == 0) { /* zeros in front, but for the last */
            size_t zeros = strspn(first, "0"), len = (size_t)(out - first);
            zeros -= zeros == len;
            memmove(first, first + zeros, len - zeros + 1);
            out -= zeros;
        }
    }
    char *point = strchr(text, '.');
    if (point)
        point[1 + places] = '\0';
    return text;
}

static const char *hex_text(const unsigned char *p, size_t n, const char *prefix, struct orm_arena *a)
{
    size_t len = strlen(prefix);
    char *text = orm_alloc(a, len + 2 * n + 1);
    memcpy(text, prefix, len);
    for (size_t i = 0; i < n; i++)
        sprintf(text + len + 2 * i, "%02x", p[i]);
    return text;
}

static const char *uuid_text(const unsigned char *p, struct orm_arena *a)
{
    static const char digits[] = "0123456789abcdef";
    char *text = orm_alloc(a, 37), *out = text;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = digits[p[i] >> 4];
        *out++ = digits[p[i] & 15];
    }
    return text;
}

/* What the server would have sent as text; *n becomes its length. */
static const char *text_of(enum reader r, const unsigned char *p, size_t *n, struct orm_arena *a)
{
    char small[128] = "";
    const char *s = small;
    switch (r) {
    case READ_JSONB: /* behind the number of its version */ --*n; return (const char *)p + 1;
    case READ_TEXT:
    case READ_JSON: return (const char *)p;
    case READ_BOOL: s = p[0] ? "t" : "f"; break;
    case READ_INT2:
    case READ_INT4:
    case READ_INT8: snprintf(small, sizeof small, "%" PRId64, whole(p, r)); break;
    case READ_FLOAT: put_double(small, sizeof small, be_double(p)); break;
    case READ_DATE: put_date(small, sizeof small, be32(p)); break;
    case READ_MOMENT: put_moment(small, sizeof small, be64(p), ""); break;
    case READ_ZONED: put_moment(small, sizeof small, be64(p), "+00"); break;
    case READ_TIME: put_clock(small, sizeof small, (uint64_t)be64(p), ""); break;
    case READ_INTERVAL: put_interval(small, sizeof small, p); break;
    case READ_NUMERIC: s = numeric_text(p, a); break;
    case READ_BYTES: s = hex_text(p, *n, "\\x", a); break;
    case READ_UUID: s = uuid_text(p, a); break;
    case READ_NOT: break;
    }
    *n = strlen(s);
    return s == small ? orm_copy_text(a, small, *n) : s;
}

/* ---- cells -------------------------------------------------------------------------------------------------------------- */

static void cell_of_text(const char *s, size_t len, enum orm_type type, struct orm_arena *a, orm_val *out)
{
    switch (type) {
    case ORM_T_INT:
        if (orm_read_int(s, &out->u.i)) {
            out->tag = ORM_INT;
            return;
        }
        if (orm_read_double(s, &out->u.d)) /* numeric where an integer was expected: EXTRACT, SUM */
            *out = orm_v_int((int64_t)out->u.d);
        return;
    case ORM_T_FLOAT:
        if (orm_read_double(s, &out->u.d))
            out->tag = ORM_DBL;
        return;
    case ORM_T_BOOL: *out = orm_v_bool(s[0] == 't'); return;
    case ORM_T_BYTES: {
        size_t n;
        char *copy = orm_alloc(a, len);
        unsigned char *raw = PQunescapeBytea((const unsigned char *)s, &n);
        if (!raw)
            orm_out_of_memory(a);
        *out = orm_v_bytes((orm_bytes){memcpy(copy, raw, n), n});
        PQfreemem(raw);
        return;
    }
    default: {
        orm_val text = orm_v_text(orm_copy_text(a, s, len));
        if (type == ORM_T_NONE || !orm_convert(a, text, type, out))
            *out = text;
    }
    }
}

/* The cells whose bytes are the value; false: by way of the text. */
static bool cell_of_bytes(enum reader r, const unsigned char *p, size_t n, enum orm_type type, struct orm_arena *a,
                          orm_val *out)
{
    switch (r) {
    case READ_INT2:
    case READ_INT4:
    case READ_INT8: *out = orm_v_int(whole(p, r)); return type == ORM_T_INT;
    case READ_FLOAT: *out = orm_v_dbl(be_double(p)); return type == ORM_T_FLOAT;
    case READ_BOOL: *out = orm_v_bool(p[0] != 0); return type == ORM_T_BOOL;
    case READ_DATE: out->tag = ORM_DATE; return type == ORM_T_DATE && read_day(p, &out->u.date);
    case READ_MOMENT:
    case READ_ZONED: out->tag = ORM_DT; return type == ORM_T_DATETIME && read_moment(p, &out->u.dt);
    case READ_BYTES:
        if (type != ORM_T_BYTES)
            return false;
        *out = orm_v_bytes((orm_bytes){orm_copy_text(a, (const char *)p, n), n});
        return true;
    default: return false;
    }
}

void orm_pg_cell(struct orm_cursor *cur, int i, enum orm_type type, struct orm_arena *a, orm_val *out)
{
    *out = (orm_val){.tag = ORM_NULL};
    if (PQgetisnull(cur->handle, cur->row, i))
        return;
    const char *s = PQgetvalue(cur->handle, cur->row, i);
    size_t n = (size_t)PQgetlength(cur->handle, cur->row, i);
    if (type == ORM_T_NONE) /* what an expression without a type of its own gives is said by the server */
        type = type_of_oid(PQftype(cur->handle, i)).type;
    if (cur->readers) {
        const unsigned char *bytes = (const unsigned char *)s;
        if (cell_of_bytes(cur->readers[i], bytes, n, type, a, out))
            return;
        *out = (orm_val){.tag = ORM_NULL};
        s = text_of(cur->readers[i], bytes, &n, a);
    }
    cell_of_text(s, n, type, a, out);
}

bool orm_pg_member(struct orm_cursor *cur, int i, orm_ctype ctype, void *at, struct orm_arena *a)
{
    if (!cur->readers || PQgetisnull(cur->handle, cur->row, i))
        return false;
    const unsigned char *p = (const unsigned char *)PQgetvalue(cur->handle, cur->row, i);
    enum reader r = cur->readers[i];
    switch (r) {
    case READ_INT2:
    case READ_INT4:
    case READ_INT8: {
        int64_t v = whole(p, r);
        if (ctype == ORM_C_INT)
            *(int64_t *)at = v;
        else if (ctype == ORM_C_FK)
            *(orm_fk_any *)at = (orm_fk_any){.id = v, .set = true};
        else if (ctype == ORM_C_OINT)
            *(orm_opt_int *)at = (orm_opt_int){true, v};
        else
            return false;
        return true;
    }
    case READ_TEXT:
        if (ctype != ORM_C_TEXT)
            return false;
        *(const char **)at = orm_copy_text(a, (const char *)p, (size_t)PQgetlength(cur->handle, cur->row, i));
        return true;
    case READ_FLOAT:
        if (ctype == ORM_C_DBL)
            *(double *)at = be_double(p);
        return ctype == ORM_C_DBL;
    case READ_BOOL:
        if (ctype == ORM_C_BOOL)
            *(bool *)at = p[0] != 0;
        return ctype == ORM_C_BOOL;
    case READ_MOMENT:
    case READ_ZONED: return ctype == ORM_C_DT && read_moment(p, at);
    case READ_DATE: return ctype == ORM_C_DATE && read_day(p, at);
    default: return false;
    }
}
