#include <string.h>

#include "reports/report.h"

const struct n1_report_format *const n1_report_formats[] = {
    &n1_report_text,
    &n1_report_json,
    NULL,
};

const struct n1_report_format *n1_report_format_find(const char *name)
{
    for (size_t i = 0; n1_report_formats[i]; i++)
        if (strcmp(n1_report_formats[i]->name, name) == 0)
            return n1_report_formats[i];
    return NULL;
}
