/* The html report: what stands where, what is left out when there is much, and that nothing breaks out. Whether it is good HTML and
 * what a browser makes of it: tests/browser. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reports/html/axis.h"
#include "reports/html/sql.h"
#include "reports/html/tree.h"
#include "tests/unit/formats_models.h"
#include "tests/unit/html_models.h"
#include "tests/unit/rendered.h"
#include "tests/unit/reports_models.h"

#define MEGABYTE 1000000

static const struct n1_report_options plain;

static void expect(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in\n%s", part, strstr(text, "<body>"));
}

static void says_what_the_model_says(void **state)
{
    static const char *const parts[] = {
        "<h1 class=\"is-proven\">101 queries where 1 would do</h1>",
        "<code>blog/views.py:12</code> in <code>index()</code>",
        "data-kind=\"n_plus_one\" data-id=\"0123456789abcdef\"",
        "100 of 100 different parameters are values of blog_post.author_id in the 100 rows that the first query "
        "returned, in the "
        "same order. They look up blog_author.id.",
        "<code>Post.objects.filter(published=True)\n    .select_related(&quot;author&quot;)</code>",
        "Saves <b>100 queries</b> and about <b>12.3 ms</b> in the database.",
        "mend that one first",
        "stock-counter: one writer only",
        "<b class=\"k\">FROM</b> &quot;blog_post&quot;\n<b class=\"k\">WHERE</b>",
        "<tr id=\"query-1\" data-fingerprint=\"0000000000000abc\">",
        "repeated in finding 1</a>",
        "at blog/views.py:12.",
    };
    (void)state;
    size_t size;
    char *text = rendered(&n1_report_html, report_models[0].report, &plain, &size);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        expect(text, parts[i]);
    assert_int_equal(count_of(text, "<article class=\"card"), 3);
    assert_null(strstr(text, "/srv/"));
    free(text);
}

static void verdicts_without_findings(void **state)
{
    static const struct {
        const char *verdict, *more;
    } cases[] = {
        {NULL, NULL},
        {"<h1 class=\"is-clean\">No N+1 queries found in 1 statement</h1>", "Nothing to mend was found."},
        {"<h1 class=\"is-unsure\">No database call was recorded</h1>", "ended by signal 15"},
        {"<h1 class=\"is-unsure\">No N+1 queries found in what was recorded, which is not all</h1>",
         "17 events were lost.</b>"},
    };
    (void)state;
    for (size_t i = 1; i < G_N_ELEMENTS(cases); i++) {
        size_t size;
        char *text = rendered(&n1_report_html, report_models[i].report, &plain, &size);
        expect(text, cases[i].verdict);
        expect(text, cases[i].more);
        free(text);
    }
}

static void a_big_program_stays_below_a_megabyte(void **state)
{
    (void)state;
    size_t size;
    const struct n1_report *report = html_program(6000, 200000);
    struct n1_report_options options = {.before = report_models[0].report};
    char *text = rendered(&n1_report_html, report, &options, &size);
    size_t cards = count_of(text, "<article class=\"card"), rows = count_of(text, "<tr id=\"query-");
    assert_in_range(size, MEGABYTE / 2, MEGABYTE);
    assert_true(cards >= 30 && rows >= 60);
    assert_true(count_of(text, "<title>") > 100); /* boxes and idle stretches */
    char *more_cards = g_strdup_printf("and %zu more in the json report", 3000 - 3000 / 11 - cards),
         *more_rows = g_strdup_printf("and %zu more in the json report", 6000 - rows);
    expect(text, more_cards);
    expect(text, more_rows);
    /* A link to a card that was left out would lead nowhere. */
    char *beyond = g_strdup_printf("#finding-%zu\"", cards + 1);
    assert_null(strstr(text, beyond));
    g_free(beyond);
    g_free(more_rows);
    g_free(more_cards);
    free(text);
}

static void hostile_strings_stay_text(void **state)
{
    (void)state;
    for (const char *const *hostile = report_hostile_strings(); *hostile; hostile++) {
        size_t size;
        const struct n1_report *report = report_made_of(*hostile);
        struct n1_report_options options = {.before = report};
        char *text = rendered(&n1_report_html, report, &options, &size), *body = strstr(text, "<body>");
        assert_true(size < MEGABYTE / 2);
        assert_int_equal(count_of(text, "<script"), 1);
        assert_int_equal(count_of(text, "</script"), 1);
        assert_null(strstr(body, "<script"));
        assert_null(strstr(body, "<!--"));
        assert_null(strstr(body, " style="));
        assert_null(strstr(body, "alert(1)<"));
        free(text);
    }
}

static void compares_with_an_earlier_recording(void **state)
{
    (void)state;
    size_t size;
    struct n1_report_options options = {.before = html_earlier()};
    char *text = rendered(&n1_report_html, html_program(8, 88), &options, &size);
    expect(text, "<th scope=\"row\">Queries</th><td class=\"n\">1000</td><td class=\"n\">88</td>");
    expect(text, "<span class=\"good\">−912</span>");
    expect(text, "<td class=\"n\">100</td><td class=\"n\">10</td><td class=\"n\"><span class=\"good\">−90</span>");
    expect(text, "<ul class=\"new\">");
    assert_null(strstr(text, "<ul class=\"gone\">"));
    assert_int_equal(count_of(strstr(text, "<ul class=\"new\">"), "<li><span class=\"tag kind\">"), 3);
    free(text);
    text = rendered(&n1_report_html, html_program(8, 88), &plain, &size);
    assert_null(strstr(text, "id=\"before\""));
    expect(text, "<th scope=\"row\">test_stock &lt;all&gt;</th><td class=\"n\">1</td><td class=\"n\">7</td>");
    free(text);
}

