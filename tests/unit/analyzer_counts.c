/* The numbers that a finding states: every execution and every row of the loop, each once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/analyzer_script.h"

static int author_of(int i)
{
    return i * 7 % 13 + 1;
}

static const struct n1_finding *finding_about(const struct n1_report *r, const char *sql_part)
{
    const struct n1_finding *found = NULL;
    for (size_t i = 0; i < r->n_findings; i++) {
        if (!strstr(r->finding[i].child.sql, sql_part))
            continue;
        assert_null(found);
        found = &r->finding[i];
    }
    assert_non_null(found);
    return found;
}

/* peewee and C read a cursor while other queries run: its rows become known one by one, so that the first child of each sees
 * a parent of one row. */
static void cursors_within_a_cursor(void **state)
{
    (void)state;
    struct script *s = script_new();
    uint64_t orders = script_open(s, "list:10 main:3", "SELECT id FROM shop_order", "");
    uint64_t started_ns = s->now_ns - 5000;
    for (int i = 1; i <= 10; i++) {
        script_row(s, orders, (uint32_t)i - 1, fmt("%d", 500 + i));
        uint64_t lines =
            script_open(s, "lines:20 list:11 main:3",
                        "SELECT id, order_id, product_id FROM shop_line WHERE order_id = ?", fmt("%d", 500 + i));
        for (int k = 1; k <= 3; k++) {
            int product = 10000 + (i * 7 + k * 5) % 40;
            script_row(s, lines, (uint32_t)k - 1, fmt("%d,%d,%d", 3000 + i * 3 + k, 500 + i, product));
            script_query(s, "show:30 list:12 main:3", "SELECT id, name FROM shop_product WHERE id = ?",
                         fmt("%d", product), fmt("%d,x", product));
        }
        script_end(s, lines, 3);
    }
    script_end(s, orders, 10);
    uint64_t elapsed_ns = s->now_ns - started_ns;
    struct n1_report *r = script_report(s);
    const struct n1_finding *lines = finding_about(r, "FROM shop_line");
    assert_int_equal(lines->evidence.executions, 10);
    assert_int_equal(lines->evidence.parent_rows, 10);
    const struct n1_finding *products = finding_about(r, "FROM shop_product");
    assert_int_equal(products->evidence.executions, 30);
    assert_int_equal(products->evidence.parent_rows, 30);
    /* No time is counted twice: what lies within another statement is its own. */
    assert_int_equal(products->child.db_time_ns, 30 * 5000);
    assert_int_equal(r->totals.db_time_ns, elapsed_ns);
    n1_report_free(r);
}

/* A chain of single rows, each still open while the next is asked for, stays the loop of the list at its beginning. */
static void open_single_rows(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT id, author_id FROM post", "", rows_of(20, author_of));
    for (int i = 1; i <= 20; i++) {
        uint64_t author = script_open(s, "author:20 list:12 main:3", "SELECT id, town_id FROM author WHERE id = ?",
                                      fmt("%d", author_of(i)));
        script_row(s, author, 0, fmt("%d,%d", author_of(i), 700 + author_of(i)));
        script_query(s, "town:30 list:12 main:3", "SELECT id, name FROM town WHERE id = ?",
                     fmt("%d", 700 + author_of(i)), fmt("%d,x", 700 + author_of(i)));
        script_end(s, author, 1);
    }
    struct n1_report *r = script_report(s);
    assert_int_equal(finding_about(r, "FROM author")->evidence.executions, 20);
    const struct n1_finding *towns = finding_about(r, "FROM town");
    assert_int_equal(towns->kind, N1_KIND_N_PLUS_ONE);
    assert_int_equal(towns->evidence.executions, 20);
    assert_int_equal(towns->evidence.parent_rows, 20);
    n1_report_free(r);
}

/* A few tags, a list of them for every post: the ids 1 to 6 stand in more newer results than are looked at. */
static void small_keys_behind_others(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT id, author_id FROM post", "", rows_of(200, author_of));
    for (int i = 1; i <= 200; i++) {
        script_query(s, "author:20 list:12 main:3", "SELECT id, name FROM author WHERE id = ?", fmt("%d", author_of(i)),
                     fmt("%d,x", author_of(i)));
        script_query(s, "tags:30 list:12 main:3",
                     "SELECT t.id, t.name FROM tag t JOIN post_tag p ON p.tag_id = t.id WHERE p.post_id = ?",
                     fmt("%d", i), fmt("%d,a;%d,b", i % 6 + 1, (i + 2) % 6 + 1));
    }
    struct n1_report *r = script_report(s);
    assert_int_equal(finding_about(r, "FROM author")->evidence.executions, 200);
    assert_int_equal(finding_about(r, "FROM tag")->evidence.executions, 200);
    n1_report_free(r);
}

