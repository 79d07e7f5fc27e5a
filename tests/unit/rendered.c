#include "tests/unit/rendered.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

char *rendered(const struct n1_report_format *format, const struct n1_report *report,
               const struct n1_report_options *options, size_t *size)
{
    static char *text; /* gcc 12 takes the buffer for a part of a local variable */
    FILE *out = open_memstream(&text, size);
    assert_int_equal(format->write(out, report, options), 0);
    assert_int_equal(fclose(out), 0);
    return text;
}

void assert_golden(const char *folder, const char *name, const char *text, size_t size)
{
    char *path = g_build_filename(folder, name, NULL), *golden = NULL;
    gsize golden_size = 0;
    const char *update = getenv("N1_UPDATE_GOLDEN");
    if (update && strcmp(update, "1") == 0)
        assert_true(g_file_set_contents(path, text, (gssize)size, NULL));
    if (!g_file_get_contents(path, &golden, &golden_size, NULL))
        fail_msg("%s is missing; N1_UPDATE_GOLDEN=1 writes it", path);
    if (golden_size != size || memcmp(golden, text, size) != 0)
        fail_msg("%s differs from what is written now:\n%s", path, text);
    g_free(golden);
    g_free(path);
}

size_t count_of(const char *text, const char *part)
{
    size_t n = 0;
    for (text = strstr(text, part); text; text = strstr(text + strlen(part), part))
        n++;
    return n;
}
