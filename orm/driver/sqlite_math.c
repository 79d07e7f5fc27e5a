/* Mathematics and text functions for SQLite, with the meaning that Django's Python functions have. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "orm/driver/sqlite_functions.h"
#include "orm/value/scalar.h"

static bool any_null(int n, sqlite3_value **args)
{
    for (int i = 0; i < n; i++)
        if (sqlite3_value_type(args[i]) == SQLITE_NULL)
            return true;
    return false;
}

/* A text that is not NULL; NULL: SQLite had no memory to hand it out, and the call fails. */
static const char *text_of(sqlite3_context *context, sqlite3_value *v)
{
    const char *s = (const char *)sqlite3_value_text(v);
    if (!s)
        sqlite3_result_error_nomem(context);
    return s;
}

static void fail(sqlite3_context *context)
{
    sqlite3_result_error(context, "user-defined function raised exception", -1);
}

/* A double in, a double out; what Python calls a domain error is one here. */
static void of_doubles(sqlite3_context *context, int n, sqlite3_value **args)
{
    const struct orm_sqlite_function *f = sqlite3_user_data(context);
    if (any_null(n, args))
        return;
    double x = sqlite3_value_double(args[0]);
    double y = n == 2 ? f->of_two(x, sqlite3_value_double(args[1])) : f->of_one(x);
    if (isfinite(y))
        sqlite3_result_double(context, y);
    else
        fail(context);
}

static double log_base(double base, double x)
{
    return log(x) / log(base);
}

static double cotangent(double x)
{
    return 1 / tan(x);
}

static double degrees(double x)
{
    return x * (180.0 / M_PI);
}

static double radians(double x)
{
    return x * (M_PI / 180.0);
}

/* Whole numbers stay whole, as in Python. */
static void power(sqlite3_context *context, int n, sqlite3_value **args)
{
    if (any_null(n, args))
        return;
    bool whole = sqlite3_value_type(args[0]) == SQLITE_INTEGER && sqlite3_value_type(args[1]) == SQLITE_INTEGER &&
                 sqlite3_value_int64(args[1]) >= 0;
    if (!whole) {
        double y = pow(sqlite3_value_double(args[0]), sqlite3_value_double(args[1]));
        if (isfinite(y))
            sqlite3_result_double(context, y);
        else
            fail(context);
        return;
    }
    int64_t base = sqlite3_value_int64(args[0]), times = sqlite3_value_int64(args[1]), out = 1;
    bool small = base >= -1 && base <= 1;
    if (small && times > 2)
        times = 2 + times % 2;
    for (; times > 0; times--) {
        if (__builtin_mul_overflow(out, base, &out)) {
            fail(context);
            return;
        }
    }
    sqlite3_result_int64(context, out);
}

static void bit_xor(sqlite3_context *context, int n, sqlite3_value **args)
{
    if (!any_null(n, args))
        sqlite3_result_int64(context, sqlite3_value_int64(args[0]) ^ sqlite3_value_int64(args[1]));
}

static void ceiling(sqlite3_context *context, int n, sqlite3_value **args)
{
    if (!any_null(n, args))
        sqlite3_result_int64(context, (int64_t)ceil(sqlite3_value_double(args[0])));
}

static void floor_whole(sqlite3_context *context, int n, sqlite3_value **args)
{
    if (!any_null(n, args))
        sqlite3_result_int64(context, (int64_t)floor(sqlite3_value_double(args[0])));
}

static void sign(sqlite3_context *context, int n, sqlite3_value **args)
{
    if (any_null(n, args))
        return;
    double x = sqlite3_value_double(args[0]);
    sqlite3_result_int(context, (x > 0) - (x < 0));
}

static void pi(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    (void)args;
    sqlite3_result_double(context, M_PI);
}

static void random_double(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    (void)args;
    uint64_t bits;
    sqlite3_randomness(sizeof bits, &bits);
    sqlite3_result_double(context, (double)(bits >> 11) * 0x1.0p-53);
}

