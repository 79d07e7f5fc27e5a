/* One finding as a section of the text report. */
#ifndef N1_REPORTS_TEXT_FINDING_H
#define N1_REPORTS_TEXT_FINDING_H

#include "reports/report.h"
#include "reports/text/earlier.h"
#include "reports/text/page.h"

/* In full; number: of this finding in the report, counted from 1, among `count`. */
void n1_page_finding(const struct n1_page *page, const struct n1_report *report, const struct n1_shown *shown,
                     const struct n1_earlier *earlier, size_t count, bool read_sources);
/* Whether another one has the same cause: the same rows, looked up by the same column at the same place, drive both loops, and the mend
 * is of the same kind. */
bool n1_finding_is_sibling(const struct n1_finding *a, const struct n1_finding *b);
/* Those, below the first one. */
void n1_page_siblings(const struct n1_page *page, const struct n1_shown *sibling, size_t n_siblings);
/* Two lines of it, below a heading when it is the first such one. */
void n1_page_finding_in_short(const struct n1_page *page, const struct n1_finding *finding, size_t number,
                              bool is_first);

#endif
