/* write_loop: INSERT, UPDATE or DELETE of one row at a time in a loop. Not: batches, the batch form of a driver to a database
 * inside the process, which costs no round trips (SQLite's executemany), and workers that take a job, do it and mark it (each
 * write follows a single row that was fetched for it). */
#include "analyzer/rules/rule.h"

/* How many of the columns that choose the written row the list has under the same names: its own row, when it is all of them. */
static uint32_t same_columns(const struct n1_edge *list)
{
    const struct n1_site *site = list->child;
    uint32_t count = 0;
    for (guint i = 0; i < site->parents->len; i++) {
        const struct n1_edge *e = g_ptr_array_index(site->parents, i);
        count += e->parent == list->parent && e->is_same_table && n1_name_equal(e->source.column, e->target->column) &&
                 n1_is_nearly_all(e->loops.children, site->stats.executions);
    }
    return count;
}

/* A list of which the writes name one row only (a tenant's number in each of them) is their setting and calls for none. */
static bool may_drive(const struct n1_analysis *a, const struct n1_edge *e)
{
    bool is_named = e->names >= N1_NAME_LIKELY ||
                    (e->child->stmt->text->n_keys > 1 && same_columns(e) >= e->child->stmt->text->n_keys);
    return e->loops.children >= a->constants->write_loop_children && is_named && e->parent != e->child &&
           e->parting != N1_PART_REQUEST && n1_distinct_count(&e->values) > 1;
}

static const struct n1_edge *best_list(const struct n1_analysis *a, const struct n1_site *site)
{
    const struct n1_edge *best = NULL;
    for (guint i = 0; i < site->parents->len; i++) {
        const struct n1_edge *e = g_ptr_array_index(site->parents, i);
        if (!may_drive(a, e))
            continue;
        uint32_t same = same_columns(e), of_best = best != NULL ? same_columns(best) : 0;
        if (best == NULL || same > of_best || (same == of_best && e->loops.children > best->loops.children))
            best = e;
    }
    return best;
}

/* One row, or ten writes and more to each row that was chosen: the rows are few, and it is the writing that is many. */
static bool changes_same_rows(const struct n1_site *site)
{
    const struct n1_query_text *text = site->stmt->text;
    const uint64_t rows = n1_distinct_count(&site->rows_chosen);
    return text->shape.verb == N1_SQL_VERB_UPDATE && text->n_keys > 0 && text->n_keys <= N1_OWN_KEYS &&
           (rows == 1 || n1_is_nearly_none(rows, site->stats.executions));
}

static bool is_driver_batch(const struct n1_site *site)
{
    return site->path->is_batch && site->stmt->dialect == N1_DIALECT_SQLITE;
}

void n1_detect_write_loop(const struct n1_analysis *a, GArray *candidates)
{
    for (uint32_t i = 0; i < n1_sites_count(a->sites); i++) {
        struct n1_site *site = n1_sites_at(a->sites, i);
        if (!site->stmt->is_write || n1_site_is_left_out(site) || site->runs.runs == 0 || site->rows_max > 1 ||
            is_driver_batch(site) || n1_site_follows_single_rows(site))
            continue;
        const struct n1_edge *edge = best_list(a, site);
        /* A stretch says that there is a loop; pauses of the machine cut it anywhere, so all of the place's writes count. */
        uint64_t executions =
            MAX(site->stats.executions - MIN(site->batches, site->stats.executions), site->runs.executions);
        struct n1_candidate c = {
            .kind = N1_KIND_WRITE_LOOP,
            .confidence = edge != NULL ? N1_PROVEN : n1_site_confidence(site, N1_LIKELY),
            .child = site,
            .parent = edge != NULL ? edge->parent : NULL,
            .edge = edge,
            .cardinality = N1_TO_ONE,
            .is_same_row = changes_same_rows(site),
            .loops = site->runs.runs,
            .time_ns = site->stats.db_time_ns,
            .evidence = {.executions = executions,
                         .distinct_parameters = MIN(n1_distinct_count(&site->parameters), executions),
                         .matched_parameters = edge != NULL ? MIN(n1_distinct_count(&edge->values), executions) : 0,
                         .parent_rows = edge != NULL ? edge->loops.parent_rows : 0,
                         .parent_executions = edge != NULL ? edge->loops.parents : 0,
                         .same_call_path = true,
                         .processes = site->processes,
                         .threads = site->threads,
                         .connections = site->connections},
        };
        n1_candidates_add(candidates, &c);
    }
}
