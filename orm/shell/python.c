/* What Python brings along: dates, decimals, UUIDs, len and list, arithmetic between constants. */
#include <inttypes.h>
#include <math.h>

#include "orm/shell/shell.h"

static const int64_t second_us = INT64_C(1000000), minute_us = 60 * INT64_C(1000000), hour_us = 3600 * INT64_C(1000000),
                     day_us = 86400 * INT64_C(1000000);

enum { MAX_ARGS = 8 };

/* Positional and named arguments into places; those that are missing stay ORM_END. tzinfo may be a module (UTC). */
static bool read_args(struct shell *s, const struct orm_node *call, const char *const *names, size_t n_names,
                      orm_val *out)
{
    for (size_t i = 0; i < n_names; i++)
        out[i] = (orm_val){.tag = ORM_END};
    for (size_t i = 0; i < call->n_args; i++) {
        const struct orm_arg *a = &call->args[i];
        size_t at = i;
        if (a->name)
            for (at = 0; at < n_names && strcmp(names[at], a->name) != 0; at++)
                ;
        if (at >= n_names)
            return orm_fail_at(&s->db->error, ORM_TYPE_ERROR, call->text, a->pos,
                               a->name ? "an unexpected keyword argument" : "too many arguments");
        struct shell_value v;
        if (!shell_eval(s, a->node, &v))
            return false;
        if (v.kind == SHELL_MODULE)
            continue;
        if (v.kind == SHELL_RECORD && v.is_flat)
            v = shell_scalar(v.rec->vals[0]);
        if (v.kind != SHELL_SCALAR)
            return orm_fail_at(&s->db->error, ORM_TYPE_ERROR, call->text, a->pos, "a plain value is needed here");
        out[at] = v.scalar;
    }
    return true;
}

static bool int_in(struct shell *s, const struct orm_node *call, const char *name, const orm_val *v, int64_t low,
                   int64_t high, int64_t *out)
{
    if (v->tag == ORM_END)
        return true;
    if (v->tag != ORM_INT)
        return orm_fail_at(&s->db->error, ORM_TYPE_ERROR, call->text, call->pos, "%s must be an integer", name);
    *out = v->u.i;
    return (*out >= low && *out <= high) || orm_fail_at(&s->db->error, ORM_VALUE_ERROR, call->text, call->pos,
                                                        "%s must be in %" PRId64 "..%" PRId64, name, low, high);
}

static bool read_ymd(struct shell *s, const struct orm_node *call, const orm_val *v, int64_t *days)
{
    int64_t y = 0, m = 0, d = 0;
    if (v[0].tag == ORM_END || v[1].tag == ORM_END || v[2].tag == ORM_END)
        return orm_fail_at(&s->db->error, ORM_TYPE_ERROR, call->text, call->pos, "year, month and day are needed");
    if (!int_in(s, call, "year", &v[0], 1, 9999, &y) || !int_in(s, call, "month", &v[1], 1, 12, &m) ||
        !int_in(s, call, "day", &v[2], 1, 31, &d))
        return false;
    int y2, m2, d2;
    *days = orm_days((int)y, (int)m, (int)d);
    orm_civil(*days, &y2, &m2, &d2);
    return m2 == m ||
           orm_fail_at(&s->db->error, ORM_VALUE_ERROR, call->text, call->pos, "day is out of range for month");
}

static bool read_hms(struct shell *s, const struct orm_node *call, const orm_val *v, int64_t *us)
{
    int64_t h = 0, m = 0, sec = 0, micro = 0;
    if (!int_in(s, call, "hour", &v[0], 0, 23, &h) || !int_in(s, call, "minute", &v[1], 0, 59, &m) ||
        !int_in(s, call, "second", &v[2], 0, 59, &sec) || !int_in(s, call, "microsecond", &v[3], 0, 999999, &micro))
        return false;
    *us = h * hour_us + m * minute_us + sec * second_us + micro;
    return true;
}

