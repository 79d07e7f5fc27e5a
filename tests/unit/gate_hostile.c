/* Strings that try to break out of a format, in every place of a report, through the gate, its file and its formats. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/gate/check.h"
#include "analyzer/gate/diff.h"
#include "analyzer/gate/scale.h"
#include "analyzer/suppress.h"
#include "reports/check/check.h"
#include "tests/unit/reports_models.h"

static char *render(const struct n1_check_format *format, const struct n1_verdict *verdict, size_t *size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    struct n1_check_options options = {0};
    assert_int_equal(format->write(out, verdict, &options), 0);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void expect_text(const struct n1_verdict *v)
{
    for (size_t i = 0; n1_check_formats[i]; i++) {
        size_t size;
        char *text = render(n1_check_formats[i], v, &size);
        assert_true(g_utf8_validate(text, (gssize)size, NULL));
        for (size_t at = 0; at < size; at++)
            if (((unsigned char)text[at] < 0x20 && text[at] != '\n') || text[at] == 0x7f)
                fail_msg("%s: control character %d at %zu", n1_check_formats[i]->name, text[at], at);
        if (n1_check_formats[i] == &n1_check_json) {
            json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
            assert_non_null(root);
            json_decref(root);
        }
        free(text);
    }
}

/* The report with its totals as they would be of an ordinary recording. */
static struct n1_report report_of(const char *hostile)
{
    struct n1_report report = *report_made_of(hostile);
    report.lost_events = 0;
    report.is_complete = true;
    return report;
}

static struct n1_verdict *check(const struct n1_report *report, struct n1_baseline *b, enum n1_check_update update)
{
    struct n1_check_input input = {.report = &report,
                                   .n_reports = 1,
                                   .baseline = b,
                                   .command = "n1prof check",
                                   .fail_on = N1_FAIL_ON_ALL,
                                   .update = update};
    return n1_check(&input);
}

static void formats(void **state)
{
    (void)state;
    for (const char *const *hostile = report_hostile_strings(); *hostile; hostile++) {
        struct n1_report report = report_of(*hostile);
        struct n1_baseline *empty = n1_baseline_new();
        struct n1_scale_input input = {&report, &report, *hostile, *hostile, NULL, NULL};
        struct n1_verdict *verdicts[] = {check(&report, empty, N1_UPDATE_NOTHING), n1_scale(&input),
                                         n1_diff(&report, &report),
                                         check(report_made_of(*hostile), empty, N1_UPDATE_ALL)};
        for (size_t i = 0; i < G_N_ELEMENTS(verdicts); i++) {
            expect_text(verdicts[i]);
            n1_verdict_free(verdicts[i]);
        }
        assert_int_equal(empty->entry->len, 0); /* the last one lost events: it accepts nothing */
        n1_baseline_free(empty);
    }
}

/* What was accepted is read again from the file, and holds. */
static void file(void **state)
{
    (void)state;
    for (const char *const *hostile = report_hostile_strings(); *hostile; hostile++) {
        struct n1_report report = report_of(*hostile);
        struct n1_baseline *b = n1_baseline_new();
        struct n1_error err = {0};
        n1_verdict_free(check(&report, b, N1_UPDATE_ALL));
        char *text = n1_baseline_text(b);
        n1_baseline_free(b);
        b = n1_baseline_parse("b.json", text, strlen(text), &err);
        if (!b)
            fail_msg("%s", err.message);
        assert_true(b->entry->len > 0);
        struct n1_verdict *v = check(&report, b, N1_UPDATE_NOTHING);
        assert_int_equal(v->outcome, N1_OUTCOME_PASSED);
        assert_int_equal(v->line->len, 0);
        n1_verdict_free(v);
        char *again = n1_baseline_text(b);
        assert_string_equal(again, text);
        g_free(again);
        g_free(text);
        n1_baseline_free(b);
    }
}

/* Stanzas that are generated can be read, and match what they were made of. */
static void stanzas(void **state)
{
    (void)state;
    for (const char *const *hostile = report_hostile_strings(); *hostile; hostile++) {
        struct n1_report report = report_of(*hostile);
        struct n1_finding finding = report.finding[0];
        struct n1_error err = {0};
        char *text = NULL;
        size_t size;
        finding.is_suppressed = false;
        report.finding = &finding;
        FILE *out = open_memstream(&text, &size);
        assert_int_equal(n1_suppressions_generate(out, &report), 0);
        fclose(out);
        struct n1_suppressions *s = n1_suppressions_parse("x.supp", text, size, &err);
        if (!s)
            fail_msg("%.200s\n%s", text, err.message);
        n1_suppress(&report, s);
        if (g_utf8_validate(*hostile, -1, NULL))
            if (!finding.is_suppressed)
                fail_msg("%.100s\nis not matched by\n%.400s", *hostile, text);
        n1_suppressions_free(s);
        free(text);
    }
}

/* Patterns of many stars take no longer than plain ones. */
static void patterns(void **state)
{
    (void)state;
    struct n1_report report = report_of("a");
    struct n1_finding finding = report.finding[0];
    GString *text = g_string_new("{\nx\nn1prof:*\nreason: x\nsql:"), *sql = g_string_new(NULL);
    for (int i = 0; i < 2000; i++)
        g_string_append(text, "*a");
    g_string_append(text, "b\n}\n");
    for (int i = 0; i < 20000; i++)
        g_string_append_c(sql, 'a');
    finding.child.sql = sql->str;
    finding.is_suppressed = false;
    report.finding = &finding;
    struct n1_suppressions *s = n1_suppressions_parse("x.supp", text->str, text->len, NULL);
    assert_non_null(s);
    n1_suppress(&report, s);
    assert_false(finding.is_suppressed);
    g_string_append_c(sql, 'b');
    finding.child.sql = sql->str;
    n1_suppress(&report, s);
    assert_true(finding.is_suppressed);
    n1_suppressions_free(s);
    g_string_free(text, TRUE);
    g_string_free(sql, TRUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats),
        cmocka_unit_test(file),
        cmocka_unit_test(stanzas),
        cmocka_unit_test(patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
