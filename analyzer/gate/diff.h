/* diff: what got worse and better from one recording to the next. Loops are compared by executions for each row, so that another
 * size of the data is no difference; everything else by its count. One thread. */
#ifndef N1_ANALYZER_GATE_DIFF_H
#define N1_ANALYZER_GATE_DIFF_H

#include "analyzer/gate/verdict.h"

struct n1_verdict *n1_diff(const struct n1_report *before, const struct n1_report *after);

#endif
