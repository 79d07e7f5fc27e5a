/* Constants that Python writes as calls (date(2026, 1, 2), timedelta(days=1), Decimal('1.5')) and what Python computes
 * with constants before Django sees them. */
#include <math.h>

#include "orm/orm.h"
#include "orm/resolve/resolve.h"

/* Integer arguments by position or name; false when one is no integer. */
static bool read_ints(struct orm_resolver *r, const struct orm_node *n, const char *const *names, size_t n_names,
                      double *out)
{
    for (size_t i = 0; i < n->n_args; i++) {
        const struct orm_arg *a = &n->args[i];
        size_t k = i;
        if (a->name) {
            for (k = 0; k < n_names && strcmp(names[k], a->name) != 0; k++)
                ;
            if (k == n_names && strcmp(a->name, "tzinfo") == 0)
                continue; /* only UTC can be meant */
        }
        bool is_zone = k == 7 && n_names == 7;
        if (is_zone)
            continue;
        if (k >= n_names || a->node->kind != ORM_N_CONST ||
            (a->node->value.tag != ORM_INT && a->node->value.tag != ORM_DBL))
            return orm_resolve_fail(r, a->node, ORM_TYPE_ERROR, "%s() takes numbers", n->lhs->name);
        out[k] = orm_val_to_double(&a->node->value);
    }
    return true;
}

static bool in_range(double v, double low, double high)
{
    return v >= low && v <= high && v == floor(v);
}

static const int64_t second_us = 1000000;

static bool clock_of(const double *v, int64_t *us)
{
    if (!in_range(v[0], 0, 23) || !in_range(v[1], 0, 59) || !in_range(v[2], 0, 59) || !in_range(v[3], 0, 999999))
        return false;
    *us = (((int64_t)v[0] * 60 + (int64_t)v[1]) * 60 + (int64_t)v[2]) * second_us + (int64_t)v[3];
    return true;
}

static struct orm_term *bad(struct orm_resolver *r, const struct orm_node *n)
{
    orm_resolve_fail(r, n, ORM_VALUE_ERROR, "%s(): out of range", n->lhs->name);
    return NULL;
}

static bool is_day(const double *v)
{
    if (!in_range(v[0], 1, 9999) || !in_range(v[1], 1, 12) || !in_range(v[2], 1, 31))
        return false;
    int y, m, d;
    orm_civil(orm_days((int)v[0], (int)v[1], (int)v[2]), &y, &m, &d);
    return m == (int)v[1];
}

static struct orm_term *special_datetime(struct orm_resolver *r, const struct orm_node *n,
                                         const struct orm_scope_rule *rule)
{
    (void)rule;
    static const char *const names[] = {"year", "month", "day", "hour", "minute", "second", "microsecond"};
    double v[7] = {0};
    int64_t us;
    if (!read_ints(r, n, names, 7, v))
        return NULL;
    if (!is_day(v) || !clock_of(v + 3, &us))
        return bad(r, n);
    orm_datetime t = orm_utc((int)v[0], (int)v[1], (int)v[2], 0, 0, 0);
    t.us += us;
    return orm_term_value(r->arena, orm_v_dt(t));
}

static struct orm_term *special_date(struct orm_resolver *r, const struct orm_node *n,
                                     const struct orm_scope_rule *rule)
{
    (void)rule;
    static const char *const names[] = {"year", "month", "day"};
    double v[3] = {0};
    if (!read_ints(r, n, names, 3, v))
        return NULL;
    if (!is_day(v))
        return bad(r, n);
    return orm_term_value(r->arena, orm_v_date(orm_day((int)v[0], (int)v[1], (int)v[2])));
}

static struct orm_term *special_time(struct orm_resolver *r, const struct orm_node *n,
                                     const struct orm_scope_rule *rule)
{
    (void)rule;
    static const char *const names[] = {"hour", "minute", "second", "microsecond"};
    double v[4] = {0};
    int64_t us;
    if (!read_ints(r, n, names, 4, v))
        return NULL;
    if (!clock_of(v, &us))
        return bad(r, n);
    return orm_term_value(r->arena, orm_v_time((orm_time){us}));
}

static struct orm_term *special_timedelta(struct orm_resolver *r, const struct orm_node *n,
                                          const struct orm_scope_rule *rule)
{
    (void)rule;
    static const char *const names[] = {"days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"};
    static const double us[] = {86400e6, 1e6, 1, 1e3, 60e6, 3600e6, 604800e6};
    double v[7] = {0}, sum = 0;
    if (!read_ints(r, n, names, 7, v))
        return NULL;
    for (size_t i = 0; i < 7; i++)
        sum += v[i] * us[i];
    if (!(fabs(sum) < 9e18))
        return bad(r, n);
    return orm_term_value(r->arena, orm_v_dur((orm_duration){(int64_t)nearbyint(sum)}));
}

static struct orm_term *one_text(struct orm_resolver *r, const struct orm_node *n, enum orm_type type)
{
    orm_val v;
    const struct orm_node *a = n->n_args == 1 ? n->args[0].node : NULL;
    if (!a || a->kind != ORM_N_CONST || !orm_convert(r->arena, a->value, type, &v) || v.tag == ORM_NULL)
        return bad(r, n);
    return orm_term_value(r->arena, v);
}

static struct orm_term *special_decimal(struct orm_resolver *r, const struct orm_node *n,
                                        const struct orm_scope_rule *rule)
{
    (void)rule;
    return one_text(r, n, ORM_T_DECIMAL);
}

