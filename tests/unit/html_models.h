/* Finding models for the HTML report: a program of any size, with call paths, a timeline and causes. */
#ifndef N1_TESTS_HTML_MODELS_H
#define N1_TESTS_HTML_MODELS_H

#include "analyzer/finding.h"

/* `queries` queries, a finding for every second one, `executions` executions: each parent causes ten children. Static: one at a
 * time, except that html_earlier() may stand beside it. */
const struct n1_report *html_program(size_t queries, size_t executions);
/* The same program before: the first finding is not there yet, one query ran ten times as often. */
const struct n1_report *html_earlier(void);

#endif
