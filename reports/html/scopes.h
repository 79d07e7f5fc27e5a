/* The scopes that the program named (tests, requests, jobs): how many queries each took. */
#ifndef N1_REPORTS_HTML_SCOPES_H
#define N1_REPORTS_HTML_SCOPES_H

#include "reports/html/page.h"

/* Nothing when no scope was named. */
void n1_html_scopes(struct n1_html *page);

#endif
