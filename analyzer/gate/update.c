/* What the baseline becomes. */
#include <math.h>
#include <string.h>

#include "analyzer/gate/check.h"
#include "analyzer/gate/match.h"

double n1_gate_slope(const struct n1_gate_item *item)
{
    if (item->form != N1_FORM_PER_ROW || item->parent_rows == 0)
        return 1;
    double slope = ceil((double)item->executions / (double)item->parent_rows - 1e-9);
    return slope < 1 ? 1 : slope;
}

struct n1_gate_entry n1_gate_entry_of(const struct n1_gate_item *item)
{
    return (struct n1_gate_entry){
        .form = item->form,
        .path = item->path,
        .sql = item->sql,
        .parent = item->parent,
        .executions = item->form == N1_FORM_COUNT ? item->executions : 0,
        .slope = item->form == N1_FORM_COUNT ? 0 : n1_gate_slope(item),
        .kinds = item->kinds,
    };
}

char *n1_gate_measure(enum n1_gate_form form, uint64_t executions, double slope)
{
    if (form == N1_FORM_COUNT)
        return g_strdup_printf("%" G_GUINT64_FORMAT " execution%s", executions, executions == 1 ? "" : "s");
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(number, sizeof number, "%.6g", slope);
    return g_strdup_printf("%s for each row%s", number, form == N1_FORM_WRITTEN ? " that is written" : "");
}

guint n1_check_prune(const struct n1_gate_items *items, struct n1_baseline *baseline)
{
    GArray *pairs = n1_gate_match(items, baseline);
    guint n = 0;
    for (guint i = 0; i < pairs->len; i++) {
        const struct n1_gate_pair *p = &g_array_index(pairs, struct n1_gate_pair, i);
        uint64_t rows;
        bool is_idle = !p->item && p->entry->parent && n1_gate_items_ran(items, p->entry->parent, &rows) && rows == 0;
        if (p->item || is_idle)
            continue;
        char id[17];
        memcpy(id, p->entry->id, sizeof id);
        n1_baseline_remove(baseline, id);
        n++;
    }
    g_array_unref(pairs);
    return n;
}
