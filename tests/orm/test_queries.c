/* The C API of querysets beyond filters: portions, deferred columns, unions, dates, locks. --pg: on PostgreSQL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models.h"
#include "orm/session.h"
#include "tests/orm/database.h"

enum { N_AUTHORS = 25 };

static int set_up(void **state)
{
    (void)state;
    test_open("orm_queries");
    orm_create_tables(db);
    for (int64_t i = 1; i <= N_AUTHORS; i++) {
        Author *a = orm_new(db, Author);
        a->id = i;
        a->name = orm_printf(&db->arena, "author %02d", (int)i);
        a->age = (orm_opt_int){i % 5 != 0, i};
        orm_insert(&a->row);
        Post *p = orm_new(db, Post);
        p->id = i;
        p->title = a->name;
        orm_set_one(&p->row, "author", &a->row);
        p->day = (orm_opt_date){i % 4 != 0, orm_day(2020 + (int)i % 3, 1 + (int)i % 12, 3)};
        p->created = orm_utc(2026, 1, 1 + (int)i, 5, 6, 7);
        orm_insert(&p->row);
    }
    assert_string_equal(orm_errmsg(db), "");
    return 0;
}

/* ---- iterator ------------------------------------------------------------------------------------------------------------ */

static void test_iterator_gives_all_rows_once(void **state)
{
    (void)state;
    static const size_t chunks[] = {1, 4, 25, 26, 0};
    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
        orm_iterator *it = orm_iterator_open(orm_from(db, Author, order_by("id")), chunks[i]);
        int64_t n = 0;
        for (Author *a; (a = orm_iterator_next(Author, it));) {
            assert_int_equal(a->id, ++n);
            assert_int_equal(strncmp(a->name, "author ", 7), 0);
        }
        assert_int_equal(n, N_AUTHORS);
        assert_null(orm_iterator_next(Author, it));
        assert_string_equal(orm_errmsg(db), "");
    }
}

static void test_iterator_may_be_left_and_written_beside(void **state)
{
    (void)state;
    orm_begin(db);
    orm_iterator *it = orm_iterator_open(orm_from(db, Post, filter("id__gt=?", 5), order_by("id")), 3);
    for (int i = 0; i < 4; i++) {
        Post *p = orm_iterator_next(Post, it);
        assert_int_equal(p->id, 6 + i);
        assert_string_equal(Post_author(p)->name, p->title); /* a query of its own meanwhile */
        assert_int_equal(orm_update(orm_from(db, Author, filter("id=?", p->id)), "age=1"), 1);
    }
    orm_iterator_close(it);
    assert_null(orm_iterator_next(Post, it));
    assert_int_equal(orm_end(db), ORM_OK);
    assert_int_equal(orm_count(orm_from(db, Author, filter("age=1"))), 5); /* author 1 is one year old */
}

static void test_iterator_of_records(void **state)
{
    (void)state;
    orm_iterator *it = orm_iterator_open(orm_from(db, Author, filter("id__lte=7"), order_by("-id"), values("id")), 2);
    int64_t n = 7;
    for (orm_rec *r; (r = orm_iterator_rec(it));)
        assert_int_equal(orm_rec_int(r, "id"), n--);
    assert_int_equal(n, 0);
    it = orm_iterator_open(orm_from(db, Author, filter("id__in=[]")), 2);
    assert_null(orm_iterator_next(Author, it));
    it = orm_iterator_open(orm_from(db, Author, filter("nothing=1")), 2);
    assert_null(orm_iterator_next(Author, it));
    assert_int_equal(orm_status_of(db), ORM_FIELD_ERROR);
}

/* ---- only, defer ----------------------------------------------------------------------------------------------------------- */

static void test_deferred_columns_load_once(void **state)
{
    (void)state;
    Post *p = orm_get(Post, orm_from(db, Post, only("title"), filter("id=3")));
    assert_true(orm_has(&p->row, "id") && orm_has(&p->row, "title"));
    assert_false(orm_has(&p->row, "created") || orm_has(&p->row, "author"));
    size_t before = orm_query_count(db);
    assert_string_equal(Post_author(p)->name, "author 03"); /* the key, then the author */
    assert_int_equal(orm_query_count(db) - before, 2);
    assert_int_equal(orm_load(&p->row, "created"), ORM_OK);
    assert_true(orm_has(&p->row, "created"));
    assert_int_equal(p->created.us, orm_utc(2026, 1, 4, 5, 6, 7).us);
    before = orm_query_count(db);
    assert_int_equal(orm_load(&p->row, "created"), ORM_OK);
    assert_int_equal(orm_query_count(db), before);
    assert_int_equal(orm_load(&p->row, "nothing"), ORM_FIELD_DOES_NOT_EXIST);
}

/* ---- unions, dates, locks ---------------------------------------------------------------------------------------------------- */

static void test_combined(void **state)
{
    (void)state;
    orm_qs *low = orm_from(db, Author, filter("id__lte=4")), *high = orm_from(db, Author, filter("id__gt=23"));
    orm_qs *both = orm_chain(low, ORM_UNION("?", high), order_by("-id"));
    static const int64_t ids[] = {25, 24, 4, 3, 2, 1};
    size_t n = 0;
    orm_each(Author, a, both) assert_int_equal(a->id, ids[n++]);
    assert_int_equal(n, 6);
    assert_int_equal(orm_count(orm_chain(low, ORM_UNION("?, all=True", low))), 8);
    assert_int_equal(orm_count(orm_chain(low, ORM_INTERSECTION("?", orm_from(db, Author, filter("id__gt=2"))))), 2);
    assert_int_equal(orm_count(orm_chain(low, ORM_DIFFERENCE("?", orm_from(db, Author, filter("id__gt=3"))))), 3);
    assert_null(orm_chain(both, filter("id=1"))->query);
    assert_int_equal(orm_status_of(db), ORM_NOT_SUPPORTED);
}

