/* match: which entry of the baseline speaks of which item. First by the whole key; then a loop through another wrapper; a parent
 * that is spelled differently; a loop that had too few rows to be seen as one; at last a renamed function, by the statement alone
 * when it is unique on both sides. One thread. */
#ifndef N1_ANALYZER_GATE_MATCH_H
#define N1_ANALYZER_GATE_MATCH_H

#include "analyzer/gate/baseline.h"
#include "analyzer/gate/items.h"

enum n1_gate_how {
    N1_MATCH_NONE, /* item or entry is NULL */
    N1_MATCH_EXACT,
    N1_MATCH_NEAR,    /* the same loop, inner functions differ */
    N1_MATCH_PARENT,  /* the parent's statement differs; the accepted one did not run */
    N1_MATCH_SMALL,   /* a loop is accepted, no loop was seen */
    N1_MATCH_FORM,    /* a count is accepted, a loop was seen */
    N1_MATCH_RENAMED, /* the call path differs */
};

struct n1_gate_pair {
    const struct n1_gate_item *item;
    struct n1_gate_entry *entry;
    enum n1_gate_how how;
};

/* Every item once, every entry at least once. Free with g_array_unref(). */
GArray *n1_gate_match(const struct n1_gate_items *items, const struct n1_baseline *baseline);

#endif
