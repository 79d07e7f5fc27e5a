#include "analyzer/gate/diff.h"

#include <inttypes.h>

#include "analyzer/gate/callpath.h"
#include "analyzer/gate/check.h"
#include "analyzer/gate/housekeeping.h"
#include "analyzer/gate/match.h"

struct side {
    enum n1_gate_form form;
    uint64_t executions;
    double slope;
};

static double ratio(const struct n1_gate_item *item)
{
    return item->form == N1_FORM_PER_ROW && item->parent_rows > 0 ? (double)item->executions / (double)item->parent_rows
                                                                  : 1;
}

/* The recording of before, as if all of it had been accepted: then matching is what it is for a baseline. */
static struct n1_baseline *as_baseline(const struct n1_gate_items *items)
{
    struct n1_baseline *b = n1_baseline_new();
    for (guint i = 0; i < items->item->len; i++) {
        const struct n1_gate_item *item = g_ptr_array_index(items->item, i);
        struct n1_gate_entry e = n1_gate_entry_of(item);
        e.executions = item->executions;
        e.slope = ratio(item);
        n1_baseline_put(b, &e);
    }
    n1_baseline_sort(b);
    return b;
}

static const char *measure(struct n1_verdict *v, const struct side *side)
{
    char *count = n1_gate_measure(N1_FORM_COUNT, side->executions, 0);
    char *each = side->form == N1_FORM_PER_ROW ? n1_gate_measure(side->form, 0, side->slope) : NULL;
    const char *words = each ? n1_verdict_printf(v, "%s, %s", count, each) : n1_verdict_text(v, count);
    g_free(each);
    g_free(count);
    return words;
}

static enum n1_change compare(const struct n1_gate_pair *p, double *before, double *now)
{
    bool is_loop = p->item->form == N1_FORM_PER_ROW, was_loop = p->entry->form == N1_FORM_PER_ROW;
    unsigned kinds_now = p->item->kinds & ~p->entry->kinds, kinds_gone = p->entry->kinds & ~p->item->kinds;
    if (is_loop != was_loop)
        return is_loop ? N1_CHANGE_WORSE : N1_CHANGE_BETTER;
    if (p->item->form == N1_FORM_WRITTEN && p->entry->form == N1_FORM_WRITTEN)
        *now = *before; /* as many as there are rows to write */
    if (is_loop) {
        *before = p->entry->slope;
        *now = ratio(p->item);
    }
    double more = *now - *before;
    if (more > 1e-9 * *before)
        return N1_CHANGE_WORSE;
    if (-more > 1e-9 * *before)
        return N1_CHANGE_BETTER;
    return kinds_now ? N1_CHANGE_WORSE : kinds_gone ? N1_CHANGE_BETTER : N1_CHANGES;
}

static void add(struct n1_verdict *v, enum n1_change change, const struct n1_gate_pair *p, double before, double now)
{
    struct n1_verdict_line *line = n1_verdict_add(v, change);
    char *path = n1_gate_callpath_words(p->item ? p->item->path : p->entry->path);
    line->path = n1_verdict_text(v, path);
    line->subject = n1_verdict_text(v, p->item ? p->item->sql : p->entry->sql);
    line->count_before = p->entry ? before : -1;
    line->count_now = p->item ? now : -1;
    if (p->entry)
        line->before = measure(v, &(struct side){p->entry->form, p->entry->executions, p->entry->slope});
    if (p->item) {
        line->now = measure(v, &(struct side){p->item->form, p->item->executions, ratio(p->item)});
        line->where = p->item->where;
        line->finding = p->item->finding;
        line->id = n1_verdict_text(v, p->item->id);
    }
    if (p->how == N1_MATCH_RENAMED) {
        char *old = n1_gate_callpath_words(p->entry->path);
        line->message = n1_verdict_printf(v, "It was: %s", old);
        g_free(old);
    } else if (line->finding && p->item->kinds & ~(p->entry ? p->entry->kinds : 0))
        line->message = n1_verdict_text(v, line->finding->message);
    g_free(path);
}

struct n1_verdict *n1_diff(const struct n1_report *before, const struct n1_report *after)
{
    struct n1_verdict *v = n1_verdict_new(N1_VERDICT_DIFF);
    struct n1_gate_items *old = n1_gate_items_new(&before, 1), *new = n1_gate_items_new(&after, 1);
    struct n1_baseline *baseline = as_baseline(old);
    GArray *pairs = n1_gate_match(new, baseline);
    v->statements_before = before->totals.statements;
    v->statements = after->totals.statements;
    v->folder = n1_verdict_text(v, after->working_directory);
    v->left_out = n1_gate_housekeeping_names();
    for (guint i = 0; i < pairs->len; i++) {
        const struct n1_gate_pair *p = &g_array_index(pairs, struct n1_gate_pair, i);
        double was = p->entry ? (double)p->entry->executions : 0, now = p->item ? (double)p->item->executions : 0;
        enum n1_change change = !p->entry ? N1_CHANGE_NEW : !p->item ? N1_CHANGE_GONE : compare(p, &was, &now);
        if (change != N1_CHANGES) {
            /* The place of what is gone: in the recording of before. */
            struct n1_gate_item *gone = p->item ? NULL : n1_gate_items_find(old, p->entry->id);
            add(v, change, p, was, now);
            struct n1_verdict_line *line = g_ptr_array_index(v->line, v->line->len - 1);
            if (gone) {
                line->where = gone->where;
                line->finding = gone->finding;
            }
        }
    }
    if (before->lost_events > 0 || !before->is_complete)
        n1_verdict_note(v, "the first recording is not complete");
    if (after->lost_events > 0 || !after->is_complete)
        n1_verdict_note(v, "the second recording is not complete");
    n1_verdict_settle(v);
    g_array_unref(pairs);
    n1_baseline_free(baseline);
    n1_gate_items_free(old);
    n1_gate_items_free(new);
    return v;
}
