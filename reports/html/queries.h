/* All queries in a table, by total time: sorted so without JavaScript, sortable and searchable with it. */
#ifndef N1_REPORTS_HTML_QUERIES_H
#define N1_REPORTS_HTML_QUERIES_H

#include "reports/html/page.h"

void n1_html_queries(struct n1_html *page);

#endif
