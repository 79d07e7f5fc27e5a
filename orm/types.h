/* The plain data of the ORM: what a struct member and what a '?' can be.
 *
 * Nothing here owns memory. A value handed to a call (orm_val) is copied before the call returns; a value handed out
 * (text, bytes) belongs to the scope (orm_db) and dies with it. */
#ifndef ORM_TYPES_H
#define ORM_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From C++ the calls, the rows and their getters can be used; models and chains (the macros) are C. */
#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#    define ORM_API __attribute__((visibility("default")))
#else
#    define ORM_API
#endif

typedef struct orm_db orm_db;       /* a scope: one connection, one arena, one sticky error; one thread at a time */
typedef struct orm_qs orm_qs;       /* a queryset: lazy, immutable, cached after its first full evaluation        */
typedef struct orm_rec orm_rec;     /* a row without a struct: values(), values_list(), aggregate()               */
typedef struct orm_expr orm_expr;   /* a reusable condition made by orm_q()                                       */
typedef struct orm_model orm_model; /* a model's constant table, written by ORM_MODEL                             */

/* Django's exceptions, by number. */
typedef enum orm_status {
    ORM_OK,
    ORM_DOES_NOT_EXIST,
    ORM_MULTIPLE_OBJECTS,
    ORM_FIELD_ERROR,
    ORM_VALUE_ERROR,
    ORM_TYPE_ERROR,
    ORM_INTEGRITY,
    ORM_PROTECTED,
    ORM_NOT_SUPPORTED,
    ORM_TRANSACTION,
    ORM_OPERATIONAL,
    ORM_SYNTAX, /* the expression text does not parse: Python's SyntaxError */
    ORM_NOMEM,
    ORM_ASSERTION,              /* filter after a slice, negative indexes */
    ORM_ATTRIBUTE,              /* no such attribute, manager or method */
    ORM_NAME,                   /* the shell: no such name */
    ORM_INDEX,                  /* [n] behind the last row */
    ORM_KEY,                    /* the shell: [name] that a row does not have */
    ORM_RELATED_DOES_NOT_EXIST, /* nothing behind a reverse one-to-one */
    ORM_DATA,                   /* the value does not fit its column: too long, out of range */
    ORM_PROGRAMMING,            /* no such table or column on PostgreSQL, a misuse of SQL */
    ORM_RESTRICTED,
    ORM_VALIDATION, /* a text that is no date, decimal, boolean, UUID */
    ORM_NOT_IMPLEMENTED,
    ORM_OVERFLOW,
    ORM_FIELD_DOES_NOT_EXIST, /* of only() and defer() */
    ORM_DATABASE              /* any other error of the server */
} orm_status;

/* ---- scalars that can be struct members ---------------------------------------------------------------------- */
typedef struct {
    int64_t us; /* microseconds since 1970-01-01 00:00 UTC */
} orm_datetime;
typedef struct {
    int32_t days; /* days since 1970-01-01 */
} orm_date;
typedef struct {
    int64_t us; /* microseconds since midnight */
} orm_time;
typedef struct {
    int64_t us; /* microseconds, may be negative */
} orm_duration;
typedef struct {
    int64_t coef;
    int8_t exp;   /* value = (coef + more * 2^64) * 10^exp: 28 digits */
    int32_t more; /* 0 unless coef alone is too small */
} orm_decimal;
typedef struct {
    const void *ptr;
    size_t len;
} orm_bytes;

/* Nullable columns carry their own flag; text needs none: a NULL pointer is SQL's NULL. */
typedef struct {
    bool set;
    int64_t v;
} orm_opt_int;
typedef struct {
    bool set;
    bool v;
} orm_opt_bool;
typedef struct {
    bool set;
    double v;
} orm_opt_dbl;
typedef struct {
    bool set;
    orm_datetime v;
} orm_opt_dt;
typedef struct {
    bool set;
    orm_date v;
} orm_opt_date;
typedef struct {
    bool set;
    orm_decimal v;
} orm_opt_dec;
typedef struct {
    bool set;
    orm_time v;
} orm_opt_time;
typedef struct {
    bool set;
    orm_duration v;
} orm_opt_dur;

