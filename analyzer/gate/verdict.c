#include "analyzer/gate/verdict.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

const struct n1_change_words n1_change_words[N1_CHANGES] = {
    [N1_CHANGE_NEW_FINDING] = {"new_finding", "New findings"},
    [N1_CHANGE_NEW_EDGE] = {"new_per_row_edge", "Now once for each row"},
    [N1_CHANGE_STEEPER] = {"steeper_slope", "More queries for each row"},
    [N1_CHANGE_ABOVE] = {"above_accepted", "More queries than accepted"},
    [N1_CHANGE_BUDGET] = {"over_budget", "Over budget"},
    [N1_CHANGE_LOWER] = {"lower", "Fewer than accepted"},
    [N1_CHANGE_RENAMED] = {"renamed", "Renamed functions, matched by their statement"},
    [N1_CHANGE_PARENT] = {"parent_changed", "Parents that are spelled differently"},
    [N1_CHANGE_NEW_STATEMENT] = {"new_statement", "New statements, no finding"},
    [N1_CHANGE_STALE] = {"stale", "Stale entries: they match nothing"},
    [N1_CHANGE_SUPPRESSED] = {"suppressed", "Suppressed"},
    [N1_CHANGE_UNUSED] = {"unused_suppression", "Suppressions that match nothing"},
    [N1_CHANGE_SQUARE] = {"per_row_squared", "Grows with the square of the rows"},
    [N1_CHANGE_ROW] = {"per_row", "Grows with the rows"},
    [N1_CHANGE_SLOWER] = {"slower_than_rows", "Grows slower than the rows"},
    [N1_CHANGE_BATCH] = {"per_batch", "Grows by batches"},
    [N1_CHANGE_WRITES] = {"writes_rows", "Writes the rows"},
    [N1_CHANGE_CONSTANT] = {"constant", "Constant"},
    [N1_CHANGE_WORSE] = {"worse", "Worse"},
    [N1_CHANGE_NEW] = {"new", "New"},
    [N1_CHANGE_BETTER] = {"better", "Better"},
    [N1_CHANGE_GONE] = {"gone", "Gone"},
};

struct n1_verdict *n1_verdict_new(enum n1_verdict_subject subject)
{
    struct n1_verdict *v = g_new0(struct n1_verdict, 1);
    v->subject = subject;
    v->line = g_ptr_array_new_with_free_func(g_free);
    v->note = g_ptr_array_new();
    v->strings = g_string_chunk_new(4096);
    return v;
}

void n1_verdict_free(struct n1_verdict *v)
{
    if (!v)
        return;
    g_ptr_array_free(v->line, TRUE);
    g_ptr_array_free(v->note, TRUE);
    g_string_chunk_free(v->strings);
    g_free(v);
}

const char *n1_verdict_text(struct n1_verdict *v, const char *text)
{
    return text ? g_string_chunk_insert(v->strings, text) : NULL;
}

static const char *print(struct n1_verdict *v, const char *format, va_list args)
{
    char *text = g_strdup_vprintf(format, args);
    const char *kept = n1_verdict_text(v, text);
    g_free(text);
    return kept;
}

const char *n1_verdict_printf(struct n1_verdict *v, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = print(v, format, args);
    va_end(args);
    return text;
}

void n1_verdict_note(struct n1_verdict *v, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_ptr_array_add(v->note, (gpointer)(uintptr_t)print(v, format, args));
    va_end(args);
}

struct n1_verdict_line *n1_verdict_add(struct n1_verdict *v, enum n1_change change)
{
    struct n1_verdict_line *line = g_new0(struct n1_verdict_line, 1);
    line->change = change;
    line->count_before = line->count_now = -1;
    g_ptr_array_add(v->line, line);
    return line;
}

static int in_order(gconstpointer x, gconstpointer y)
{
    const struct n1_verdict_line *a = *(struct n1_verdict_line *const *)x, *b = *(struct n1_verdict_line *const *)y;
    if (a->fails != b->fails)
        return a->fails ? -1 : 1;
    if (a->change != b->change)
        return a->change < b->change ? -1 : 1;
    double more_a = a->count_now - MAX(a->count_before, 0), more_b = b->count_now - MAX(b->count_before, 0);
    if (more_a < more_b || more_a > more_b)
        return more_a > more_b ? -1 : 1;
    int order = g_strcmp0(a->path, b->path);
    return order != 0 ? order : g_strcmp0(a->subject, b->subject);
}

static size_t count(const struct n1_verdict *v, enum n1_change change)
{
    size_t n = 0;
    for (guint i = 0; i < v->line->len; i++)
        n += ((const struct n1_verdict_line *)g_ptr_array_index(v->line, i))->change == change;
    return n;
}

static const char *s(size_t n)
{
    return n == 1 ? "" : "s";
}

static const char *headline(struct n1_verdict *v)
{
    size_t grows = count(v, N1_CHANGE_ROW) + count(v, N1_CHANGE_SQUARE);
    if (v->outcome == N1_OUTCOME_INCONCLUSIVE)
        return n1_verdict_printf(v, "inconclusive: %s", v->reason);
    switch (v->subject) {
    case N1_VERDICT_SCALE:
        if (v->fails > 0)
            return n1_verdict_printf(v, "failed: %zu quer%s more often the more rows there are", v->fails,
                                     v->fails == 1 ? "y runs" : "ies run");
        return n1_verdict_printf(v, grows > 0 ? "passed: what grows with the rows is accepted"
                                              : "passed: nothing grows with the rows");
    case N1_VERDICT_DIFF:
        return n1_verdict_printf(v, "%zu worse, %zu new, %zu better, %zu gone; %" PRIu64 " %s, before %" PRIu64,
                                 count(v, N1_CHANGE_WORSE), count(v, N1_CHANGE_NEW), count(v, N1_CHANGE_BETTER),
                                 count(v, N1_CHANGE_GONE), v->statements,
                                 n1_noun(v->statements, "statement", "statements"), v->statements_before);
    default: break;
    }
    if (v->fails > 0)
        return n1_verdict_printf(v, "failed: %zu regression%s in %" PRIu64 " %s", v->fails, s(v->fails), v->statements,
                                 n1_noun(v->statements, "statement", "statements"));
    return n1_verdict_printf(v, "passed: no regression in %" PRIu64 " %s", v->statements,
                             n1_noun(v->statements, "statement", "statements"));
}

void n1_verdict_settle(struct n1_verdict *v)
{
    g_ptr_array_sort(v->line, in_order);
    v->fails = 0;
    for (guint i = 0; i < v->line->len; i++)
        v->fails += ((const struct n1_verdict_line *)g_ptr_array_index(v->line, i))->fails;
    if (v->outcome != N1_OUTCOME_INCONCLUSIVE)
        v->outcome = v->fails > 0 ? N1_OUTCOME_REGRESSED : N1_OUTCOME_PASSED;
    v->headline = headline(v);
}