static bool make_date(struct shell *s, const struct orm_node *call, struct shell_value *out)
{
    static const char *const names[] = {"year", "month", "day"};
    orm_val v[3];
    int64_t days = 0;
    if (!read_args(s, call, names, 3, v) || !read_ymd(s, call, v, &days))
        return false;
    *out = shell_scalar(orm_v_date((orm_date){(int32_t)days}));
    return true;
}

static bool make_datetime(struct shell *s, const struct orm_node *call, struct shell_value *out)
{
    static const char *const names[] = {"year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo"};
    orm_val v[MAX_ARGS];
    int64_t days = 0, us = 0;
    if (!read_args(s, call, names, 8, v) || !read_ymd(s, call, v, &days) || !read_hms(s, call, v + 3, &us))
        return false;
    *out = shell_scalar(orm_v_dt((orm_datetime){days * day_us + us}));
    return true;
}

static bool make_time(struct shell *s, const struct orm_node *call, struct shell_value *out)
{
    static const char *const names[] = {"hour", "minute", "second", "microsecond", "tzinfo"};
    orm_val v[5];
    int64_t us;
    if (!read_args(s, call, names, 5, v) || !read_hms(s, call, v, &us))
        return false;
    *out = shell_scalar(orm_v_time((orm_time){us}));
    return true;
}

static bool make_timedelta(struct shell *s, const struct orm_node *call, struct shell_value *out)
{
    static const char *const names[] = {"days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"};
    const int64_t units[] = {day_us, second_us, 1, 1000, minute_us, hour_us, 7 * day_us};
    orm_val v[7];
    if (!read_args(s, call, names, 7, v))
        return false;
    int64_t us = 0;
    for (size_t i = 0; i < 7; i++) {
        int64_t part = 0;
        if (v[i].tag == ORM_INT && __builtin_mul_overflow(v[i].u.i, units[i], &part))
            return shell_fail(s, ORM_OVERFLOW, "timedelta is out of range");
        if (v[i].tag == ORM_DBL && !(fabs(v[i].u.d) * (double)units[i] < 9e18))
            return shell_fail(s, ORM_OVERFLOW, "timedelta is out of range");
        if (v[i].tag == ORM_DBL)
            part = llrint(v[i].u.d * (double)units[i]);
        else if (v[i].tag != ORM_INT && v[i].tag != ORM_END)
            return orm_fail_at(&s->db->error, ORM_TYPE_ERROR, call->text, call->pos, "timedelta takes numbers");
        if (__builtin_add_overflow(us, part, &us))
            return shell_fail(s, ORM_OVERFLOW, "timedelta is out of range");
    }
    *out = shell_scalar(orm_v_dur((orm_duration){us}));
    return true;
}

/* One argument of any type into a type. */
static bool convert_arg(struct shell *s, const struct orm_node *call, enum orm_type type, struct shell_value *out)
{
    static const char *const names[] = {"value"};
    orm_val v, got;
    if (!read_args(s, call, names, 1, &v))
        return false;
    if (v.tag == ORM_END || v.tag == ORM_NULL || !orm_convert(&s->db->arena, v, type, &got))
        return orm_fail_at(&s->db->error, ORM_VALUE_ERROR, call->text, call->pos, "the value is no %s",
                           orm_type_name(type));
    *out = shell_scalar(got);
    return true;
}

static bool make_decimal(struct shell *s, const struct orm_node *call, struct shell_value *out)
{
    return convert_arg(s, call, ORM_T_DECIMAL, out);
}

static bool make_uuid(struct shell *s, const struct orm_node *call, struct shell_value *out)
{
    return convert_arg(s, call, ORM_T_UUID, out);
}

static bool make_int(struct shell *s, const struct orm_node *call, struct shell_value *out)
{
    return convert_arg(s, call, ORM_T_INT, out);
}

static bool make_float(struct shell *s, const struct orm_node *call, struct shell_value *out)
{
    return convert_arg(s, call, ORM_T_FLOAT, out);
}

