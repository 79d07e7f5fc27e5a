/* What SQLite lacks, as functions of the connection: orm_extract(part, moment), REGEXP. NULL in, NULL out. */
#include <regex.h>
#include <sqlite3.h>
#include <stdio.h>

#include "orm/driver/driver.h"
#include "orm/driver/sqlite_functions.h"
#include "orm/orm.h"

static int iso_week(int64_t days, int *iso_year)
{
    int64_t weekday = ((days + 3) % 7 + 7) % 7; /* Monday 0; 1970-01-01 was a Thursday */
    int64_t thursday = days - weekday + 3;
    int y, m, d;
    orm_civil(thursday, &y, &m, &d);
    *iso_year = y;
    return (int)((thursday - orm_days(y, 1, 1)) / 7 + 1);
}

static void extract(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    const char *part = (const char *)sqlite3_value_text(args[0]), *s = (const char *)sqlite3_value_text(args[1]);
    orm_datetime t;
    orm_time clock;
    if (!part || !s)
        return;
    if (orm_read_time(s, &clock))
        t.us = clock.us;
    else if (!orm_read_datetime(s, &t))
        return;
    const int64_t day_us = INT64_C(86400000000);
    int64_t days = t.us / day_us - (t.us % day_us < 0), us = t.us - days * day_us;
    int y, m, d, iso_year, week = iso_week(days, &iso_year), weekday = (int)(((days + 3) % 7 + 7) % 7);
    orm_civil(days, &y, &m, &d);
    char text[33];
    if (strcmp(part, "date") == 0) {
        sqlite3_result_text(context, orm_format_date((orm_date){(int32_t)days}, text), -1, SQLITE_TRANSIENT);
        return;
    }
    if (strcmp(part, "time") == 0) {
        sqlite3_result_text(context, orm_format_time((orm_time){us}, text), -1, SQLITE_TRANSIENT);
        return;
    }
    const struct {
        const char *name;
        int value;
    } parts[] = {{"year", y},
                 {"iso_year", iso_year},
                 {"quarter", (m + 2) / 3},
                 {"month", m},
                 {"day", d},
                 {"week", week},
                 {"week_day", (weekday + 1) % 7 + 1},
                 {"iso_week_day", weekday + 1},
                 {"hour", (int)(us / INT64_C(3600000000))},
                 {"minute", (int)(us / 60000000 % 60)},
                 {"second", (int)(us / 1000000 % 60)}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(parts[i].name, part) == 0)
            sqlite3_result_int(context, parts[i].value);
}

/* POSIX extended expressions. */
static void match(sqlite3_context *context, sqlite3_value **args, int flags)
{
    const char *pattern = (const char *)sqlite3_value_text(args[0]), *s = (const char *)sqlite3_value_text(args[1]);
    if (!pattern || !s)
        return;
    regex_t re;
    int code = regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB | flags);
    if (code == REG_ESPACE) {
        sqlite3_result_error_nomem(context);
        return;
    }
    if (code != 0) {
        sqlite3_result_error(context, "bad regular expression", -1);
        return;
    }
    /* regexec() of glibc says "no match" when it has no memory; -2 is said here */
    int len = (int)strlen(s);
    regoff_t at = re_search(&re, s, len, 0, len, NULL);
    if (at == -2)
        sqlite3_result_error_nomem(context);
    else
        sqlite3_result_int(context, at >= 0);
    regfree(&re);
}

/* X REGEXP Y calls regexp(Y, X). */
static void regexp(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    match(context, args, 0);
}

static void iregexp(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    match(context, args, REG_ICASE);
}

static bool add(void *sqlite3_handle, const struct orm_sqlite_function *f)
{
    for (; f->name; f++) {
        int flags = SQLITE_UTF8 | (f->is_random ? 0 : SQLITE_DETERMINISTIC);
        void (*call)(sqlite3_context *, int, sqlite3_value **) = f->final ? NULL : f->call;
        void (*step)(sqlite3_context *, int, sqlite3_value **) = f->final ? f->call : NULL;
        if (sqlite3_create_function_v2(sqlite3_handle, f->name, f->n_args, flags, (void *)(uintptr_t)f, call, step,
                                       f->final, NULL) != SQLITE_OK)
            return false;
    }
    return true;
}

bool orm_sqlite_add_functions(void *sqlite3_handle)
{
    static const struct orm_sqlite_function functions[] = {{.name = "orm_extract", .n_args = 2, .call = extract},
                                                           {.name = "regexp", .n_args = 2, .call = regexp},
                                                           {.name = "orm_iregexp", .n_args = 2, .call = iregexp},
                                                           {.name = NULL}};
    return add(sqlite3_handle, functions) && add(sqlite3_handle, orm_sqlite_moments) &&
           add(sqlite3_handle, orm_sqlite_math);
}
