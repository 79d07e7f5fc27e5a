/* PostgreSQL's two formats: a cell is the same value whether it came as text or in binary, whatever type it is read as. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "orm/session.h"

/* One value an expression, each of a type that a table may have. */
static const char *const expressions[] = {
    "true",
    "false",
    "NULL::boolean",
    "0::smallint",
    "(-32768)::smallint",
    "32767::smallint",
    "2147483647",
    "(-2147483647 - 1)",
    "NULL::int",
    "9223372036854775807::bigint",
    "(-9223372036854775807 - 1)::bigint",
    "-1::bigint",
    "0::float8",
    "-0.0::float8",
    "5::float8",
    "0.1::float8",
    "-2.5e-5::float8",
    "0.0001::float8",
    "1e14::float8",
    "999999999999999::float8",
    "1e15::float8",
    "1234567890123456::float8",
    "12345678901234567::float8",
    "1e16::float8",
    "1e300::float8",
    "5e-324::float8",
    "1.7976931348623157e308::float8",
    "(1::float8 / 3)",
    "'NaN'::float8",
    "'Infinity'::float8",
    "'-Infinity'::float8",
    "0.1::float4",
    "16777216::float4",
    "NULL::float8",
    "0::numeric",
    "0.00::numeric",
    "-1.50::numeric",
    "10000::numeric",
    "100000000::numeric",
    "0.0001::numeric",
    "0.00001::numeric",
    "-0.000000012::numeric",
    "12345.6789::numeric",
    "99999999.99990::numeric",
    "1e30::numeric",
    "123456789012345678901234567890.123456789::numeric",
    "1e-20::numeric",
    "'NaN'::numeric",
    "'Infinity'::numeric",
    "'-Infinity'::numeric",
    "7.5::numeric(30, 20)",
    "1e400::numeric",
    "NULL::numeric",
    "''",
    "'text'::text",
    "'a b '::char(6)",
    "'naïve \"quoted\" \\ 日本'::varchar(40)",
    "'5'::text",
    "'2020-01-02'::text",
    "'name'::name",
    "NULL::text",
    "repeat('x', 5000)",
    "'\\x'::bytea",
    "'\\x00ff10'::bytea",
    "NULL::bytea",
    "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid",
    "NULL::uuid",
    "'{\"a\": [1, 2.50, null, \"é\"]}'::json",
    "'{\"b\": 1, \"a\": [1, 2.50, null]}'::jsonb",
    "'null'::jsonb",
    "'\"s\"'::jsonb",
    "'2020-02-29'::date",
    "'0001-01-01'::date",
    "'9999-12-31'::date",
    "'10000-01-01'::date",
    "'0044-03-15 BC'::date",
    "'0001-12-31 BC'::date",
    "'infinity'::date",
    "'-infinity'::date",
    "NULL::date",
    "'2020-02-29 23:59:59.999999'::timestamp",
    "'2000-01-01'::timestamp",
    "'1999-12-31 23:59:59.5'::timestamp",
    "'0001-01-01'::timestamp",
    "'9999-12-31 23:59:59.999999'::timestamp",
    "'infinity'::timestamp",
    "'2020-02-29 12:34:56+02'::timestamptz",
    "'1969-12-31 23:59:59.999999+00'::timestamptz",
    "'10000-01-01+00'::timestamptz",
    "'0044-03-15 12:00:00.25+00 BC'::timestamptz",
    "'0001-01-01+00'::timestamptz",
    "'-infinity'::timestamptz",
    "NULL::timestamptz",
    "'00:00'::time",
    "'23:59:59.999999'::time",
    "'01:02:03.5'::time",
    "'24:00:00'::time",
    "NULL::time",
    "'0'::interval",
    "'1 day'::interval",
    "'-1 day'::interval",
    "'3 days 04:05:06.789'::interval",
    "'-3 days 04:05:06'::interval",
    "'3 days -04:05:06'::interval",
    "'1 year 2 mons'::interval",
    "'1 year -2 mons 3 days -00:00:01'::interval",
    "'-25:00:00.000001'::interval",
    "'1000 hours'::interval",
    "'-1 years +2 mons'::interval",
    "NULL::interval",
    "'127.0.0.1'::inet",
    "ARRAY[1, 2]",
    "'1.50'::money",
    "'c'::\"char\"",
    "'[1,5)'::int4range",
    "17::oid",
};

static bool read_as(orm_db *db, const char *expression, enum orm_type type, bool may_be_binary, orm_val *out)
{
    struct orm_column column = {.name = "v", .type = type};
    struct orm_statement st = {.sql = orm_printf(&db->arena, "SELECT %s AS v", expression),
                               .columns = &column,
                               .n_columns = 1,
                               .n_visible = 1,
                               .may_repeat = may_be_binary};
    struct orm_cursor cur;
    if (!orm_run(db, &st, false, &cur))
        fail_msg("%s: %s", expression, orm_errmsg(db));
    assert_int_equal(db->driver->next(&cur, &db->error), 1);
    db->driver->cell(&cur, 0, type, &db->arena, out);
    bool is_binary = cur.readers != NULL;
    orm_finish(db, &cur);
    return is_binary;
}

static const char *said(orm_db *db, const orm_val *v)
{
    struct orm_buf b = {.arena = &db->arena};
    orm_print_val(&b, v);
    return b.p;
}

static void cells_are_the_same_in_both_formats(void **state)
{
    orm_db *db = *state;
    size_t n_binary = 0;
    for (size_t i = 0; i < sizeof expressions / sizeof *expressions; i++) {
        for (enum orm_type type = ORM_T_NONE; type < ORM_N_TYPES; type++) {
            size_t mark = orm_mark(db);
            orm_val text, binary;
            assert_false(read_as(db, expressions[i], type, false, &text));
            bool is_binary = read_as(db, expressions[i], type, true, &binary);
            n_binary += is_binary;
            bool is_nan =
                text.tag == ORM_DBL && binary.tag == ORM_DBL && text.u.d != text.u.d && binary.u.d != binary.u.d;
            if (!is_nan && !orm_same_val(&text, &binary))
                fail_msg("%s read as %s: text gives %d %s, binary %d %s", expressions[i], orm_type_name(type), text.tag,
                         said(db, &text), binary.tag, said(db, &binary));
            orm_rewind(db, mark);
        }
    }
    assert_true(n_binary > 1000);
}

/* A type that we cannot read is asked for as text: twice the first time, once from then on. */
static void a_foreign_type_is_read_as_text(void **state)
{
    orm_db *db = *state;
    orm_val v;
    for (int i = 0; i < 4; i++) {
        assert_false(read_as(db, "'127.0.0.1'::inet", ORM_T_TEXT, true, &v));
        assert_string_equal(v.u.s, "127.0.0.1");
    }
}

static int open_db(void **state)
{
    const char *url = getenv("N1_TEST_PG_URL");
    *state = url ? orm_open(url) : NULL;
    return *state && orm_status_of(*state) == ORM_OK ? 0 : -1;
}

static int close_db(void **state)
{
    orm_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_the_same_in_both_formats),
        cmocka_unit_test(a_foreign_type_is_read_as_text),
    };
    return cmocka_run_group_tests_name("orm_formats", tests, open_db, close_db);
}
