/* What the page has shown already. A long statement, a call path or a mend that stands in an earlier finding of the same page is
 * named by that finding's number instead of being shown again: a program has many findings with few causes.
 *
 * Findings have their numbers in the report, from 1. 0: shown nowhere.
 */
#ifndef N1_REPORTS_TEXT_EARLIER_H
#define N1_REPORTS_TEXT_EARLIER_H

#include "analyzer/finding.h"

struct n1_shown {
    const struct n1_finding *finding; /* borrowed */
    size_t number;
};

struct n1_earlier {
    const struct n1_shown *shown; /* in full, in this order */
    size_t count;
};

/* A statement, as parent or child. */
size_t n1_earlier_sql(const struct n1_earlier *earlier, const char *sql);
/* The statement that is offered. */
size_t n1_earlier_replacement(const struct n1_earlier *earlier, const char *sql);
/* Everything that is said of the mend. */
size_t n1_earlier_mend(const struct n1_earlier *earlier, const struct n1_suggestion *mend);
/* The place, as the one that a finding is at. */
size_t n1_earlier_place(const struct n1_earlier *earlier, const struct n1_location *place);

#endif
