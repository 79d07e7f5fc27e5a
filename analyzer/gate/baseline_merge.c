/* Two branches changed the baseline: what each accepted stays accepted, what each took away stays away. */
#include <string.h>

#include "analyzer/gate/baseline.h"

static bool same(const struct n1_gate_entry *a, const struct n1_gate_entry *b)
{
    if (!a || !b)
        return a == b;
    return a->form == b->form && a->executions == b->executions && a->slope == b->slope && a->kinds == b->kinds &&
           g_strcmp0(a->tolerance_text, b->tolerance_text) == 0 && g_strcmp0(a->note, b->note) == 0;
}

/* The text that was changed, ours when both changed it. */
static const char *newer(const char *base, const char *ours, const char *theirs)
{
    return g_strcmp0(ours, base) != 0 ? ours : theirs;
}

static void both(struct n1_baseline *into, const struct n1_gate_entry *base, const struct n1_gate_entry *ours,
                 const struct n1_gate_entry *theirs)
{
    struct n1_gate_entry e = ours->form >= theirs->form ? *ours : *theirs; /* a loop accepted holds its count too */
    e.executions = MAX(ours->executions, theirs->executions);
    e.slope = MAX(ours->slope, theirs->slope);
    e.kinds = ours->kinds | theirs->kinds;
    e.tolerance_text = newer(base ? base->tolerance_text : NULL, ours->tolerance_text, theirs->tolerance_text);
    e.note = newer(base ? base->note : NULL, ours->note, theirs->note);
    n1_tolerance_parse(&e.tolerance, e.tolerance_text);
    n1_baseline_put(into, &e);
}

static void merge_one(struct n1_baseline *into, const struct n1_gate_entry *base, const struct n1_gate_entry *ours,
                      const struct n1_gate_entry *theirs)
{
    const struct n1_gate_entry *result = ours;
    if (same(ours, theirs) || same(theirs, base))
        result = ours;
    else if (same(ours, base))
        result = theirs;
    else if (ours && theirs) {
        both(into, base, ours, theirs);
        return;
    } else
        result = ours ? ours : theirs; /* removed on one side, changed on the other: what was looked at last stays */
    if (result)
        n1_baseline_put(into, result);
}

struct n1_baseline *n1_baseline_merge(const struct n1_baseline *base, const struct n1_baseline *ours,
                                      const struct n1_baseline *theirs)
{
    struct n1_baseline *into = n1_baseline_new();
    for (guint i = 0; i < ours->entry->len; i++) {
        const struct n1_gate_entry *e = g_ptr_array_index(ours->entry, i);
        merge_one(into, n1_baseline_find(base, e->id), e, n1_baseline_find(theirs, e->id));
    }
    for (guint i = 0; i < theirs->entry->len; i++) {
        const struct n1_gate_entry *e = g_ptr_array_index(theirs->entry, i);
        if (!n1_baseline_find(ours, e->id))
            merge_one(into, n1_baseline_find(base, e->id), NULL, e);
    }
    n1_baseline_sort(into);
    return into;
}
