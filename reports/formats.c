#include <string.h>

#include "reports/report.h"

const struct n1_report_format *const n1_report_formats[] = {
    &n1_report_text,
    &n1_report_json,
    &n1_report_html,
    &n1_report_sarif,
    &n1_report_junit,
    &n1_report_markdown,
    &n1_report_github,
    &n1_report_github_summary,
    &n1_report_gitlab,
    &n1_report_folded,
    &n1_report_speedscope,
    &n1_report_otlp,
    NULL,
};

const struct n1_report_format *n1_report_format_find(const char *name)
{
    for (size_t i = 0; n1_report_formats[i]; i++)
        if (strcmp(n1_report_formats[i]->name, name) == 0)
            return n1_report_formats[i];
    return NULL;
}
