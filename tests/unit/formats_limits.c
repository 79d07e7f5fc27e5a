/* What readers drop without a word when it is too much: each format stays below, worst first, and says what is missing. */
#include <glib.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reports/report.h"
#include "tests/unit/formats_models.h"
#include "tests/unit/rendered.h"
#include "tests/unit/reports_models.h"

static char *render(const struct n1_report_format *format, const struct n1_report *report, size_t *size)
{
    return rendered(format, report, &(struct n1_report_options){.root = formats_places_root}, size);
}

static void annotations_are_ten_of_a_kind(void **state)
{
    static const struct {
        size_t findings, errors, warnings, notices;
        const char *rest;
    } cases[] = {
        {0, 0, 0, 1, "no N+1 queries found"},
        {3, 1, 1, 1, NULL},
        {27, 9, 9, 9, NULL},
        {30, 10, 10, 10, "and 1 more finding in the job's summary"},
        {300, 10, 10, 10, "and 271 more findings in the job's summary"},
    };
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        size_t size;
        char *text = render(&n1_report_github, formats_many(cases[i].findings), &size);
        assert_int_equal(count_of(text, "::error "), cases[i].errors);
        assert_int_equal(count_of(text, "::warning "), cases[i].warnings);
        assert_int_equal(count_of(text, "::notice "), cases[i].notices);
        if (cases[i].rest)
            assert_non_null(strstr(text, cases[i].rest));
        else
            assert_null(strstr(text, "more finding"));
        free(text);
    }
}

static void pages_stay_within_their_bytes(void **state)
{
    static const struct {
        const struct n1_report_format *format;
        size_t bytes, findings, blocks_at_least;
    } cases[] = {
        {&n1_report_markdown, 65536, 500, 20},
        {&n1_report_github_summary, 900000, 5000, 300},
        {&n1_report_markdown, 65536, 3, 3},
    };
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        size_t size;
        char *text = render(cases[i].format, formats_many(cases[i].findings), &size);
        size_t blocks = count_of(text, "<sub>");
        assert_true(size <= cases[i].bytes);
        assert_true(blocks >= cases[i].blocks_at_least);
        assert_int_equal(count_of(text, "<details>"), count_of(text, "</details>"));
        char *rest = g_strdup_printf("… %zu findings without details here", cases[i].findings - blocks);
        assert_int_equal(strstr(text, rest) != NULL, blocks < cases[i].findings);
        g_free(rest);
        free(text);
    }
}

static void hostile_pages_stay_within_their_bytes(void **state)
{
    (void)state;
    for (const char *const *hostile = report_hostile_strings(); *hostile; hostile++) {
        size_t size;
        free(render(&n1_report_markdown, report_made_of(*hostile), &size));
        assert_true(size <= 65536);
        free(render(&n1_report_github_summary, report_made_of(*hostile), &size));
        assert_true(size <= 900000);
        /* Of a megabyte of SQL in every string only so much is kept. */
        free(render(&n1_report_sarif, report_made_of(*hostile), &size));
        assert_true(size <= 300000);
    }
}

static json_t *load(const char *text, size_t size)
{
    json_error_t error;
    json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        fail_msg("%s at %d: %s", error.text, error.position, text);
    return json;
}

static void sarif_keeps_the_worst_results(void **state)
{
    (void)state;
    size_t size;
    char *text = render(&n1_report_sarif, formats_many(5003), &size);
    json_t *log = load(text, size), *run = json_array_get(json_object_get(log, "runs"), 0);
    json_t *results = json_object_get(run, "results");
    assert_int_equal(json_array_size(results), 5000);
    json_t *fingerprints = json_object_get(json_array_get(results, 0), "partialFingerprints");
    assert_string_equal(json_string_value(json_object_get(fingerprints, "n1profFinding/v1")), "0000000000000000");
    assert_non_null(strstr(text, "5003 findings; the worst 5000 are shown"));
    json_decref(log);
    free(text);
}

static void junit_hides_no_failure(void **state)
{
    (void)state;
    size_t size;
    char *text = render(&n1_report_junit, formats_many(200), &size);
    assert_non_null(strstr(text, "tests=\"201\" failures=\"200\" errors=\"0\" skipped=\"0\""));
    assert_int_equal(count_of(text, "<failure"), 200);
    free(text);
}

static void gitlab_fingerprints_differ(void **state)
{
    (void)state;
    size_t size;
    char *text = render(&n1_report_gitlab, &formats_places, &size);
    json_t *list = load(text, size);
    assert_int_equal(json_array_size(list), 2); /* the third has no line inside */
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "fingerprint")), "1111111111111111");
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 1), "fingerprint")),
                        "1111111111111111-2");
    json_decref(list);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(annotations_are_ten_of_a_kind),
        cmocka_unit_test(pages_stay_within_their_bytes),
        cmocka_unit_test(hostile_pages_stay_within_their_bytes),
        cmocka_unit_test(sarif_keeps_the_worst_results),
        cmocka_unit_test(junit_hides_no_failure),
        cmocka_unit_test(gitlab_fingerprints_differ),
    };
    return cmocka_run_group_tests_name("formats_limits", tests, NULL, NULL);
}
