#include "analyzer/gate/scale.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "analyzer/gate/callpath.h"
#include "analyzer/gate/check.h"
#include "analyzer/gate/housekeeping.h"

/* Between a line (1) and a parabola (2), nearer to the latter: two sizes cannot tell constants apart. */
#define SQUARE_FROM 1.6
/* Below a root of the rows: doubling the data brings less than half as many again. What has no list to drive it there is no loop. */
#define SLOWER_BELOW 0.5

struct scale {
    const struct n1_scale_input *in;
    struct n1_verdict *verdict;
    struct n1_gate_items *small, *large;
};

struct growth {
    const struct n1_gate_item *item; /* of the larger recording */
    uint64_t before, now;            /* executions */
};

/* What a list says about the size of the data. */
struct driver {
    const struct n1_gate_item *item;
    uint64_t rows_before, rows_now;
};

static const struct n1_gate_item *before_of(const struct scale *s, const struct n1_gate_item *item)
{
    return n1_gate_items_find(s->small, item->id);
}

/* The next list behind i, in the order of items; false at the end. */
static bool next_driver(const struct scale *s, guint *i, struct driver *driver)
{
    for (; *i < s->large->item->len; (*i)++) {
        const struct n1_gate_item *item = g_ptr_array_index(s->large->item, *i), *before = before_of(s, item);
        if (!before || before->executions != item->executions || item->rows <= before->rows)
            continue;
        *driver = (struct driver){item, before->rows, item->rows};
        (*i)++;
        return true;
    }
    return false;
}

/* The list each of whose further rows brought the same whole number of further executions; the parent that was proven first. */
static bool find_driver(const struct scale *s, const struct growth *g, struct driver *found, uint64_t *slope)
{
    struct driver d;
    bool is_found = false;
    const char *parent = g->item->finding && g->item->finding->has_parent ? g->item->finding->parent.sql : NULL;
    for (guint i = 0; next_driver(s, &i, &d);) {
        double k = (double)(g->now - g->before) / (double)(d.rows_now - d.rows_before), whole = round(k);
        if (whole < 1 || fabs(k - whole) > 0.02 * whole)
            continue;
        /* executions = constant + whole × rows: a constant below nothing is no line but a curve. */
        if ((double)g->before < 0.98 * whole * (double)d.rows_before)
            continue;
        bool is_proven = g_strcmp0(parent, d.item->sql) == 0,
             is_better = !is_found || is_proven || whole < (double)*slope;
        if (!is_better)
            continue;
        *found = d;
        *slope = (uint64_t)whole;
        is_found = true;
        if (is_proven)
            break;
    }
    return is_found;
}

static bool is_insert(const struct n1_gate_item *item)
{
    return n1_gate_is_insert(item->sql, NULL) && (!item->finding || !item->finding->has_parent);
}

/* How many times as large the data are: by the list that grew most, or by the rows that were written. 1: nothing tells. */
static double size_ratio(const struct scale *s)
{
    struct driver d;
    double most = 1;
    for (guint i = 0; next_driver(s, &i, &d);)
        most = MAX(most, (double)d.rows_now / (double)MAX(d.rows_before, 1));
    for (guint i = 0; i < s->large->item->len; i++) {
        const struct n1_gate_item *item = g_ptr_array_index(s->large->item, i), *before = before_of(s, item);
        if (before && before->executions > 0 && is_insert(item))
            most = MAX(most, (double)item->executions / (double)before->executions);
    }
    return most;
}

/* The law's exponent: 1 is a line, 2 a parabola. 1 when nothing tells. */
static double exponent(const struct scale *s, const struct growth *g)
{
    double ratio = size_ratio(s);
    return ratio <= 1 || g->before == 0 ? 1 : log((double)g->now / (double)g->before) / log(ratio);
}

static bool is_accepted(const struct scale *s, const struct n1_gate_item *item)
{
    for (guint i = 0; s->in->baseline && i < s->in->baseline->entry->len; i++) {
        const struct n1_gate_entry *e = g_ptr_array_index(s->in->baseline->entry, i);
        bool is_related = n1_gate_is_outer(e->path, item->path) || n1_gate_is_outer(item->path, e->path);
        if (strcmp(e->sql, item->sql) == 0 && is_related && (e->form != N1_FORM_COUNT || e->tolerance.is_any))
            return true;
    }
    return false;
}

/* A loop over rows, some of which take the branch: it is one, however few. */
static bool is_proven_loop(const struct n1_gate_item *item)
{
    const struct n1_finding *f = item->finding;
    return f && f->kind == N1_KIND_N_PLUS_ONE && f->has_parent && f->evidence.parent_rows > 0;
}