/* ---- texts: characters are UTF-8's --------------------------------------------------------------------------------------- */

static size_t char_bytes(const char *s)
{
    size_t n = 1;
    while (((unsigned char)s[n] & 0xC0) == 0x80)
        n++;
    return n;
}

static size_t count_chars(const char *s)
{
    size_t n = 0;
    for (; *s; s += char_bytes(s))
        n++;
    return n;
}

static size_t bytes_of_chars(const char *s, size_t n)
{
    size_t bytes = 0;
    for (; n && s[bytes]; n--)
        bytes += char_bytes(s + bytes);
    return bytes;
}

enum { LONGEST = 64 * 1024 * 1024 };

static void pad(sqlite3_context *context, sqlite3_value **args, bool left)
{
    if (any_null(3, args))
        return;
    const char *s = text_of(context, args[0]), *fill = text_of(context, args[2]);
    if (!s || !fill)
        return;
    int64_t wanted = sqlite3_value_int64(args[1]);
    size_t have = count_chars(s), fill_chars = count_chars(fill);
    if (wanted < 0)
        wanted = 0;
    if (wanted > LONGEST) {
        sqlite3_result_error_toobig(context);
        return;
    }
    if ((size_t)wanted <= have || fill_chars == 0) {
        sqlite3_result_text(context, s, (int)bytes_of_chars(s, (size_t)wanted), SQLITE_TRANSIENT);
        return;
    }
    size_t missing = (size_t)wanted - have, len = strlen(s), fill_len = strlen(fill);
    char *out = malloc(len + (missing / fill_chars + 1) * fill_len + 1), *p = out;
    if (!out) {
        sqlite3_result_error_nomem(context);
        return;
    }
    for (int part = 0; part < 2; part++) {
        if ((part == 0) != left) {
            memcpy(p, s, len);
            p += len;
            continue;
        }
        for (size_t left_over = missing; left_over;) {
            size_t chars = left_over < fill_chars ? left_over : fill_chars, bytes = bytes_of_chars(fill, chars);
            memcpy(p, fill, bytes);
            p += bytes;
            left_over -= chars;
        }
    }
    sqlite3_result_text(context, out, (int)(p - out), free);
}

static void lpad(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    pad(context, args, true);
}

static void rpad(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    pad(context, args, false);
}

static void repeat(sqlite3_context *context, int n, sqlite3_value **args)
{
    if (any_null(n, args))
        return;
    const char *s = text_of(context, args[0]);
    int64_t times = sqlite3_value_int64(args[1]);
    if (!s)
        return;
    size_t len = strlen(s);
    if (times <= 0 || len == 0) {
        sqlite3_result_text(context, "", 0, SQLITE_STATIC);
        return;
    }
    if ((uint64_t)times > LONGEST / len) {
        sqlite3_result_error_toobig(context);
        return;
    }
    char *out = malloc(len * (size_t)times + 1);
    if (!out) {
        sqlite3_result_error_nomem(context);
        return;
    }
    for (int64_t i = 0; i < times; i++)
        memcpy(out + (size_t)i * len, s, len);
    sqlite3_result_text(context, out, (int)(len * (size_t)times), free);
}

static void reverse_text(sqlite3_context *context, int n, sqlite3_value **args)
{
    if (any_null(n, args))
        return;
    const char *s = text_of(context, args[0]);
    if (!s)
        return;
    size_t len = strlen(s);
    char *out = malloc(len + 1), *p = out + len;
    if (!out) {
        sqlite3_result_error_nomem(context);
        return;
    }
    for (size_t bytes; *s; s += bytes) {
        bytes = char_bytes(s);
        p -= bytes;
        memcpy(p, s, bytes);
    }
    sqlite3_result_text(context, out, (int)len, free);
}

/* ---- aggregates ------------------------------------------------------------------------------------------------------------ */