/* The same for keys that are looked up once each: orders 1 to 20, whose lines and products are numbered from 1, too. */
static void small_keys_used_once(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT id, code FROM shop_order ORDER BY id DESC", "",
                 "20,a;19,b;18,c;17,d;16,e;15,f;14,g;13,h;12,i;11,j;10,k;9,l;8,m;7,n;6,o;5,p;4,q;3,r;2,s;1,t");
    for (int i = 20; i >= 1; i--) {
        script_query(s, "lines:20 list:12 main:3",
                     "SELECT id, order_id, product_id, amount FROM shop_line WHERE order_id = ?", fmt("%d", i),
                     fmt("%d,%d,%d,1;%d,%d,%d,2", 100 + i, i, i % 9 + 1, 200 + i, i, (i + 3) % 9 + 1));
        for (int k = 0; k < 2; k++)
            script_query(s, "product:30 list:12 main:3", "SELECT id, price FROM shop_product WHERE id = ?",
                         fmt("%d", (i + k * 3) % 9 + 1), fmt("%d,77", (i + k * 3) % 9 + 1));
    }
    struct n1_report *r = script_report(s);
    assert_int_equal(finding_about(r, "FROM shop_line")->evidence.executions, 20);
    assert_int_equal(finding_about(r, "FROM shop_product")->evidence.executions, 40);
    n1_report_free(r);
}

/* Two hundred pages lead to their authors, none by the posts' own ids: these are no longer indexed. One page then walks its
 * ids, and all of its look-ups are found, and those of a later page. */
static void column_used_late(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int page = 1; page <= 200; page++) {
        int first = 100000 + page * 10;
        script_query(s, "list:10 main:3", "SELECT id, author_id FROM post WHERE page = ?", fmt("%d", page),
                     fmt("%d,%d;%d,%d;%d,%d", first, 7 * first, first + 1, 7 * first + 1, first + 2, 7 * first + 2));
        for (int i = 0; i < 3; i++)
            script_query(s, "show:20 list:11 main:3", "SELECT id, name FROM author WHERE id = ?",
                         fmt("%d", 7 * first + i), fmt("%d,x", 7 * first + i));
        for (int i = 0; i < 3 && (page == 181 || page == 182); i++)
            script_query(s, "notes:30 list:12 main:3", "SELECT body FROM comment WHERE post_id = ?",
                         fmt("%d", first + i), "text");
    }
    struct n1_report *r = script_report(s);
    assert_int_equal(finding_about(r, "FROM comment")->evidence.executions, 6);
    assert_int_equal(finding_about(r, "FROM author")->evidence.executions, 600);
    n1_report_free(r);
}

static int reference_of(int i)
{
    return i == 1 ? 7 : 900 + i;
}

/* The first value also stands where it is found at once, while the list's column, which fed nothing so far, lies aside. */
static void first_value_links_elsewhere(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 0; i < 200; i++)
        script_query(s, "list:10 main:3", "SELECT id, author_id FROM post WHERE day = ?", fmt("%d", 5000 + i),
                     fmt("%d,%d;%d,%d", 20000 + 2 * i, 700, 20001 + 2 * i, 701));
    script_query(s, "start:2 main:2", "SELECT number, code FROM setting WHERE code = ?", "first", "7,first");
    script_query(s, "list:10 main:3", "SELECT id, author_id FROM post WHERE day = ?", "9999",
                 rows_of(15, reference_of));
    for (int i = 1; i <= 15; i++)
        script_query(s, "show:12 main:4", "SELECT name FROM author WHERE id = ?", fmt("%d", reference_of(i)), "x");
    struct n1_report *r = script_report(s);
    assert_int_equal(finding_about(r, "FROM author")->evidence.executions, 15);
    n1_report_free(r);
}

/* The first page's text has no OFFSET, and each page's loop asks for what earlier pages asked for, too. */
static void first_page_of_another_text(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int page = 0; page < 5; page++) {
        GString *rows = g_string_new(NULL);
        for (int i = 0; i < 10; i++)
            g_string_append_printf(rows, "%s%d,%d", i ? ";" : "", 10 * page + i + 1000, (i * 7 + page) % 13 + 40);
        script_query(s, "list:10 main:3",
                     page == 0 ? "SELECT id, author_id FROM post ORDER BY id LIMIT 10"
                               : "SELECT id, author_id FROM post ORDER BY id LIMIT 10 OFFSET ?",
                     page == 0 ? "" : fmt("%d", 10 * page), rows->str);
        for (int i = 0; i < 10; i++)
            script_query(s, "show:12 main:4", "SELECT name FROM author WHERE id = ?",
                         fmt("%d", (i * 7 + page) % 13 + 40), "x");
        g_string_free(rows, TRUE);
    }
    struct n1_report *r = script_report(s);
    const struct n1_finding *f = finding_about(r, "FROM author");
    assert_int_equal(f->evidence.executions, 50);
    assert_int_equal(f->evidence.parent_executions, 5);
    n1_report_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_value_links_elsewhere),
        cmocka_unit_test(first_page_of_another_text),
        cmocka_unit_test(column_used_late),
        cmocka_unit_test(cursors_within_a_cursor),
        cmocka_unit_test(open_single_rows),
        cmocka_unit_test(small_keys_behind_others),
        cmocka_unit_test(small_keys_used_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