static bool iso_datetime(struct shell *s, const struct orm_node *call, struct shell_value *out)
{
    return convert_arg(s, call, ORM_T_DATETIME, out);
}

static bool iso_date(struct shell *s, const struct orm_node *call, struct shell_value *out)
{
    return convert_arg(s, call, ORM_T_DATE, out);
}

static bool now(struct shell *s, const struct orm_node *call, struct shell_value *out)
{
    (void)s;
    (void)call;
    *out = shell_scalar(orm_v_dt(orm_now()));
    return true;
}

static bool today(struct shell *s, const struct orm_node *call, struct shell_value *out)
{
    orm_val v;
    (void)call;
    orm_convert(&s->db->arena, orm_v_dt(orm_now()), ORM_T_DATE, &v);
    *out = shell_scalar(v);
    return true;
}

static bool only_arg(struct shell *s, const struct orm_node *call, struct shell_value *out)
{
    return call->n_args == 1 ? shell_eval(s, call->args[0].node, out)
                             : orm_fail_at(&s->db->error, ORM_TYPE_ERROR, call->text, call->pos, "takes one argument");
}

static bool length_of(struct shell *s, const struct orm_node *call, int64_t *out)
{
    struct shell_value v;
    if (!only_arg(s, call, &v))
        return false;
    if (v.kind == SHELL_QS || v.kind == SHELL_RELATED)
        return (*out = orm_len(v.qs)) >= 0;
    *out = v.kind == SHELL_SCALAR && v.scalar.tag == ORM_TEXT ? (int64_t)strlen(v.scalar.u.s) : (int64_t)v.n;
    return v.kind == SHELL_LIST || v.kind == SHELL_DICT || (v.kind == SHELL_SCALAR && v.scalar.tag == ORM_TEXT) ||
           orm_fail_at(&s->db->error, ORM_TYPE_ERROR, call->text, call->pos, "the value has no len()");
}

static bool call_len(struct shell *s, const struct orm_node *call, struct shell_value *out)
{
    int64_t n;
    if (!length_of(s, call, &n))
        return false;
    *out = shell_scalar(orm_v_int(n));
    return true;
}

static bool call_bool(struct shell *s, const struct orm_node *call, struct shell_value *out)
{
    struct shell_value v;
    bool b;
    if (!only_arg(s, call, &v) || !shell_truth(s, &v, &b))
        return false;
    *out = shell_scalar(orm_v_bool(b));
    return true;
}

static bool call_list(struct shell *s, const struct orm_node *call, struct shell_value *out)
{
    struct shell_value v;
    if (!only_arg(s, call, &v))
        return false;
    *out = (struct shell_value){.kind = SHELL_LIST};
    return shell_items_of(s, &v, &out->items, &out->n);
}

static bool call_str(struct shell *s, const struct orm_node *call, struct shell_value *out)
{
    struct shell_value v;
    const char *text;
    if (!only_arg(s, call, &v) || !(text = shell_str(s, &v)))
        return false;
    *out = shell_scalar(orm_v_text(text));
    return true;
}

static bool call_range(struct shell *s, const struct orm_node *call, struct shell_value *out)
{
    static const char *const names[] = {"start", "stop", "step"};
    enum { MAX_RANGE = 1000000 };
    orm_val v[3];
    int64_t start = 0, stop = 0, step = 1;
    if (!read_args(s, call, names, 3, v))
        return false;
    bool is_one = v[1].tag == ORM_END;
    if (call->n_args == 0 || !int_in(s, call, "start", &v[0], INT32_MIN, INT32_MAX, is_one ? &stop : &start) ||
        !int_in(s, call, "stop", &v[1], INT32_MIN, INT32_MAX, &stop) ||
        !int_in(s, call, "step", &v[2], INT32_MIN, INT32_MAX, &step) || step == 0)
        return orm_fail_at(&s->db->error, ORM_TYPE_ERROR, call->text, call->pos, "range(start, stop, step)");
    int64_t n = step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step;
    if (n > MAX_RANGE)
        return shell_fail(s, ORM_OVERFLOW, "range() ends at %d here", MAX_RANGE);
    *out = (struct shell_value){.kind = SHELL_LIST, .n = n > 0 ? (size_t)n : 0};
    out->items = ORM_NEW_N(&s->db->arena, struct shell_value, out->n);
    for (size_t i = 0; i < out->n; i++)
        out->items[i] = shell_scalar(orm_v_int(start + (int64_t)i * step));
    return true;
}

