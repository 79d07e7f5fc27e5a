/* duplicate_query: the same text with the same parameters and the same result, over and over in one stretch of work, while
 * nothing was written to its tables: the answer was known. */
#include "analyzer/rules/rule.h"

/* Its equals may be the look-ups of a loop that has its own finding, there or elsewhere. */
static bool is_of_a_loop(const GArray *candidates, const struct n1_stmt *stmt)
{
    for (guint i = 0; i < candidates->len; i++) {
        const struct n1_candidate *c = &g_array_index(candidates, struct n1_candidate, i);
        if ((c->kind == N1_KIND_N_PLUS_ONE || c->kind == N1_KIND_QUERY_LOOP) && c->child->stmt == stmt)
            return true;
    }
    return false;
}

void n1_detect_duplicate_query(const struct n1_analysis *a, GArray *candidates)
{
    for (uint32_t i = 0; i < n1_sites_count(a->sites); i++) {
        struct n1_site *site = n1_sites_at(a->sites, i);
        if (site->duplicates.groups == 0 || n1_site_is_left_out(site) || is_of_a_loop(candidates, site->stmt))
            continue;
        /* The first of the equal ones may have come from another place. */
        uint64_t executions = MIN(site->duplicates.executions, site->stats.executions);
        struct n1_candidate c = {
            .kind = N1_KIND_DUPLICATE_QUERY,
            .confidence = site->duplicates.breaths > 0 ? n1_site_confidence(site, N1_PROVEN) : N1_PROVEN,
            .child = site,
            .cardinality = N1_TO_ONE,
            .loops = site->duplicates.groups,
            .time_ns = MIN(site->duplicates.time_ns, site->stats.db_time_ns),
            .evidence = {.executions = executions,
                         .distinct_parameters = site->duplicates.groups,
                         .same_call_path = true,
                         .processes = site->processes,
                         .threads = site->threads,
                         .connections = site->connections},
        };
        n1_candidates_add(candidates, &c);
    }
}
