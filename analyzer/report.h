/* report: from the analysis and the settled candidates to the finding model, which owns all that it points to. */
#ifndef N1_ANALYZER_REPORT_H
#define N1_ANALYZER_REPORT_H

#include "analyzer/finding.h"
#include "analyzer/rules/rule.h"

struct n1_report *n1_report_build(const struct n1_analysis *analysis, const GArray *candidates);

#endif
