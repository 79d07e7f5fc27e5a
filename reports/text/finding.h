/* One finding as a section of the text report. */
#ifndef N1_REPORTS_TEXT_FINDING_H
#define N1_REPORTS_TEXT_FINDING_H

#include "reports/report.h"
#include "reports/text/page.h"

/* number: of this finding, counted from 1, among `count` shown. */
void n1_page_finding(const struct n1_page *page, const struct n1_report *report, const struct n1_finding *finding,
                     size_t number, size_t count, bool read_sources);

#endif
