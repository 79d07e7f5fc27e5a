/* Where a person should look: wrappers, and the layers that they belong to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/analyzer_script.h"

static const char *const posts = "SELECT id, author_id FROM blog_post ORDER BY id";

static int author_of(int i)
{
    return i * 7 % 13 + 1;
}

/* Every query goes through one function: the line that drives the loop is its caller's. */
static void generic_wrapper(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "!execute:9 db_query:5 load_posts:20 main:3", posts, "", rows_of(5, author_of));
    for (int i = 1; i <= 5; i++)
        script_query(s, "!execute:9 db_query:5 load_author:30 main:4", "SELECT id, name FROM blog_author WHERE id = ?",
                     fmt("%d", author_of(i)), fmt("%d,Name", author_of(i)));
    script_expect(s, 1,
                  "n_plus_one proven select_related(author) blog_post.author_id->blog_author.id x5 at load_author:30");
}

/* One file, a class for the tables: find() is a wrapper that the script calls, and so is where() beside it, though only one query goes
 * through it. */
static void wrapper_of_a_class(void **state)
{
    (void)state;
    static const char *const notes = "SELECT id, post_id FROM note WHERE post_id = ?";
    struct script *s = script_new();
    script_query(s, "Db::run:5 Table::all:10 main:7", posts, "", rows_of(5, author_of));
    for (int i = 1; i <= 5; i++) {
        script_query(s, "Db::run:5 Table::find:12 main:8", "SELECT id, name FROM blog_author WHERE id = ?",
                     fmt("%d", author_of(i)), fmt("%d,Name", author_of(i)));
        script_query(s, "Db::run:5 Table::find:12 main:9", "SELECT id, url FROM blog_page WHERE id = ?", fmt("%d", i),
                     fmt("%d,/", i));
        script_query(s, "Db::run:5 Table::where:15 main:11", notes, fmt("%d", i), "-,-");
    }
    struct n1_report *r = script_report(s);
    bool is_placed = false;
    for (size_t i = 0; i < r->n_findings; i++)
        is_placed |= strcmp(r->finding[i].child.table[0], "note") == 0 && r->finding[i].child.location.line == 11;
    assert_true(is_placed);
    n1_report_free(r);
}

/* The wrapper is a template: what it is made with makes another function of it, but it is the same lines. */
static void template_wrapper(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "ask<>:17 load_posts:20 main:3", posts, "", rows_of(5, author_of));
    for (int i = 1; i <= 5; i++)
        script_query(s, "ask<int>:17 show<int>:30 main:4", "SELECT id, name FROM blog_author WHERE id = ?",
                     fmt("%d", author_of(i)), fmt("%d,Name", author_of(i)));
    script_expect(s, 1,
                  "n_plus_one proven select_related(author) blog_post.author_id->blog_author.id x5 at show<int>:30");
}

/* A database layer of two files: what runs, by kind, then a proxy that all kinds go through, by kind again. */
static void wrapper_behind_a_proxy(void **state)
{
    (void)state;
    static const char *const notes = "SELECT id, post_id FROM note WHERE post_id = ?";
    struct script *s = script_new();
    script_query(s, "db/query:5 db/select:10 ref/call:3 ref/select:20 list:7 main:3", posts, "", rows_of(5, author_of));
    script_query(s, "db/query:5 db/insert:15 ref/call:3 ref/insert:25 log:9 main:2", "INSERT INTO log VALUES (?)", "1",
                 "");
    for (int i = 1; i <= 5; i++) {
        script_query(s, "db/query:5 db/select:10 ref/call:3 ref/select:20 author:8 main:4",
                     "SELECT id, name FROM blog_author WHERE id = ?", fmt("%d", author_of(i)),
                     fmt("%d,Name", author_of(i)));
        script_query(s, "db/query:5 db/row:12 ref/call:3 ref/row:22 note:6 main:5", notes, fmt("%d", i), "-,-");
    }
    struct n1_report *r = script_report(s);
    assert_int_equal(r->n_findings, 2);
    for (size_t i = 0; i < r->n_findings; i++) {
        bool is_note = strcmp(r->finding[i].child.table[0], "note") == 0;
        assert_string_equal(r->finding[i].child.location.function, is_note ? "note" : "author");
    }
    n1_report_free(r);
}

/* A class that has the wrapper and the pages, too: a page asks from several lines, and the loop is its own, though the script also calls
 * the wrapper. */
static void page_of_a_class(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "Report::query:5 main:3", "SELECT name FROM setting", "", "x");
    script_query(s, "Report::query:5 Report::page:20 main:8", posts, "", rows_of(5, author_of));
    for (int i = 1; i <= 5; i++)
        script_query(s, "Report::query:5 Report::page:22 main:8", "SELECT id, name FROM blog_author WHERE id = ?",
                     fmt("%d", author_of(i)), fmt("%d,Name", author_of(i)));
    struct n1_report *r = script_report(s);
    assert_int_equal(r->n_findings, 1);
    assert_int_equal(r->finding[0].child.location.line, 22);
    n1_report_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generic_wrapper),  cmocka_unit_test(wrapper_of_a_class),
        cmocka_unit_test(template_wrapper), cmocka_unit_test(wrapper_behind_a_proxy),
        cmocka_unit_test(page_of_a_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
