/* scale: the same workload recorded at two sizes of the data. What grows with the data is named with its law: no threshold is
 * needed to see that 5 rows make 5 queries and 50 rows make 50.
 *
 * The size is measured by lists: statements that ran equally often and gave more rows. Executions that grew by a whole number for
 * each further row of a list grow with the rows; those that grew much faster, with the square. One thread. */
#ifndef N1_ANALYZER_GATE_SCALE_H
#define N1_ANALYZER_GATE_SCALE_H

#include "analyzer/gate/baseline.h"
#include "analyzer/gate/verdict.h"

struct n1_scale_input {
    const struct n1_report *a, *b; /* in either order */
    const char *name_a, *name_b;
    const struct n1_baseline *baseline; /* whose per-row entries are accepted; or NULL */
    const char *baseline_file;
};

struct n1_verdict *n1_scale(const struct n1_scale_input *input);

#endif