static struct orm_term *special_uuid(struct orm_resolver *r, const struct orm_node *n,
                                     const struct orm_scope_rule *rule)
{
    (void)rule;
    return one_text(r, n, ORM_T_UUID);
}

orm_special orm_special_literal(const char *name)
{
    static const struct {
        const char *name;
        orm_special special;
    } literals[] = {{"date", special_date},           {"datetime", special_datetime}, {"time", special_time},
                    {"timedelta", special_timedelta}, {"Decimal", special_decimal},   {"UUID", special_uuid}};
    for (size_t i = 0; i < sizeof literals / sizeof *literals; i++)
        if (strcmp(literals[i].name, name) == 0)
            return literals[i].special;
    return NULL;
}

/* ---- Python's arithmetic ---------------------------------------------------------------------------------------------- */

static struct orm_term *fold_ints(struct orm_resolver *r, enum orm_op op, int64_t a, int64_t b)
{
    int64_t out = 0;
    bool overflow = false;
    switch (op) {
    case ORM_OP_ADD: overflow = __builtin_add_overflow(a, b, &out); break;
    case ORM_OP_SUB: overflow = __builtin_sub_overflow(a, b, &out); break;
    case ORM_OP_MUL: overflow = __builtin_mul_overflow(a, b, &out); break;
    case ORM_OP_DIV: return b ? orm_term_value(r->arena, orm_v_dbl((double)a / (double)b)) : NULL;
    case ORM_OP_MOD:
        if (b == 0 || b == -1)
            return b ? orm_term_value(r->arena, orm_v_int(0)) : NULL;
        out = a % b;
        if (out && (out < 0) != (b < 0))
            out += b;
        break;
    case ORM_OP_POW:
        if (b < 0)
            return orm_term_value(r->arena, orm_v_dbl(pow((double)a, (double)b)));
        out = 1;
        for (int64_t i = 0; i < b && !overflow; i++)
            overflow = __builtin_mul_overflow(out, a, &out) || i > 64;
        break;
    case ORM_OP_AND: out = a & b; break;
    case ORM_OP_OR: out = a | b; break;
    case ORM_OP_XOR: out = a ^ b; break;
    default: return NULL;
    }
    if (!overflow)
        return orm_term_value(r->arena, orm_v_int(out));
    orm_fail(r->error, ORM_OVERFLOW, "the constant does not fit 64 bits");
    return NULL;
}

static struct orm_term *fold_doubles(struct orm_resolver *r, enum orm_op op, double a, double b)
{
    double out;
    switch (op) {
    case ORM_OP_ADD: out = a + b; break;
    case ORM_OP_SUB: out = a - b; break;
    case ORM_OP_MUL: out = a * b; break;
    case ORM_OP_DIV: out = a / b; break;
    case ORM_OP_POW: out = pow(a, b); break;
    default: return NULL;
    }
    return orm_term_value(r->arena, orm_v_dbl(out));
}

static int64_t moment_us(const orm_val *v)
{
    return v->tag == ORM_DATE ? v->u.date.days * INT64_C(86400000000) : v->tag == ORM_DT ? v->u.dt.us : v->u.dur.us;
}

struct orm_term *orm_fold(struct orm_resolver *r, enum orm_op op, const struct orm_term *a, const struct orm_term *b)
{
    static const orm_val zero = {ORM_INT, {.i = 0}};
    const orm_val *x = a ? &a->value : &zero, *y = &b->value;
    orm_val out = {.tag = ORM_NULL};
    if (x->tag == ORM_INT && y->tag == ORM_INT)
        return fold_ints(r, op, x->u.i, y->u.i);
    bool numbers = (x->tag == ORM_INT || x->tag == ORM_DBL) && (y->tag == ORM_INT || y->tag == ORM_DBL);
    if (numbers)
        return fold_doubles(r, op, orm_val_to_double(x), orm_val_to_double(y));
    if (!a && y->tag == ORM_DUR)
        out = orm_v_dur((orm_duration){-y->u.dur.us});
    else if (!a && y->tag == ORM_DEC)
        out = orm_v_dec(orm_decimal_negate(y->u.dec));
    int sign = op == ORM_OP_ADD ? 1 : op == ORM_OP_SUB ? -1 : 0;
    bool is_moment = x->tag == ORM_DT || x->tag == ORM_DATE || x->tag == ORM_DUR;
    if (a && sign && is_moment && y->tag == ORM_DUR) {
        int64_t us = moment_us(x) + sign * y->u.dur.us;
        out = *x;
        if (x->tag == ORM_DATE)
            out.u.date.days =
                (int32_t)((us - ((us % INT64_C(86400000000)) + INT64_C(86400000000)) % INT64_C(86400000000)) /
                          INT64_C(86400000000));
        else if (x->tag == ORM_DT)
            out.u.dt.us = us;
        else
            out.u.dur.us = us;
    } else if (a && sign < 0 && x->tag == y->tag && (x->tag == ORM_DT || x->tag == ORM_DATE)) {
        out = orm_v_dur((orm_duration){moment_us(x) - moment_us(y)});
    } else if (a && op == ORM_OP_ADD && x->tag == ORM_TEXT && y->tag == ORM_TEXT) {
        out = orm_v_text(orm_printf(r->arena, "%s%s", x->u.s, y->u.s));
    }
    return out.tag == ORM_NULL ? NULL : orm_term_value(r->arena, out);
}
