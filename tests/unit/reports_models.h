/* Finding models made by hand, for the tests of the report formats. Constant data. */
#ifndef N1_TESTS_REPORTS_MODELS_H
#define N1_TESTS_REPORTS_MODELS_H

#include "analyzer/finding.h"

/* What a model is, by name: golden files bear it. */
struct report_model {
    const char *name;
    const struct n1_report *report;
};

/* Ends with a NULL name. */
extern const struct report_model report_models[];

/* Strings that try to break a format; ends with NULL. One of them is a megabyte of SQL. */
const char *const *report_hostile_strings(void);
/* `report` with every string of it replaced by text. Static: one at a time. */
const struct n1_report *report_made_of(const char *text);

#endif