/* The tables that are missing, as manage.py migrate makes them. */
static bool migrate(struct shell *s, const struct orm_node *call, struct shell_value *out)
{
    *out = (struct shell_value){.kind = SHELL_NOTHING};
    return (call->n_args == 0 || shell_fail(s, ORM_TYPE_ERROR, "migrate() takes no arguments")) &&
           orm_create_tables(s->db) == ORM_OK;
}

struct named {
    const char *name;
    shell_function f;
};

static const struct named builtins[] = {
    {"date", make_date},       {"datetime", make_datetime}, {"time", make_time},    {"timedelta", make_timedelta},
    {"Decimal", make_decimal}, {"UUID", make_uuid},         {"int", make_int},      {"float", make_float},
    {"str", call_str},         {"len", call_len},           {"bool", call_bool},    {"list", call_list},
    {"tuple", call_list},      {"set", call_list},          {"print", shell_print}, {"migrate", migrate},
    {"range", call_range}};

static const struct named module_functions[] = {{"datetime.date", make_date},
                                                {"datetime.datetime", make_datetime},
                                                {"datetime.time", make_time},
                                                {"datetime.timedelta", make_timedelta},
                                                {"datetime.now", now},
                                                {"datetime.utcnow", now},
                                                {"datetime.today", now},
                                                {"datetime.datetime.now", now},
                                                {"datetime.datetime.utcnow", now},
                                                {"datetime.date.today", today},
                                                {"date.today", today},
                                                {"timezone.now", now},
                                                {"datetime.fromisoformat", iso_datetime},
                                                {"datetime.datetime.fromisoformat", iso_datetime},
                                                {"date.fromisoformat", iso_date},
                                                {"datetime.date.fromisoformat", iso_date},
                                                {"decimal.Decimal", make_decimal},
                                                {"uuid.UUID", make_uuid}};

static shell_function find(const struct named *list, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].name, name) == 0)
            return list[i].f;
    return NULL;
}

shell_function shell_builtin(const char *name)
{
    return name ? find(builtins, sizeof builtins / sizeof *builtins, name) : NULL;
}

shell_function shell_module_function(const char *path)
{
    return find(module_functions, sizeof module_functions / sizeof *module_functions, path);
}

