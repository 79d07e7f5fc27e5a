/* query_loop: one reading query again and again from one place, with ever other parameters, in one stretch of work, and no
 * earlier query gave them. Not: batches of keys, pages of one listing, look-ups that belong to another query's single row. */
#include "analyzer/rules/rule.h"

/* A page: LIMIT with OFFSET, or with a range condition that continues behind the last row. */
static bool is_paging(const struct n1_sql_shape *shape)
{
    if (shape->has_offset)
        return true;
    for (int i = 0; i < shape->predicate_count; i++) {
        enum n1_sql_op op = shape->predicates[i].op;
        bool is_range = op == N1_SQL_OP_GT || op == N1_SQL_OP_GE || op == N1_SQL_OP_LT || op == N1_SQL_OP_LE;
        if (is_range && shape->predicates[i].first_operand >= 0 && shape->has_limit)
            return true;
    }
    return false;
}

/* Chunks of a range: WHERE id BETWEEN ? AND ?, and other conditions without an equality: a report's slices. */
static bool looks_up(const struct n1_site *site)
{
    return site->stmt->text->n_keys > 0;
}

/* Most of what it asked was known: that comes first. */
static bool is_mostly_known(const struct n1_site *site)
{
    return n1_is_mostly(site->duplicates.executions, site->stats.executions);
}

/* Tasks side by side, or one connection after the other: each asks this once on a connection of its own, and goes on with other
 * questions there. In which order the tasks' questions come is the machine's doing. */
static bool begins_tasks(const struct n1_site *site)
{
    return n1_is_nearly_all(site->tasks + 1, site->stats.executions) &&
           n1_is_nearly_all(site->continued, site->stats.executions);
}

/* What it asked for stood in the answer to an earlier request: somebody follows the links of a page. */
static bool follows_links(const struct n1_site *site)
{
    for (guint i = 0; i < site->parents->len; i++) {
        const struct n1_edge *e = g_ptr_array_index(site->parents, i);
        if (e->parting == N1_PART_REQUEST && e->parent->path->is_request && e->names >= N1_NAME_LIKELY &&
            n1_is_nearly_all(e->matched, site->stats.executions))
            return true;
    }
    return false;
}

void n1_detect_query_loop(const struct n1_analysis *a, GArray *candidates)
{
    for (uint32_t i = 0; i < n1_sites_count(a->sites); i++) {
        struct n1_site *site = n1_sites_at(a->sites, i);
        const struct n1_sql_shape *shape = &site->stmt->text->shape;
        if (!site->stmt->is_read || n1_site_is_left_out(site) || site->runs.runs == 0 || !looks_up(site) ||
            is_paging(shape) || shape->is_locking || n1_is_mostly(site->batches, site->stats.executions) ||
            is_mostly_known(site) || n1_candidates_cover(site) || n1_site_follows_single_rows(site) ||
            follows_links(site) || begins_tasks(site))
            continue;
        /* A stretch says that there is a loop; pauses of the machine cut it anywhere, so all of the place's look-ups count. */
        uint64_t executions = site->stats.executions - MIN(site->batches + site->stats.failed, site->stats.executions);
        executions = MAX(executions, site->runs.executions);
        struct n1_candidate c = {
            .kind = N1_KIND_QUERY_LOOP,
            .confidence =
                n1_site_confidence(site, site->runs.alone * 2 >= site->runs.executions ? N1_LIKELY : N1_POSSIBLE),
            .child = site,
            .cardinality = site->rows_max > 1 ? N1_TO_MANY : N1_TO_ONE,
            .loops = site->runs.runs,
            .time_ns = site->stats.db_time_ns,
            .evidence = {.executions = executions,
                         .distinct_parameters = MIN(n1_distinct_count(&site->parameters), executions),
                         .same_call_path = true,
                         .processes = site->processes,
                         .threads = site->threads,
                         .connections = site->connections},
        };
        n1_candidates_add(candidates, &c);
    }
}