static enum n1_change law(const struct scale *s, const struct growth *g, const char **why)
{
    struct n1_verdict *v = s->verdict;
    struct driver d;
    uint64_t slope = 0;
    double power = exponent(s, g);
    if (g->now <= g->before || (g->before == 0 && g->now == 1)) {
        *why = "";
        return N1_CHANGE_CONSTANT;
    }
    if (is_insert(g->item)) {
        *why = "it puts the rows into the database: the growth itself";
        return N1_CHANGE_WRITES;
    }
    if (g->item->is_batch && !g->item->finding) {
        *why = "one more for so many rows: it asks for several at once";
        return N1_CHANGE_BATCH;
    }
    if (find_driver(s, g, &d, &slope)) {
        uint64_t more = d.rows_now - d.rows_before;
        *why = n1_verdict_printf(v, "%" PRIu64 " for each of %" PRIu64 " more %s of: %s", slope, more,
                                 n1_noun(more, "row", "rows"), d.item->sql);
        return N1_CHANGE_ROW;
    }
    if (power >= SQUARE_FROM) {
        *why = n1_verdict_printf(v, "with the power of %.1f of the rows", power);
        return N1_CHANGE_SQUARE;
    }
    if (!g->item->finding && g->item->rows >= 2 * g->now && power < SQUARE_FROM) {
        *why = "one more for so many rows: it reads them in pages";
        return N1_CHANGE_BATCH;
    }
    if (is_proven_loop(g->item)) {
        const struct n1_finding *f = g->item->finding;
        *why = n1_verdict_printf(v, "about %.2g for each row of: %s",
                                 (double)f->evidence.executions / (double)f->evidence.parent_rows, f->parent.sql);
        return N1_CHANGE_ROW;
    }
    if (power < SLOWER_BELOW) {
        *why = n1_verdict_printf(v, "with the power of %.1f of the rows: a search, a cache, a retry", power);
        return N1_CHANGE_SLOWER;
    }
    *why =
        n1_verdict_printf(v, "with the power of %.1f of the rows; no list was seen that grew in step with it", power);
    return N1_CHANGE_ROW;
}

static void judge(struct scale *s, const struct growth *g)
{
    struct n1_verdict *v = s->verdict;
    const char *why;
    struct n1_verdict_line *line = n1_verdict_add(v, law(s, g, &why));
    char *path = n1_gate_callpath_words(g->item->path), *was = n1_gate_measure(N1_FORM_COUNT, g->before, 0),
         *now = n1_gate_measure(N1_FORM_COUNT, g->now, 0);
    line->id = n1_verdict_text(v, g->item->id);
    line->subject = n1_verdict_text(v, g->item->sql);
    line->path = n1_verdict_text(v, path);
    line->where = g->item->where;
    line->finding = g->item->finding;
    line->before = n1_verdict_text(v, was);
    line->now = n1_verdict_text(v, now);
    line->count_before = (double)g->before;
    line->count_now = (double)g->now;
    line->message = *why ? why : NULL;
    line->fails = line->change == N1_CHANGE_ROW || line->change == N1_CHANGE_SQUARE;
    if (line->fails && (is_accepted(s, g->item) || (line->finding && line->finding->is_suppressed))) {
        line->fails = false;
        line->is_accepted = true;
    }
    g_free(path);
    g_free(was);
    g_free(now);
}

static void judge_all(struct scale *s)
{
    for (guint i = 0; i < s->large->item->len; i++) {
        const struct n1_gate_item *item = g_ptr_array_index(s->large->item, i), *before = before_of(s, item);
        judge(s, &(struct growth){item, before ? before->executions : 0, item->executions});
    }
}

static bool has_grown(const struct scale *s)
{
    struct driver d;
    guint first = 0;
    for (guint i = 0; i < s->verdict->line->len; i++)
        if (((const struct n1_verdict_line *)g_ptr_array_index(s->verdict->line, i))->change != N1_CHANGE_CONSTANT)
            return true;
    return next_driver(s, &first, &d);
}

struct n1_verdict *n1_scale(const struct n1_scale_input *in)
{
    const struct n1_report *small = in->a, *large = in->b;
    struct scale s = {.in = in, .verdict = n1_verdict_new(N1_VERDICT_SCALE)};
    struct n1_verdict *v = s.verdict;
    if (small->totals.rows + small->totals.statements > large->totals.rows + large->totals.statements) {
        small = in->b;
        large = in->a;
        n1_verdict_note(v, "%s is the larger one of the two", in->name_a);
    }
    s.small = n1_gate_counts_new(&small, 1);
    s.large = n1_gate_counts_new(&large, 1);
    v->statements_before = small->totals.statements;
    v->statements = large->totals.statements;
    v->baseline = in->baseline_file;
    v->folder = n1_verdict_text(v, large->working_directory);
    v->left_out = n1_gate_housekeeping_names();
    v->reason = n1_check_doubt(v, (const struct n1_report *const[]){small, large}, 2, false);
    judge_all(&s);
    if (!v->reason && !has_grown(&s))
        v->reason = "both recordings are of the same size of data: no statement gave more rows in one of them";
    if (v->reason)
        v->outcome = N1_OUTCOME_INCONCLUSIVE;
    n1_verdict_settle(v);
    n1_gate_items_free(s.small);
    n1_gate_items_free(s.large);
    return v;
}