bool shell_is_module(const char *name)
{
    static const char *const names[] = {
        "datetime",          "date",          "timezone",          "decimal",      "uuid",
        "datetime.datetime", "datetime.date", "datetime.timezone", "timezone.utc", "datetime.timezone.utc"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* ---- arithmetic ------------------------------------------------------------------------------------------------------------ */

static int64_t us_of(const orm_val *v)
{
    return v->tag == ORM_DT ? v->u.dt.us : v->tag == ORM_DUR ? v->u.dur.us : (int64_t)v->u.date.days * day_us;
}

static bool moments(enum orm_op op, const orm_val *a, const orm_val *b, orm_val *out)
{
    bool a_is_moment = a->tag == ORM_DT || a->tag == ORM_DATE, b_is_moment = b->tag == ORM_DT || b->tag == ORM_DATE;
    int64_t us;
    if (op == ORM_OP_MUL && a->tag == ORM_DUR && b->tag == ORM_INT && !__builtin_mul_overflow(us_of(a), b->u.i, &us)) {
        *out = orm_v_dur((orm_duration){us});
        return true;
    }
    if (op == ORM_OP_MUL && a->tag == ORM_INT && b->tag == ORM_DUR)
        return moments(op, b, a, out);
    if ((op != ORM_OP_ADD && op != ORM_OP_SUB) || (!a_is_moment && a->tag != ORM_DUR) ||
        (!b_is_moment && b->tag != ORM_DUR))
        return false;
    if (op == ORM_OP_ADD ? __builtin_add_overflow(us_of(a), us_of(b), &us)
                         : __builtin_sub_overflow(us_of(a), us_of(b), &us))
        return false;
    enum orm_tag tag = a->tag;
    if (a_is_moment && b_is_moment) {
        if (op != ORM_OP_SUB || a->tag != b->tag)
            return false;
        tag = ORM_DUR;
    } else if (b_is_moment) {
        if (op != ORM_OP_ADD)
            return false;
        tag = b->tag;
    }
    int64_t days = us / day_us - (us % day_us < 0);
    *out = tag == ORM_DT     ? orm_v_dt((orm_datetime){us})
           : tag == ORM_DATE ? orm_v_date((orm_date){(int32_t)days})
                             : orm_v_dur((orm_duration){us});
    return true;
}

static bool power(int64_t base, int64_t exponent, int64_t *out)
{
    for (*out = 1; exponent > 0; exponent--)
        if (__builtin_mul_overflow(*out, base, out))
            return false;
    return true;
}

static bool integers(struct shell *s, enum orm_op op, int64_t a, int64_t b, orm_val *out)
{
    int64_t r = 0;
    bool fits = true;
    switch (op) {
    case ORM_OP_ADD: fits = !__builtin_add_overflow(a, b, &r); break;
    case ORM_OP_SUB: fits = !__builtin_sub_overflow(a, b, &r); break;
    case ORM_OP_MUL: fits = !__builtin_mul_overflow(a, b, &r); break;
    case ORM_OP_OR: r = a | b; break;
    case ORM_OP_AND: r = a & b; break;
    case ORM_OP_XOR: r = a ^ b; break;
    case ORM_OP_POW:
        if (b < 0 || (b > 64 && a != 1 && a != 0 && a != -1))
            return false;
        fits = power(a, b > 64 ? 64 + b % 2 : b, &r);
        break;
    case ORM_OP_MOD:
    case ORM_OP_DIV:
        if (b == 0)
            return shell_fail(s, ORM_VALUE_ERROR, "division by zero");
        if (op == ORM_OP_DIV) {
            *out = orm_v_dbl((double)a / (double)b);
            return true;
        }
        r = b == -1 ? 0 : a % b;
        r += r != 0 && (r < 0) != (b < 0) ? b : 0;
        break;
    default: return false;
    }
    *out = orm_v_int(r);
    return fits || shell_fail(s, ORM_OVERFLOW, "Python int too large to convert to C long");
}

bool shell_arithmetic(struct shell *s, enum orm_op op, const orm_val *a, const orm_val *b, orm_val *out)
{
    if (a->tag == ORM_INT && b->tag == ORM_INT)
        return integers(s, op, a->u.i, b->u.i, out);
    if (a->tag == ORM_TEXT && b->tag == ORM_TEXT && op == ORM_OP_ADD) {
        *out = orm_v_text(orm_printf(&s->db->arena, "%s%s", a->u.s, b->u.s));
        return true;
    }
    bool real = (a->tag == ORM_DBL || a->tag == ORM_INT) && (b->tag == ORM_DBL || b->tag == ORM_INT);
    if (!real)
        return moments(op, a, b, out);
    double x = orm_val_to_double(a), y = orm_val_to_double(b);
    switch (op) {
    case ORM_OP_ADD: *out = orm_v_dbl(x + y); return true;
    case ORM_OP_SUB: *out = orm_v_dbl(x - y); return true;
    case ORM_OP_MUL: *out = orm_v_dbl(x * y); return true;
    case ORM_OP_DIV: *out = orm_v_dbl(x / y); return y != 0 || shell_fail(s, ORM_VALUE_ERROR, "float division by zero");
    case ORM_OP_POW: *out = orm_v_dbl(pow(x, y)); return true;
    default: return false;
    }
}
