/* Arithmetic with moments for SQLite, where they are texts and durations are microseconds. */
#include <string.h>

#include "orm/driver/sqlite_functions.h"
#include "orm/orm.h"
#include "orm/value/scalar.h"

static const int64_t day_us = INT64_C(86400000000);

/* A text that is a moment. */
static bool read_moment(sqlite3_value *v, orm_datetime *out)
{
    const char *s = (const char *)sqlite3_value_text(v);
    return s && orm_read_datetime(s, out);
}

static void put_text(sqlite3_context *context, const char *s)
{
    sqlite3_result_text(context, s, -1, SQLITE_TRANSIENT);
}

static int64_t floor_to(int64_t v, int64_t unit)
{
    return v - ((v % unit) + unit) % unit;
}

/* The first day of the part that a day is in. */
static int64_t trunc_days(const char *part, int64_t days)
{
    int y, m, d;
    orm_civil(days, &y, &m, &d);
    if (strcmp(part, "year") == 0)
        return orm_days(y, 1, 1);
    if (strcmp(part, "quarter") == 0)
        return orm_days(y, m - (m - 1) % 3, 1);
    if (strcmp(part, "month") == 0)
        return orm_days(y, m, 1);
    if (strcmp(part, "week") == 0)
        return days - ((days + 3) % 7 + 7) % 7;
    return days;
}

/* orm_trunc('month', 'date', moment) */
static void trunc_moment(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    const char *part = (const char *)sqlite3_value_text(args[0]), *as = (const char *)sqlite3_value_text(args[1]);
    const char *s = (const char *)sqlite3_value_text(args[2]);
    orm_datetime t;
    orm_time clock;
    if (!part || !as || !s)
        return;
    if (orm_read_time(s, &clock))
        t.us = clock.us;
    else if (!orm_read_datetime(s, &t))
        return;
    int64_t unit = strcmp(part, "hour") == 0     ? INT64_C(3600000000)
                   : strcmp(part, "minute") == 0 ? 60000000
                   : strcmp(part, "second") == 0 ? 1000000
                                                 : day_us;
    t.us = floor_to(t.us, unit);
    if (unit == day_us)
        t.us = trunc_days(part, t.us / day_us) * day_us;
    char text[33];
    if (strcmp(as, "date") == 0)
        put_text(context, orm_format_date((orm_date){(int32_t)(floor_to(t.us, day_us) / day_us)}, text));
    else if (strcmp(as, "time") == 0)
        put_text(context, orm_format_time((orm_time){t.us - floor_to(t.us, day_us)}, text));
    else
        put_text(context, orm_format_datetime(t, text));
}

/* A moment or a duration, as microseconds. */
static bool read_side(sqlite3_value *v, int64_t *us, bool *is_date, bool *is_moment)
{
    *is_date = *is_moment = false;
    if (sqlite3_value_type(v) == SQLITE_INTEGER) {
        *us = sqlite3_value_int64(v);
        return true;
    }
    orm_datetime t;
    if (!read_moment(v, &t))
        return false;
    *us = t.us;
    *is_moment = true;
    *is_date = strlen((const char *)sqlite3_value_text(v)) == 10;
    return true;
}

static void add(sqlite3_context *context, sqlite3_value **args, int sign)
{
    int64_t a, b;
    bool a_date, b_date, a_moment, b_moment;
    if (!read_side(args[0], &a, &a_date, &a_moment) || !read_side(args[1], &b, &b_date, &b_moment))
        return;
    if (a_date && !b_moment) /* Python's date + timedelta takes whole days of it */
        b = floor_to(b, day_us);
    int64_t sum = a + sign * b;
    char text[48];
    if (!a_moment && !b_moment)
        sqlite3_result_int64(context, sum);
    else if (a_date || b_date)
        put_text(context, orm_format_date((orm_date){(int32_t)(floor_to(sum, day_us) / day_us)}, text));
    else
        put_text(context, orm_format_datetime((orm_datetime){sum}, text));
}

static void add_duration(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    add(context, args, 1);
}

static void sub_duration(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    add(context, args, -1);
}

static void timestamp_diff(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    orm_datetime a, b;
    if (read_moment(args[0], &a) && read_moment(args[1], &b))
        sqlite3_result_int64(context, a.us - b.us);
}

static void time_diff(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    const char *x = (const char *)sqlite3_value_text(args[0]), *y = (const char *)sqlite3_value_text(args[1]);
    orm_time a, b;
    if (x && y && orm_read_time(x, &a) && orm_read_time(y, &b))
        sqlite3_result_int64(context, a.us - b.us);
}

const struct orm_sqlite_function orm_sqlite_moments[] = {
    {.name = "orm_trunc", .n_args = 3, .call = trunc_moment},
    {.name = "orm_add_duration", .n_args = 2, .call = add_duration},
    {.name = "orm_sub_duration", .n_args = 2, .call = sub_duration},
    {.name = "orm_timestamp_diff", .n_args = 2, .call = timestamp_diff},
    {.name = "orm_time_diff", .n_args = 2, .call = time_diff},
    {.name = NULL}};
