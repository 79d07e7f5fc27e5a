/* read_modify_write: a number was read into the program and written back changed, to the same row, without a lock and without a
 * comparison: what another session wrote in between is lost. */
#include "analyzer/rules/rule.h"

void n1_detect_read_modify_write(const struct n1_analysis *a, GArray *candidates)
{
    for (uint32_t i = 0; i < n1_sites_count(a->sites); i++) {
        struct n1_site *site = n1_sites_at(a->sites, i);
        const struct n1_readback_totals *t = &site->readback;
        bool is_constant = t->executions > 1 && !t->has_other_fresh;
        if (t->executions == 0 || n1_site_is_left_out(site) || t->executions < a->constants->rmw_executions ||
            is_constant)
            continue;
        struct n1_candidate c = {
            .kind = N1_KIND_READ_MODIFY_WRITE,
            .confidence = N1_LIKELY,
            .child = site,
            .parent = t->reader,
            .cardinality = N1_TO_ONE,
            .loops = t->executions,
            .time_ns = t->time_ns,
            .saved_ns = t->read_ns,
            .evidence = {.executions = t->executions,
                         .distinct_parameters = MIN(n1_distinct_count(&site->parameters), t->executions),
                         .matched_parameters = t->executions,
                         .parent_rows = t->executions,
                         .parent_executions = t->reads,
                         .same_call_path = true,
                         .processes = site->processes,
                         .threads = site->threads,
                         .connections = site->connections},
        };
        n1_candidates_add(candidates, &c);
    }
}
