/* Flame graphs of the call paths, the outermost function above: one by executions, one by time in the database. */
#ifndef N1_REPORTS_HTML_FLAME_H
#define N1_REPORTS_HTML_FLAME_H

#include "reports/html/page.h"

void n1_html_flames(struct n1_html *page);

#endif
