/* The findings as cards: what, where (with the source line), the two queries, the proof, the mend, the saving, the callers. */
#ifndef N1_REPORTS_HTML_FINDING_H
#define N1_REPORTS_HTML_FINDING_H

#include "reports/html/page.h"

/* The section with all of them, worst first; card i has the id "finding-i", from 1. */
void n1_html_findings(struct n1_html *page);

#endif