/* First member of every model struct. */
typedef struct orm_row {
    orm_db *db;
    const orm_model *model;
    struct orm_row_state *state; /* result, index, caches; NULL in a row that never met a database */
} orm_row;

/* A foreign key member: the key, whether it is set (a key that is not 0 always is), and the object once it has been
 * loaded. The object counts only while obj_id is id: assigning another id drops it, as in Django. */
#define ORM_FK(T)                                                                                                      \
    struct {                                                                                                           \
        int64_t id;                                                                                                    \
        bool set;                                                                                                      \
        struct T *obj;                                                                                                 \
        int64_t obj_id;                                                                                                \
    }
typedef struct {
    int64_t id;
    bool set;
    orm_row *obj;
    int64_t obj_id;
} orm_fk_any;

/* The same for a key that is a text: a CharField, a UUID. NULL points at nothing. */
#define ORM_FK_TEXT(T)                                                                                                 \
    struct {                                                                                                           \
        const char *id;                                                                                                \
        struct T *obj;                                                                                                 \
        const char *obj_id;                                                                                            \
    }
typedef struct {
    const char *id;
    orm_row *obj;
    const char *obj_id;
} orm_fk_text_any;

/* A many-to-many member: a place holder that names the relation; read it with the getter of ORM_SET_GETTER. */
typedef struct {
    char unused;
} orm_many;

/* ---- bound values ----------------------------------------------------------------------------------------------- */
typedef enum orm_tag {
    ORM_END,
    ORM_NULL,
    ORM_BOOL,
    ORM_INT,
    ORM_DBL,
    ORM_TEXT,
    ORM_DT,
    ORM_DATE,
    ORM_TIME,
    ORM_DEC,
    ORM_DUR,
    ORM_UUID, /* u.s: 36 characters */
    ORM_JSON, /* u.s: a JSON document */
    ORM_BYTES,
    ORM_INTS,
    ORM_TEXTS,
    ORM_ROW,
    ORM_QS,
    ORM_EXPR,
    ORM_BAD /* an unsigned number above INT64_MAX: reported as a ValueError */
} orm_tag;

typedef struct orm_val {
    orm_tag tag;
    union {
        bool b;
        int64_t i;
        double d;
        const char *s;
        orm_datetime dt;
        orm_date date;
        orm_time time;
        orm_decimal dec;
        orm_duration dur;
        orm_bytes bytes;
        const orm_row *row;
        orm_qs *qs;
        const orm_expr *x;
        struct {
            const void *p;
            size_t n;
        } arr;
    } u;
} orm_val;