/* Welford's method: no sum of squares that could swamp the differences. */
struct spread {
    int64_t n;
    double mean, squares;
};

static void spread_step(sqlite3_context *context, int n, sqlite3_value **args)
{
    struct spread *s = sqlite3_aggregate_context(context, sizeof *s);
    if (!s || any_null(n, args))
        return;
    double x = sqlite3_value_double(args[0]), before = x - s->mean;
    s->n++;
    s->mean += before / (double)s->n;
    s->squares += before * (x - s->mean);
}

static void spread_result(sqlite3_context *context, int64_t lost, bool root)
{
    struct spread *s = sqlite3_aggregate_context(context, 0);
    if (!s || s->n <= lost)
        return;
    double variance = s->squares / (double)(s->n - lost);
    sqlite3_result_double(context, root ? sqrt(variance) : variance);
}

static void variance_population(sqlite3_context *context)
{
    spread_result(context, 0, false);
}

static void variance_sample(sqlite3_context *context)
{
    spread_result(context, 1, false);
}

static void deviation_population(sqlite3_context *context)
{
    spread_result(context, 0, true);
}

static void deviation_sample(sqlite3_context *context)
{
    spread_result(context, 1, true);
}

const struct orm_sqlite_function orm_sqlite_math[] = {
    {.name = "POWER", .n_args = 2, .call = power},
    {.name = "BITXOR", .n_args = 2, .call = bit_xor},
    {.name = "CEILING", .n_args = 1, .call = ceiling},
    {.name = "FLOOR", .n_args = 1, .call = floor_whole},
    {.name = "SIGN", .n_args = 1, .call = sign},
    {.name = "PI", .n_args = 0, .call = pi},
    {.name = "RAND", .n_args = 0, .call = random_double, .is_random = true},
    {.name = "LPAD", .n_args = 3, .call = lpad},
    {.name = "RPAD", .n_args = 3, .call = rpad},
    {.name = "REPEAT", .n_args = 2, .call = repeat},
    {.name = "REVERSE", .n_args = 1, .call = reverse_text},
    {.name = "MOD", .n_args = 2, .call = of_doubles, .of_two = fmod},
    {.name = "LOG", .n_args = 2, .call = of_doubles, .of_two = log_base},
    {.name = "ATAN2", .n_args = 2, .call = of_doubles, .of_two = atan2},
    {.name = "SQRT", .n_args = 1, .call = of_doubles, .of_one = sqrt},
    {.name = "EXP", .n_args = 1, .call = of_doubles, .of_one = exp},
    {.name = "LN", .n_args = 1, .call = of_doubles, .of_one = log},
    {.name = "SIN", .n_args = 1, .call = of_doubles, .of_one = sin},
    {.name = "COS", .n_args = 1, .call = of_doubles, .of_one = cos},
    {.name = "TAN", .n_args = 1, .call = of_doubles, .of_one = tan},
    {.name = "COT", .n_args = 1, .call = of_doubles, .of_one = cotangent},
    {.name = "ASIN", .n_args = 1, .call = of_doubles, .of_one = asin},
    {.name = "ACOS", .n_args = 1, .call = of_doubles, .of_one = acos},
    {.name = "ATAN", .n_args = 1, .call = of_doubles, .of_one = atan},
    {.name = "DEGREES", .n_args = 1, .call = of_doubles, .of_one = degrees},
    {.name = "RADIANS", .n_args = 1, .call = of_doubles, .of_one = radians},
    {.name = "STDDEV_POP", .n_args = 1, .call = spread_step, .final = deviation_population},
    {.name = "STDDEV_SAMP", .n_args = 1, .call = spread_step, .final = deviation_sample},
    {.name = "VAR_POP", .n_args = 1, .call = spread_step, .final = variance_population},
    {.name = "VAR_SAMP", .n_args = 1, .call = spread_step, .final = variance_sample},
    {.name = NULL}};
