/* The table of report formats: each a function that writes the finding model to a stream, one file a format.
 *
 * A writer decides nothing: verdicts, order and numbers are the model's (analyzer/finding.h). The same report and options give
 * the same bytes, whatever the locale, clock or machine. The one exception is asked for: with read_sources the text and html
 * reports quote source lines that they find on this machine. Writers take every string as hostile: control characters, invalid UTF-8
 * and their own format's delimiters come out harmless.
 */
#ifndef N1_REPORTS_REPORT_H
#define N1_REPORTS_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "analyzer/finding.h"

struct n1_report_options {
    bool use_colour;                /* ANSI colours (text) */
    unsigned columns;               /* of the page (text); 0: 80 */
    bool shows_all;                 /* every finding and statement in full (text); else the worst ones */
    bool read_sources;              /* quote source lines when the files are there (text, html) */
    const struct n1_report *before; /* an earlier recording to compare with (html); NULL: none */
    const char *root; /* the repository's folder, for paths of machines' formats; NULL: the recorded folder */
};

struct n1_report_format {
    const char *name;
    const char *description; /* one line for --help */
    /* 0, or -1 when the stream failed (errno). options is not NULL. */
    int (*write)(FILE *out, const struct n1_report *report, const struct n1_report_options *options);
};

/* All formats, NULL-terminated, the default one first. */
extern const struct n1_report_format *const n1_report_formats[];

/* NULL when there is none of that name. */
const struct n1_report_format *n1_report_format_find(const char *name);

extern const struct n1_report_format n1_report_text, n1_report_json, n1_report_sarif, n1_report_junit,
    n1_report_markdown, n1_report_github, n1_report_github_summary, n1_report_gitlab, n1_report_folded,
    n1_report_speedscope, n1_report_otlp, n1_report_html;

#endif
