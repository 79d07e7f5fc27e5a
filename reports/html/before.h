/* Before and after: what changed since an earlier recording of the same program, by query and by finding. */
#ifndef N1_REPORTS_HTML_BEFORE_H
#define N1_REPORTS_HTML_BEFORE_H

#include "reports/html/page.h"

/* Nothing when there is no earlier report (n1_report_options.before). */
void n1_html_before(struct n1_html *page);

#endif
