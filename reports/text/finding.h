/* One finding as a section of the text report. */
#ifndef N1_REPORTS_TEXT_FINDING_H
#define N1_REPORTS_TEXT_FINDING_H

#include "reports/report.h"
#include "reports/text/page.h"

/* number: of this finding, counted from 1, among `count` shown. */
/* Two lines of it, below a heading when it is the first such one. */
void n1_page_finding_in_short(const struct n1_page *page, const struct n1_finding *finding, size_t number,
                              bool is_first);
void n1_page_finding(const struct n1_page *page, const struct n1_report *report, const struct n1_finding *finding,
                     size_t number, size_t count, bool read_sources);

#endif
