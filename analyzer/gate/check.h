/* check: recordings against a baseline, into a verdict; and the baseline as it should be afterwards.
 *
 *     struct n1_verdict *verdict;
 *     n1_check(&input, &verdict);             input.baseline may be changed when input.update says so
 *     if (input.has_changed) … write n1_baseline_text(input.baseline) …
 *
 * A count above its entry, a steeper slope, a new per-row edge and a finding without an entry are regressions; less is never one
 * (but with is_strict). An incomplete recording gives no verdict and changes nothing. One thread.
 */
#ifndef N1_ANALYZER_GATE_CHECK_H
#define N1_ANALYZER_GATE_CHECK_H

#include "analyzer/gate/baseline.h"
#include "analyzer/gate/verdict.h"

enum n1_check_update {
    N1_UPDATE_NOTHING,
    N1_UPDATE_TIGHTEN, /* only downwards; follows renamed functions */
    N1_UPDATE_ALL,     /* takes what is new and what is more, too */
    N1_UPDATE_LISTED,  /* takes exactly the ids of accept */
};

/* What may fail: finding kinds by 1 << enum n1_kind, and counts above their entries. */
#define N1_FAIL_ON_COUNT (1U << N1_KINDS)
#define N1_FAIL_ON_ALL   ((1U << (N1_KINDS + 1)) - 1)

struct n1_budget {
    const char *scope; /* NULL: the whole recording */
    uint64_t most;
};

struct n1_check_input {
    const struct n1_report *const *report;
    size_t n_reports;
    struct n1_baseline *baseline; /* an empty one when there is no file */
    const char *baseline_file;    /* for words; NULL: there is none */
    const char *command;          /* "n1prof check a.trace --baseline b.json", to be continued by options */
    unsigned fail_on;
    bool is_strict, may_be_empty;
    enum n1_check_update update;
    const char *const *accept; /* ids of lines or of findings, NULL-terminated; or NULL */
    const struct n1_budget *budget;
    size_t n_budgets;
    bool has_changed; /* out: the baseline is another one than before */
};

struct n1_verdict *n1_check(struct n1_check_input *input);

/* Removes what matches nothing in the recordings; how many. */
guint n1_check_prune(const struct n1_gate_items *items, struct n1_baseline *baseline);

/* Why nothing can be said about the recordings, or NULL. Copied into verdict. */
const char *n1_check_doubt(struct n1_verdict *verdict, const struct n1_report *const *report, size_t count,
                           bool may_be_empty);

/* ---- inside ---- */

/* The entry that accepts an item as it is now; strings are the item's. */
struct n1_gate_entry n1_gate_entry_of(const struct n1_gate_item *item);
/* Executions for each row, as a whole number: which rows take the branch is the data's affair. */
double n1_gate_slope(const struct n1_gate_item *item);
/* "12 executions", "2 for each row of SELECT …": g_free() it. */
char *n1_gate_measure(enum n1_gate_form form, uint64_t executions, double slope);

#endif