/* Always inlined and artificial: debuggers and profilers show the caller's line. */
#define ORM_INL static inline __attribute__((always_inline, artificial, unused))
ORM_INL orm_val orm_v_bool(bool x)
{
    orm_val v = {ORM_BOOL, {0}};
    v.u.b = x;
    return v;
}
ORM_INL orm_val orm_v_int(int64_t x)
{
    orm_val v = {ORM_INT, {0}};
    v.u.i = x;
    return v;
}
ORM_INL orm_val orm_v_u64(uint64_t x)
{
    orm_val v = {x > INT64_MAX ? ORM_BAD : ORM_INT, {0}};
    v.u.i = (int64_t)x;
    return v;
}
ORM_INL orm_val orm_v_dbl(double x)
{
    orm_val v = {ORM_DBL, {0}};
    v.u.d = x;
    return v;
}
ORM_INL orm_val orm_v_text(const char *x)
{
    orm_val v = {x ? ORM_TEXT : ORM_NULL, {0}};
    v.u.s = x;
    return v;
}
ORM_INL orm_val orm_v_null(const void *x)
{
    orm_val v = {ORM_NULL, {0}};
    (void)x;
    return v;
}
ORM_INL orm_val orm_v_dt(orm_datetime x)
{
    orm_val v = {ORM_DT, {0}};
    v.u.dt = x;
    return v;
}
ORM_INL orm_val orm_v_date(orm_date x)
{
    orm_val v = {ORM_DATE, {0}};
    v.u.date = x;
    return v;
}
ORM_INL orm_val orm_v_time(orm_time x)
{
    orm_val v = {ORM_TIME, {0}};
    v.u.time = x;
    return v;
}
ORM_INL orm_val orm_v_dec(orm_decimal x)
{
    orm_val v = {ORM_DEC, {0}};
    v.u.dec = x;
    return v;
}
ORM_INL orm_val orm_v_dur(orm_duration x)
{
    orm_val v = {ORM_DUR, {0}};
    v.u.dur = x;
    return v;
}
ORM_INL orm_val orm_v_bytes(orm_bytes x)
{
    orm_val v = {ORM_BYTES, {0}};
    v.u.bytes = x;
    return v;
}
ORM_INL orm_val orm_v_row(const orm_row *x)
{
    orm_val v = {x ? ORM_ROW : ORM_NULL, {0}};
    v.u.row = x;
    return v;
}
ORM_INL orm_val orm_v_qs(orm_qs *x)
{
    orm_val v = {ORM_QS, {0}};
    v.u.qs = x;
    return v;
}
ORM_INL orm_val orm_v_expr(const orm_expr *x)
{
    orm_val v = {ORM_EXPR, {0}};
    v.u.x = x;
    return v;
}
/* A JSON document for a '?'; a plain text is a JSON string. */
ORM_INL orm_val orm_json(const char *document)
{
    orm_val v = {document ? ORM_JSON : ORM_NULL, {0}};
    v.u.s = document;
    return v;
}
ORM_INL orm_val orm_v_val(orm_val x)
{
    return x;
}
/* Lists for __in: n numbers, n texts. */
ORM_INL orm_val orm_ints(const int64_t *p, size_t n)
{
    orm_val v = {ORM_INTS, {0}};
    v.u.arr.p = p;
    v.u.arr.n = n;
    return v;
}
ORM_INL orm_val orm_texts(const char *const *p, size_t n)
{
    orm_val v = {ORM_TEXTS, {0}};
    v.u.arr.p = p;
    v.u.arr.n = n;
    return v;
}

ORM_INL orm_decimal orm_dec(int64_t coef, int exp) /* orm_dec(-150, -2) is -1.50 */
{
    orm_decimal d = {coef, (int8_t)exp, 0};
    return d;
}

/* Any C value that a '?' takes. A struct of a model is passed as &row: ORM_V(&author->row). */
#define ORM_V(x)                                                                                                       \
    _Generic((x),                                                                                                      \
        bool: orm_v_bool,                                                                                              \
        signed char: orm_v_int,                                                                                        \
        short: orm_v_int,                                                                                              \
        int: orm_v_int,                                                                                                \
        long: orm_v_int,                                                                                               \
        long long: orm_v_int,                                                                                          \
        unsigned char: orm_v_int,                                                                                      \
        unsigned short: orm_v_int,                                                                                     \
        unsigned: orm_v_int,                                                                                           \
        unsigned long: orm_v_u64,                                                                                      \
        unsigned long long: orm_v_u64,                                                                                 \
        float: orm_v_dbl,                                                                                              \
        double: orm_v_dbl,                                                                                             \
        char *: orm_v_text,                                                                                            \
        const char *: orm_v_text,                                                                                      \
        void *: orm_v_null,                                                                                            \
        orm_datetime: orm_v_dt,                                                                                        \
        orm_date: orm_v_date,                                                                                          \
        orm_time: orm_v_time,                                                                                          \
        orm_decimal: orm_v_dec,                                                                                        \
        orm_duration: orm_v_dur,                                                                                       \
        orm_bytes: orm_v_bytes,                                                                                        \
        orm_row *: orm_v_row,                                                                                          \
        const orm_row *: orm_v_row,                                                                                    \
        orm_qs *: orm_v_qs,                                                                                            \
        orm_expr *: orm_v_expr,                                                                                        \
        const orm_expr *: orm_v_expr,                                                                                  \
        orm_val: orm_v_val)(x)

#ifdef __cplusplus
}
#endif

#endif
