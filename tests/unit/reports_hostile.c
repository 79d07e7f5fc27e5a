/* Strings that try to break out of a format, in every place of a report, through every format. */
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
#include "tests/unit/rendered.h"
#include "tests/unit/reports_models.h"

static char *render(const struct n1_report_format *format, const struct n1_report *report, size_t *size)
{
    return rendered(format, report, &(struct n1_report_options){.read_sources = true}, size);
}

static void every_format_stays_text(void **state)
{
    (void)state;
    for (const char *const *hostile = report_hostile_strings(); *hostile; hostile++)
        for (size_t i = 0; n1_report_formats[i]; i++) {
            size_t size;
            char *text = render(n1_report_formats[i], report_made_of(*hostile), &size);
            assert_true(g_utf8_validate(text, (gssize)size, NULL));
            for (size_t at = 0; at < size; at++)
                if ((unsigned char)text[at] < 0x20 && text[at] != '\n')
                    fail_msg("%s: control character %d at %zu", n1_report_formats[i]->name, text[at], at);
            free(text);
        }
}

static void text_keeps_its_columns_and_its_length(void **state)
{
    (void)state;
    for (const char *const *hostile = report_hostile_strings(); *hostile; hostile++) {
        size_t size;
        char *text = render(&n1_report_text, report_made_of(*hostile), &size);
        assert_null(strstr(text, "\xe2\x80\xae"));
        if (strlen(*hostile) < 1000)
            assert_true(size < 32 * 1024);
        free(text);
    }
}

/* What a JSON reader gets back is the string, with invalid bytes replaced and nothing else changed. */
static void json_gives_the_strings_back(void **state)
{
    (void)state;
    for (const char *const *hostile = report_hostile_strings(); *hostile; hostile++) {
        size_t size;
        char *text = render(&n1_report_json, report_made_of(*hostile), &size), *valid = g_utf8_make_valid(*hostile, -1);
        json_error_t error;
        json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
        assert_non_null(root);
        json_t *finding = json_array_get(json_object_get(root, "findings"), 0);
        json_t *parent = json_object_get(finding, "parent"), *trace = json_object_get(root, "trace");
        assert_string_equal(json_string_value(json_object_get(parent, "sql")), valid);
        assert_string_equal(json_string_value(json_object_get(finding, "message")), valid);
        assert_string_equal(json_string_value(json_array_get(json_object_get(trace, "command"), 1)), valid);
        assert_int_equal(json_integer_value(json_object_get(parent, "executions")), INT64_MAX);
        json_decref(root);
        g_free(valid);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_stays_text),
        cmocka_unit_test(text_keeps_its_columns_and_its_length),
        cmocka_unit_test(json_gives_the_strings_back),
    };
    return cmocka_run_group_tests_name("reports_hostile", tests, NULL, NULL);
}
