#include "reports/html/axis.h"

#include <stdlib.h>

#include "reports/escape.h"

#define CUT_SHARE     0.04  /* an idle stretch is cut when it is longer than this share of what would be left */
#define CUT_WIDTH     0.015 /* what a cut takes on the axis */
#define CUTS_WIDTH    0.25  /* what all of them take at most */
#define SPAN_AT_LEAST 1.0

uint64_t n1_axis_end_of(const struct n1_execution *e)
{
    return n1_count_add(e->start_ns, e->duration_ns);
}

static uint64_t length(const struct n1_axis_cut *cut)
{
    return cut->to_ns - cut->from_ns;
}

static int longest_first(const void *x, const void *y)
{
    const struct n1_axis_cut *a = x, *b = y;
    if (length(a) != length(b))
        return length(a) > length(b) ? -1 : 1;
    return a->from_ns < b->from_ns ? -1 : a->from_ns > b->from_ns;
}

static int by_time(const void *x, const void *y)
{
    const struct n1_axis_cut *a = x, *b = y;
    return a->from_ns < b->from_ns ? -1 : a->from_ns > b->from_ns;
}

/* Keeps the longest idle stretches in cut[], longest first. */
static void keep(struct n1_axis *axis, struct n1_axis_cut gap)
{
    if (axis->n_cuts < N1_AXIS_CUTS) {
        axis->cut[axis->n_cuts++] = gap;
    } else if (length(&gap) > length(&axis->cut[N1_AXIS_CUTS - 1])) {
        axis->cut[N1_AXIS_CUTS - 1] = gap;
    } else
        return;
    qsort(axis->cut, axis->n_cuts, sizeof *axis->cut, longest_first);
}

void n1_axis_init(struct n1_axis *axis, const struct n1_execution *execution, size_t count)
{
    uint64_t busy_until = n1_axis_end_of(&execution[0]);
    *axis = (struct n1_axis){.start_ns = execution[0].start_ns};
    for (size_t i = 1; i < count; i++) {
        if (execution[i].start_ns > busy_until)
            keep(axis, (struct n1_axis_cut){busy_until, execution[i].start_ns});
        uint64_t end = n1_axis_end_of(&execution[i]);
        busy_until = end > busy_until ? end : busy_until;
    }
    axis->end_ns = busy_until;
    /* As many as are long beside what is left without them: equal ones go together. */
    double left = (double)(axis->end_ns - axis->start_ns), rest = left;
    size_t cuts = 0;
    for (size_t i = 0; i < axis->n_cuts; i++) {
        rest -= (double)length(&axis->cut[i]);
        if ((double)length(&axis->cut[i]) > CUT_SHARE * rest) {
            cuts = i + 1;
            left = rest;
        }
    }
    axis->n_cuts = cuts;
    qsort(axis->cut, axis->n_cuts, sizeof *axis->cut, by_time);
    axis->cut_width = (double)cuts * CUT_WIDTH > CUTS_WIDTH ? CUTS_WIDTH / (double)cuts : CUT_WIDTH;
    axis->scale = (1.0 - axis->cut_width * (double)cuts) / (left > SPAN_AT_LEAST ? left : SPAN_AT_LEAST);
}

double n1_axis_at(const struct n1_axis *axis, uint64_t ns)
{
    double at = 0.0;
    uint64_t from = axis->start_ns;
    for (size_t i = 0; i < axis->n_cuts && ns > axis->cut[i].from_ns; i++) {
        const struct n1_axis_cut *cut = &axis->cut[i];
        at += (double)(cut->from_ns - from) * axis->scale;
        at += axis->cut_width * (ns < cut->to_ns ? (double)(ns - cut->from_ns) / (double)length(cut) : 1.0);
        from = cut->to_ns;
    }
    return ns > from ? at + (double)(ns - from) * axis->scale : at;
}
