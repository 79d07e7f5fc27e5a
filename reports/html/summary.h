/* What stands above the fold: the verdict, warnings, the run, and four numbers. */
#ifndef N1_REPORTS_HTML_SUMMARY_H
#define N1_REPORTS_HTML_SUMMARY_H

#include "reports/html/page.h"

void n1_html_summary(struct n1_html *page);

#endif
