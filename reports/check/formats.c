/* The table of formats, as reports/formats.c is for reports. */
#include <string.h>

#include "reports/check/check.h"

const struct n1_check_format *const n1_check_formats[] = {
    &n1_check_text, &n1_check_json, &n1_check_junit, &n1_check_markdown, &n1_check_github, NULL,
};

const struct n1_check_format *n1_check_format_find(const char *name)
{
    for (size_t i = 0; n1_check_formats[i]; i++)
        if (strcmp(n1_check_formats[i]->name, name) == 0)
            return n1_check_formats[i];
    return NULL;
}
