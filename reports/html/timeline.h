/* The executions in time: a lane a query, each execution a bar, and between the lanes the fans from a query to the ones that its
 * rows caused. Idle stretches are cut out of the axis. Lanes of findings come first.
 *
 * Without executions in the report (no timeline was kept) the lanes hold counts in place of bars.
 */
#ifndef N1_REPORTS_HTML_TIMELINE_H
#define N1_REPORTS_HTML_TIMELINE_H

#include "reports/html/page.h"

void n1_html_timeline(struct n1_html *page);

#endif