static void test_dates(void **state)
{
    (void)state;
    int year = 2022;
    orm_each_rec(r, orm_from(db, Post, dates("'day', 'year', order='DESC'")))
        assert_int_equal(orm_rec_at(r, 0)->u.date.days, orm_day(year--, 1, 1).days);
    assert_int_equal(year, 2019);
}

static void test_locks_need_a_transaction(void **state)
{
    (void)state;
    assert_int_equal(orm_len(orm_from(db, Author, ORM_FOR_UPDATE("nowait=True"))), test_is_postgres ? -1 : N_AUTHORS);
    assert_int_equal(orm_status_of(db), test_is_postgres ? ORM_TRANSACTION : ORM_OK);
    orm_clear(db);
    orm_begin(db);
    assert_int_equal(orm_len(orm_from(db, Author, ORM_FOR_UPDATE("nowait=True"))), N_AUTHORS);
    assert_int_equal(strstr(orm_last_sql(db), "FOR UPDATE NOWAIT") != NULL, test_is_postgres);
    assert_int_equal(orm_end(db), ORM_OK);
}

/* Each beginning of a moment's text, in memory that ends with it: a moment or none, and nothing behind it is looked at. */
static void test_texts_of_moments(void **state)
{
    (void)state;
    static const char whole[] = "2020-02-29 12:34:56.789012+05:30";
    static const char are_moments[] = "000000000010000010010111111001101"; /* by length */
    for (size_t n = 0; n < sizeof whole; n++) {
        char *text = malloc(n + 1);
        assert_non_null(text);
        memcpy(text, whole, n);
        text[n] = '\0';
        orm_datetime t;
        if (orm_read_datetime(text, &t) != (are_moments[n] == '1'))
            fail_msg("'%s' is %sa moment", text, are_moments[n] == '1' ? "" : "not ");
        free(text);
    }
    static const char *const wrong[] = {"2019-02-29", "1900-02-29",       "2020-13-01",       "2020-00-01",
                                        "2020-04-31", "2020-01-00",       "0000-01-01",       "2020-1-01",
                                        "20a0-01-01", "a020-01-01",       "2020-01-0x",       "2020/01/01",
                                        "99a9-01-01", "2020-01-01 24:00", "2020-01-01 12:60", "2020-01-01 1a:00"};
    orm_datetime t;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (orm_read_datetime(wrong[i], &t))
            fail_msg("'%s' is no moment", wrong[i]);
    assert_true(orm_read_datetime("9999-12-31 23:59:59.999999", &t) && orm_read_datetime("0001-01-01", &t));
    assert_true(orm_read_datetime("2000-02-29", &t));
}

static void test_decimals_carry_28_digits(void **state)
{
    (void)state;
    static const struct {
        const char *text, *printed;
        int places;
        const char *rounded;
    } cases[] = {
        {"1.50", "1.50", 1, "1.5"},
        {"-9223372036854775809", "-9223372036854775809", 2, "-9223372036854775809.00"},
        {"9223372036854775808.5", "9223372036854775808.5", 0, "9223372036854775808"},
        {"-12345678901234567890.12345678", "-12345678901234567890.12345678", 4, "-12345678901234567890.1235"},
        {"9999999999999999999999999999", "9999999999999999999999999999", 0, "9999999999999999999999999999"},
        {"0.0000000000000000000000000001", "0.0000000000000000000000000001", 27, "0.000000000000000000000000000"},
        {"18446744073709551616", "18446744073709551616", 1, "18446744073709551616.0"},
        {"1.23456789012345678901234567890123", "1.2345678901234567890123456789", 3, "1.235"},
    };
    char text[64];
    orm_decimal d, r;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(orm_read_decimal(cases[i].text, &d));
        assert_string_equal(orm_format_decimal(d, text), cases[i].printed);
        assert_true(orm_quantize(d, cases[i].places, &r));
        assert_string_equal(orm_format_decimal(r, text), cases[i].rounded);
        assert_true(orm_same_decimal(orm_decimal_negate(orm_decimal_negate(d)), d));
        assert_int_equal(*orm_format_decimal(orm_decimal_negate(d), text) == '-', *cases[i].text != '-');
    }
    assert_false(orm_read_decimal("123456789012345678901234567890", &d));
    assert_true(orm_read_decimal("9999999999999999999999999999", &d));
    assert_false(orm_quantize(d, 2, &r));
    assert_string_equal(orm_format_decimal(orm_dec(-150, -2), text), "-1.50");
    orm_rec *sum = orm_aggregate(orm_all(db, Post), "n=Sum(Value(Decimal('12345678901234567890.25')))");
    if (test_is_postgres) /* SQLite has doubles only */
        assert_string_equal(orm_format_decimal(orm_rec_val(sum, "n")->u.dec, text), "308641972530864197256.25");
    assert_non_null(sum);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, test_close)

int main(int argc, char **argv)
{
    if (!test_choose_database(argc, argv))
        return 1;
    const struct CMUnitTest tests[] = {CASE(test_iterator_gives_all_rows_once),
                                       CASE(test_iterator_may_be_left_and_written_beside),
                                       CASE(test_iterator_of_records),
                                       CASE(test_deferred_columns_load_once),
                                       CASE(test_combined),
                                       CASE(test_dates),
                                       CASE(test_texts_of_moments),
                                       CASE(test_decimals_carry_28_digits),
                                       CASE(test_locks_need_a_transaction)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
