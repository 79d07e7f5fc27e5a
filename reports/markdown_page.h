/* The report as Markdown within a limit of bytes: for a pull request's comment and for a job's summary. The verdict, one table
 * of the worst findings, one collapsed block a finding, the queries that took most time. What does not fit is left out whole,
 * never cut in the middle, and its number is said. Reads well as plain text too.
 */
#ifndef N1_REPORTS_MARKDOWN_PAGE_H
#define N1_REPORTS_MARKDOWN_PAGE_H

#include <glib.h>

#include "reports/report.h"

struct n1_markdown_limits {
    size_t bytes;    /* of the whole page; at least 8000 */
    size_t findings; /* rows of the table */
    size_t queries;
};

/* The page, ends with a line end. g_string_free() it. */
GString *n1_markdown_page(const struct n1_report *report, const struct n1_report_options *options,
                          const struct n1_markdown_limits *limits);

#endif
