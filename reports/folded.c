/* Folded stacks, "outermost;…;innermost;query COUNT" a line, as flamegraph.pl, inferno, difffolded.pl and speedscope read them.
 * The count is executions. Paths that differ in lines only are one; sorted by bytes. What was lost is a stack of its own.
 */
#include <glib.h>
#include <inttypes.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/flame.h"
#include "reports/report.h"

/* A semicolon parts frames and nothing quotes it. */
static void append_frame(GString *stack, char *name)
{
    g_string_append(stack, g_strdelimit(name, ";", ','));
    g_free(name);
}

static char *folded(const struct n1_places *places, const struct n1_report *report, const struct n1_path *path)
{
    GString *stack = g_string_new(NULL);
    for (size_t i = path->stack.count; i-- > 0;) {
        append_frame(stack, n1_flame_frame(places, &path->stack.frame[i]));
        g_string_append_c(stack, ';');
    }
    append_frame(stack, n1_flame_query(&report->query[path->query].statement));
    return g_string_free(stack, FALSE);
}

static void count(GHashTable *stacks, char *stack, uint64_t executions)
{
    uint64_t *sum = g_hash_table_lookup(stacks, stack);
    if (sum) {
        *sum = n1_count_add(*sum, executions);
        g_free(stack);
    } else
        g_hash_table_insert(stacks, stack, g_memdup2(&executions, sizeof executions));
}

static gint by_bytes(gconstpointer a, gconstpointer b)
{
    return strcmp(a, b);
}

static int write_folded(FILE *out, const struct n1_report *report, const struct n1_report_options *options)
{
    struct n1_places places;
    n1_places_init(&places, report, options);
    GHashTable *stacks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (size_t i = 0; i < report->n_paths; i++)
        if (report->path[i].executions > 0)
            count(stacks, folded(&places, report, &report->path[i]), report->path[i].executions);
    if (!report->is_complete)
        count(stacks, g_strdup("[not recorded]"), MAX(report->lost_events, 1));
    GList *keys = g_list_sort(g_hash_table_get_keys(stacks), by_bytes);
    for (GList *key = keys; key; key = key->next)
        fprintf(out, "%s %" PRIu64 "\n", (const char *)key->data, *(uint64_t *)g_hash_table_lookup(stacks, key->data));
    g_list_free(keys);
    g_hash_table_destroy(stacks);
    n1_places_release(&places);
    return ferror(out) ? -1 : 0;
}

const struct n1_report_format n1_report_folded = {
    .name = "folded",
    .description = "folded stacks with executions, for flamegraph.pl",
    .write = write_folded,
};
