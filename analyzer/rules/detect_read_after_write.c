/* n_plus_one behind a write loop: each row that a loop wrote is read back by the key that the write returned. The values prove
 * it, though no list was read: the loop is the writes'. */
#include "analyzer/rules/rule.h"

static const struct n1_edge *written_row(const struct n1_analysis *a, const struct n1_site *child)
{
    for (guint i = 0; i < child->parents->len; i++) {
        const struct n1_edge *e = g_ptr_array_index(child->parents, i);
        bool explains_all = n1_is_nearly_all(e->wins, child->stats.executions);
        if (e->parent->stmt->is_write && e->is_own_row && explains_all &&
            e->singles.children >= a->constants->write_loop_children && n1_candidates_cover(e->parent))
            return e;
    }
    return NULL;
}

void n1_detect_read_after_write(const struct n1_analysis *a, GArray *candidates)
{
    for (uint32_t i = 0; i < n1_sites_count(a->sites); i++) {
        struct n1_site *child = n1_sites_at(a->sites, i);
        if (!child->stmt->is_read || n1_site_is_left_out(child) || n1_candidates_cover(child))
            continue;
        const struct n1_edge *e = written_row(a, child);
        if (e == NULL)
            continue;
        const struct n1_fan_totals *t = &e->singles;
        uint64_t matched = MIN(n1_distinct_count(&e->values), t->children);
        struct n1_candidate c = {
            .kind = N1_KIND_N_PLUS_ONE,
            .confidence = N1_PROVEN,
            .child = child,
            .parent = e->parent,
            .edge = e,
            .cardinality = N1_TO_ONE,
            .is_own_row = true,
            .loops = 1,
            .time_ns = child->stats.db_time_ns,
            .evidence = {.executions = t->children,
                         .distinct_parameters = MAX(matched, MIN(n1_distinct_count(&child->parameters), t->children)),
                         .matched_parameters = matched,
                         .parent_rows = t->parent_rows,
                         .parent_executions = t->parents,
                         .same_call_path = true,
                         .in_order = true,
                         .processes = child->processes,
                         .threads = child->threads,
                         .connections = child->connections},
        };
        n1_candidates_add(candidates, &c);
    }
}
