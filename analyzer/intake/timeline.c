#include "analyzer/intake/timeline.h"

#include "trace/table.h"

struct entry {
    uint64_t serial, cause, start_ns, duration_ns, rows;
    uint32_t site, process, thread;
    bool has_failed;
};

struct n1_timeline {
    GArray *entries;
    uint64_t max;
};

struct n1_timeline *n1_timeline_new(uint64_t executions_max)
{
    struct n1_timeline *t = g_new0(struct n1_timeline, 1);
    t->entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
    t->max = MIN(executions_max, G_MAXUINT / 2);
    return t;
}

void n1_timeline_free(struct n1_timeline *t)
{
    if (t == NULL)
        return;
    g_array_unref(t->entries);
    g_free(t);
}

void n1_timeline_add(struct n1_timeline *t, const struct n1_step *step, const struct n1_event *ev)
{
    if (t->entries->len >= t->max)
        return;
    struct entry e = {.serial = step->serial,
                      .cause = step->cause,
                      .start_ns = ev->start_ns,
                      .duration_ns = ev->duration_ns,
                      .rows = ev->rows,
                      .site = step->site->index,
                      .process = ev->process,
                      .thread = step->thread,
                      .has_failed = ev->error != 0};
    g_array_append_val(t->entries, e);
}

static int by_start(gconstpointer x, gconstpointer y)
{
    const struct entry *a = x, *b = y;
    if (a->start_ns != b->start_ns)
        return a->start_ns < b->start_ns ? -1 : 1;
    return a->serial < b->serial ? -1 : a->serial > b->serial;
}

void n1_timeline_report(const struct n1_timeline *t, struct n1_arena *arena, const size_t *path_of_site,
                        uint64_t recording_start_ns, struct n1_report *report)
{
    guint count = t->entries->len;
    g_array_sort(t->entries, by_start);
    struct n1_table place = {0}; /* serial → position + 1 */
    for (guint i = 0; i < count; i++)
        n1_table_put(&place, g_array_index(t->entries, struct entry, i).serial, GUINT_TO_POINTER(i + 1));
    struct n1_execution *out = n1_arena_alloc(arena, (count + 1) * sizeof *out);
    for (guint i = 0; i < count; i++) {
        const struct entry *e = &g_array_index(t->entries, struct entry, i);
        guint cause = GPOINTER_TO_UINT(n1_table_get(&place, e->cause));
        out[i] =
            (struct n1_execution){.path = path_of_site[e->site],
                                  .cause = cause > 0 ? cause - 1 : SIZE_MAX,
                                  .start_ns = e->start_ns > recording_start_ns ? e->start_ns - recording_start_ns : 0,
                                  .duration_ns = e->duration_ns,
                                  .rows = e->rows,
                                  .process = e->process,
                                  .thread = e->thread,
                                  .has_failed = e->has_failed};
    }
    n1_table_release(&place);
    report->n_executions = count;
    report->execution = out;
}
