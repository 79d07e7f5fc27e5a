/* Every format for machines, of every model, against its golden file (tests/golden/formats/MODEL.FORMAT). N1_UPDATE_GOLDEN=1
 * writes them anew: look at the difference before committing it. */
#include <glib.h>
#include <locale.h>
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

static const struct n1_report_format *const formats[] = {
    &n1_report_sarif,  &n1_report_junit,  &n1_report_markdown,   &n1_report_github, &n1_report_github_summary,
    &n1_report_gitlab, &n1_report_folded, &n1_report_speedscope, &n1_report_otlp,
};

static char *render(const struct n1_report_format *format, const struct n1_report *report, size_t *size)
{
    struct n1_report_options options = {.root = report == &formats_places ? formats_places_root : NULL};
    return rendered(format, report, &options, size);
}

static void check(const char *model, const char *format, const char *text, size_t size)
{
    char *name = g_strdup_printf("%s.%s", model, format);
    assert_golden(N1_GOLDEN_DIR, name, text, size);
    g_free(name);
}

static void every_model_as_ever(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        size_t size;
        char *text = render(formats[i], &formats_places, &size);
        check("places", formats[i]->name, text, size);
        free(text);
        for (const struct report_model *m = report_models; m->name; m++) {
            text = render(formats[i], m->report, &size);
            check(m->name, formats[i]->name, text, size);
            free(text);
        }
    }
}

/* No absolute path of the recorded machine, in whatever place of the report it stood. */
static void nothing_of_the_machine_leaks(void **state)
{
    static const char *const machine[] = {"machine-7", "/srv/", "secret/"};
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        size_t size;
        char *text = render(formats[i], &formats_places, &size),
             *django = render(formats[i], report_models[0].report, &size);
        for (size_t m = 0; m < G_N_ELEMENTS(machine); m++) {
            if (strstr(text, machine[m]))
                fail_msg("%s tells of %s:\n%s", formats[i]->name, machine[m], text);
            if (strstr(django, machine[m]) || strstr(django, "/usr/lib"))
                fail_msg("%s tells of the machine:\n%s", formats[i]->name, django);
        }
        free(django);
        free(text);
    }
}

/* The same bytes under a locale with other numbers, where the machine has one, and for a copy at another address. */
static void the_same_bytes_everywhere(void **state)
{
    static const char *const locales[] = {"de_DE.UTF-8", "tr_TR.UTF-8", "hi_IN", "C.UTF-8"};
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        size_t size, other_size;
        struct n1_report copy = *report_models[0].report;
        char *text = render(formats[i], report_models[0].report, &size);
        for (size_t l = 0; l < G_N_ELEMENTS(locales); l++) {
            setlocale(LC_ALL, locales[l]);
            char *other = render(formats[i], &copy, &other_size);
            assert_int_equal(other_size, size);
            assert_memory_equal(other, text, size);
            free(other);
        }
        setlocale(LC_ALL, "C");
        free(text);
    }
}

/* The names under which readers keep a query's history say nothing of lines and counts. */
static void names_survive_moved_lines(void **state)
{
    (void)state;
    struct n1_query query = formats_places.query[1];
    struct n1_report before = formats_places, after = formats_places;
    size_t size;
    before.n_findings = after.n_findings = 0;
    before.n_queries = after.n_queries = 1;
    before.query = &formats_places.query[1];
    after.query = &query;
    query.statement.executions = 77;
    query.statement.rows = 78;
    query.statement.location.line += 100;
    char *old = render(&n1_report_junit, &before, &size), *new = render(&n1_report_junit, &after, &size);
    assert_string_equal(old, new);
    free(old);
    free(new);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_model_as_ever),
        cmocka_unit_test(nothing_of_the_machine_leaks),
        cmocka_unit_test(the_same_bytes_everywhere),
        cmocka_unit_test(names_survive_moved_lines),
    };
    return cmocka_run_group_tests_name("formats_golden", tests, NULL, NULL);
}