static void sql_is_coloured_and_broken(void **state)
{
    static const struct {
        const char *sql, *markup;
    } cases[] = {
        {"SELECT 1", "<b class=\"k\">SELECT</b> <b class=\"n\">1</b>"},
        {"x = 'it''s <b>' -- <i>",
         "x = <b class=\"s\">&apos;it&apos;&apos;s &lt;b&gt;&apos;</b> <b class=\"c\">-- &lt;i&gt;</b>"},
        {"'open", "<b class=\"s\">&apos;open</b>"},
        {"/* open", "<b class=\"c\">/* open</b>"},
        {"$1 :a ?2 a::text", "<b class=\"p\">$1</b> <b class=\"p\">:a</b> <b class=\"p\">?2</b> a::text"},
        {"selector from_x", "selector from_x"},
        {"SELECT aaaaaaaaaaaaaaaaaaaaaaaaaaa, (SELECT b FROM c) FROM d WHERE e = ? AND f = ? ORDER BY g",
         "<b class=\"k\">SELECT</b> aaaaaaaaaaaaaaaaaaaaaaaaaaa, (<b class=\"k\">SELECT</b> b <b class=\"k\">FROM</b> "
         "c)\n"
         "<b class=\"k\">FROM</b> d\n<b class=\"k\">WHERE</b> e = <b class=\"p\">?</b> <b class=\"k\">AND</b> f = "
         "<b class=\"p\">?</b>\n<b class=\"k\">ORDER</b> <b class=\"k\">BY</b> g"},
        {"", "(no text)"},
    };
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct n1_html page = {.out = g_string_new(NULL)};
        n1_html_sql(&page, NULL, cases[i].sql);
        char *whole =
            g_strdup_printf("<figure class=\"code sql\"><pre><code>%s</code></pre></figure>\n", cases[i].markup);
        assert_string_equal(page.out->str, whole);
        g_free(whole);
        g_string_free(page.out, TRUE);
    }
}

static void idle_stretches_are_cut_out(void **state)
{
    static const struct n1_execution executions[] = {{.start_ns = 1000, .duration_ns = 100},
                                                     {.start_ns = 1110, .duration_ns = 90},
                                                     {.start_ns = 900000000, .duration_ns = 200}};
    (void)state;
    struct n1_axis axis;
    n1_axis_init(&axis, executions, 3);
    assert_int_equal(axis.n_cuts, 1);
    assert_int_equal(axis.cut[0].from_ns, 1200);
    assert_int_equal(axis.cut[0].to_ns, 900000000);
    assert_true(n1_axis_at(&axis, 1000) == 0.0);
    /* 200 ns before the cut and 200 behind it take the same room. */
    double first = n1_axis_at(&axis, 1200), second = n1_axis_at(&axis, 900000200) - n1_axis_at(&axis, 900000000);
    assert_true(first - second < 1e-9 && second - first < 1e-9 && first > 0.45);
    assert_true(n1_axis_at(&axis, 900000200) > 0.999 && n1_axis_at(&axis, 900000200) < 1.001);
    static const struct n1_execution endless[] = {{.start_ns = UINT64_MAX, .duration_ns = UINT64_MAX}};
    n1_axis_init(&axis, endless, 1);
    assert_true(n1_axis_at(&axis, UINT64_MAX) <= 1.0);
}

static void libraries_are_folded_in_the_tree(void **state)
{
    (void)state;
    const struct n1_report *report = report_models[0].report;
    struct n1_places places;
    n1_places_init(&places, report, &plain);
    struct n1_tree *tree = n1_tree_new(&places, report);
    n1_tree_sort(tree, N1_TREE_EXECUTIONS);
    assert_int_equal(tree->weight[N1_TREE_EXECUTIONS], 241);
    /* python → <module> → __call__ → index → django and sqlite → queries; the setting's path has no user frame. */
    static const char *const names[] = {"Py_BytesMain [python3.11]", "<module> (manage.py)",
                                        "__call__ (blog/middleware.py)", "index (blog/views.py)",
                                        "2 frames of django, libsqlite3"};
    const struct n1_tree *node = tree;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        node = g_ptr_array_index(node->children, 0);
        assert_string_equal(node->name, names[i]);
        assert_int_equal(node->part, i == 0 || i == 4 ? N1_TREE_LIBRARY : N1_TREE_OWN);
    }
    assert_int_equal(node->children->len, 2);
    assert_string_equal(((struct n1_tree *)g_ptr_array_index(node->children, 0))->name, "SELECT blog_author");
    assert_int_equal(n1_tree_threshold(tree, N1_TREE_EXECUTIONS, 4), 201);
    n1_tree_free(tree);
    n1_places_release(&places);
}

static void the_same_bytes_again(void **state)
{
    (void)state;
    size_t size, again;
    char *one = rendered(&n1_report_html, html_program(40, 4400), &plain, &size),
         *two = rendered(&n1_report_html, html_program(40, 4400), &plain, &again);
    assert_int_equal(size, again);
    assert_memory_equal(one, two, size);
    free(one);
    free(two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_the_model_says),
        cmocka_unit_test(verdicts_without_findings),
        cmocka_unit_test(a_big_program_stays_below_a_megabyte),
        cmocka_unit_test(hostile_strings_stay_text),
        cmocka_unit_test(compares_with_an_earlier_recording),
        cmocka_unit_test(sql_is_coloured_and_broken),
        cmocka_unit_test(idle_stretches_are_cut_out),
        cmocka_unit_test(libraries_are_folded_in_the_tree),
        cmocka_unit_test(the_same_bytes_again),
    };
    return cmocka_run_group_tests_name("html", tests, NULL, NULL);
}
