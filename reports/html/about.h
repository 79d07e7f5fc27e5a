/* The end of the page: what the kinds of findings are and what the numbers mean. */
#ifndef N1_REPORTS_HTML_ABOUT_H
#define N1_REPORTS_HTML_ABOUT_H

#include "reports/html/page.h"

void n1_html_about(struct n1_html *page);

#endif
