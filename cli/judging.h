/* From recordings to a verdict's reports: what check and diff share. */
#ifndef N1_CLI_JUDGING_H
#define N1_CLI_JUDGING_H

#include <stdbool.h>

#include "analyzer/suppress.h"
#include "cli/analysing.h"
#include "cli/targets.h"
#include "reports/check/check.h"

/* Rows of a GOptionEntry table. */
#define N1_JUDGING_ENTRIES N1_TARGETS_ENTRIES, N1_ANALYSING_ENTRIES

/* The formats, for --help. */
void n1_judging_print_formats(void);
void n1_judging_print_diff_formats(void);
/* The same for completion (struct n1_command.words). */
char *n1_judging_words(const char *placeholder);
char *n1_judging_diff_words(const char *placeholder);

/* Checks formats and outputs. False after complaining. */
bool n1_judging_prepare(bool is_diff);
/* The analysis of a recording, suppressions (or NULL) applied; NULL after complaining. n1_report_free() it. */
struct n1_report *n1_judging_load(const char *trace, struct n1_suppressions *suppressions);
/* Writes all reports. False after complaining. */
bool n1_judging_write(const struct n1_verdict *verdict);

#endif
