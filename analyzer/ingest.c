/* One event at a time into the tables. However a query was recorded (in one piece, open with cells in portions, declared as a
 * cursor and fetched), what comes out is one execution: its parameters looked up first, its cells indexed then. */
#include <string.h>

#include "analyzer/analysis.h"

/* What happens for every execution is one function for each kind of event. */
#define INLINE static inline __attribute__((always_inline))

struct reference {
    uint64_t serial;
    uint32_t slot;
    uint32_t fetched;    /* cursors: rows so far */
    uint64_t busy_ns;    /* open executions: of the thread when it began … */
    struct n1_row first; /* … and row 0 so far */
};

static struct reference *remember(struct n1_table *table, uint64_t key, const struct n1_step *e)
{
    struct reference *r = g_new0(struct reference, 1);
    *r = (struct reference){.serial = e->serial, .slot = e->slot};
    g_free(n1_table_put(table, key, r));
    return r;
}

static void forget(struct n1_table *table)
{
    for (const struct n1_table_entry *e = n1_table_next(table, NULL); e != NULL; e = n1_table_next(table, e))
        g_free(e->value);
    n1_table_release(table);
}

void n1_analysis_forget(struct n1_analysis *a)
{
    forget(&a->open);
    forget(&a->cursors);
    n1_table_release(&a->prepared);
    g_ptr_array_unref(a->relations);
}

static struct n1_step *recall(const struct n1_analysis *a, const struct n1_table *table, uint64_t key,
                              struct reference **reference)
{
    *reference = n1_table_get(table, key);
    return *reference == NULL ? NULL
                              : n1_executions_at(&a->provenance.executions, (*reference)->slot, (*reference)->serial);
}

static uint64_t open_key(const struct n1_event *ev)
{
    return n1_mix(ev->execution, ev->process + 1ULL);
}

static uint64_t cursor_key(const struct n1_event *ev, const char *name)
{
    return n1_mix(n1_mix(g_str_hash(name), ev->connection), ev->process + 1ULL);
}

INLINE void count(struct n1_analysis *a, struct n1_site *site, const struct n1_origin *origin)
{
    site->stats.executions++;
    if (a->has_scopes || (origin->comment != NULL && *origin->comment != '\0'))
        n1_scopes_statement(a->scopes, origin->thread, origin->comment);
}

INLINE struct n1_step *begin(struct n1_analysis *a, struct n1_origin *origin, const struct n1_event *ev,
                             const struct n1_query_text *text, bool is_list)
{
    struct n1_site *site = n1_origins_site(&a->origins, origin, ev, text);
    struct n1_step *e = n1_analysis_step(a, origin, site, text, ev, is_list);
    e->is_open = true;
    n1_stretches_expect(a->stretches, e);
    const bool is_counted = origin->is_counted && text == origin->text;
    if (!is_counted && n1_site_seen(a->sites, site, ev->process, e->thread, e->connection))
        n1_site_database(site,
                         n1_databases_number(a->databases, ev->process,
                                             a->source->connection(a->source->data, ev->process, ev->connection)));
    origin->is_counted |= text == origin->text;
    count(a, site, origin);
    site->batches += n1_query_text_is_batch(text);
    if (e->thread < a->relations->len && g_ptr_array_index(a->relations, e->thread) != NULL && text->stmt->is_read) {
        site->relation = g_ptr_array_index(a->relations, e->thread);
        g_ptr_array_index(a->relations, e->thread) = NULL;
    }
    n1_provenance_child(&a->provenance, e, ev);
    return e;
}

INLINE void add_stats(struct n1_query_stats *stats, const struct n1_event *ev, uint64_t own_ns)
{
    stats->rows += ev->rows;
    stats->failed += ev->error != 0;
    stats->db_time_ns += own_ns;
    stats->max_ns = MAX(stats->max_ns, own_ns);
}

INLINE void finish(struct n1_site *site, const struct n1_event *ev, uint64_t own_ns)
{
    add_stats(&site->stats, ev, own_ns);
    site->rows_max = MAX(site->rows_max, ev->rows);
    site->one_row += ev->rows == 1;
    site->empty += ev->rows == 0;
}

static bool is_transaction_control(const struct n1_query_text *text)
{
    switch (text->shape.verb) {
    case N1_SQL_VERB_BEGIN:
    case N1_SQL_VERB_COMMIT:
    case N1_SQL_VERB_ROLLBACK: return true;
    default: return false;
    }
}

/* own_ns: without the statements that the thread ran while this one was open. */
INLINE void end(struct n1_analysis *a, struct n1_step *e, const struct n1_event *ev, const struct n1_row *first,
                uint64_t own_ns)
{
    e->rows = MAX(e->rows, ev->rows);
    e->is_open = false;
    e->end_ns = ev->start_ns + ev->duration_ns;
    finish(e->site, ev, own_ns);
    if (a->has_timeline)
        n1_timeline_add(a->timeline, e, ev);
    n1_readback_execution(a->readback, &a->provenance, e, ev, first);
    if (is_transaction_control(e->text))
        n1_stretches_transaction(a->stretches, e->thread, e->text->shape.verb == N1_SQL_VERB_BEGIN);
    else
        n1_stretches_execution(a->stretches, e, ev);
    n1_stretches_busy(a->stretches, e->thread, own_ns);
}

/* FETCH brings rows of the execution that DECLARE began; for the totals it is a statement of its own. */
static bool fetch(struct n1_analysis *a, struct n1_origin *origin, const struct n1_event *ev,
                  const struct n1_query_text *text)
{
    if (text->shape.object == NULL)
        return false;
    struct reference *reference;
    struct n1_step *cursor = recall(a, &a->cursors, cursor_key(ev, text->shape.object), &reference);
    if (cursor == NULL)
        return false;
    struct n1_site *site = n1_origins_site(&a->origins, origin, ev, text);
    count(a, site, origin);
    finish(site, ev, ev->duration_ns);
    if (cursor->columns == NULL)
        cursor->columns = origin->columns;
    cursor->site->fetched.rows += ev->rows;
    cursor->site->fetched.db_time_ns += ev->duration_ns;
    n1_provenance_cells(&a->provenance, cursor, ev, reference->fetched);
    reference->fetched += (uint32_t)MIN(ev->rows, UINT32_MAX / 2);
    cursor->rows = MAX(cursor->rows, reference->fetched);
    return true;
}

/* PREPARE and EXECUTE as SQL: EXECUTE name (5) is the prepared statement with 5 as its $1. */
static const struct n1_query_text *resolve_prepared(struct n1_analysis *a, struct n1_event *ev,
                                                    const struct n1_query_text *text)
{
    enum n1_sql_verb verb = text->shape.verb;
    if ((verb != N1_SQL_VERB_PREPARE && verb != N1_SQL_VERB_EXECUTE) || text->shape.object == NULL)
        return text;
    uint64_t key = cursor_key(ev, text->shape.object);
    if (verb == N1_SQL_VERB_PREPARE) {
        if (text->prepared != NULL && a->prepared.count < a->constants->open_cursors)
            n1_table_put(&a->prepared, key, (void *)(uintptr_t)text->prepared);
        return text;
    }
    const struct n1_query_text *known = n1_table_get(&a->prepared, key);
    if (known == NULL)
        return text;
    ev->n_bound += ev->n_literals;
    ev->n_literals = 0;
    return known;
}

static void on_exec(struct n1_analysis *a, struct n1_event *ev)
{
    struct n1_origin *origin = n1_origins_get(&a->origins, ev);
    const struct n1_query_text *text = resolve_prepared(a, ev, origin->text);
    if (text->cursor == N1_CURSOR_FETCH && fetch(a, origin, ev, text))
        return;
    struct n1_step *e = begin(a, origin, ev, text, ev->rows > 1 || text->cursor == N1_CURSOR_DECLARE);
    e->rows = ev->rows;
    n1_provenance_cells(&a->provenance, e, ev, 0);
    end(a, e, ev, NULL, ev->duration_ns);
    n1_streak_begin(a, origin, e);
    if (text->shape.object == NULL)
        return;
    if (text->cursor == N1_CURSOR_DECLARE && a->cursors.count < a->constants->open_cursors) {
        e->is_open = true;
        remember(&a->cursors, cursor_key(ev, text->shape.object), e);
    } else if (text->cursor == N1_CURSOR_CLOSE) {
        struct reference *reference;
        uint64_t key = cursor_key(ev, text->shape.object);
        struct n1_step *cursor = recall(a, &a->cursors, key, &reference);
        if (cursor != NULL)
            cursor->is_open = false;
        g_free(n1_table_remove(&a->cursors, key));
    }
}

static void on_open(struct n1_analysis *a, const struct n1_event *ev)
{
    struct n1_origin *origin = n1_origins_get(&a->origins, ev);
    struct n1_step *e = begin(a, origin, ev, origin->text, true);
    if (a->open.count >= a->constants->open_cursors) {
        a->open_refused++;
        e->is_open = false;
        return;
    }
    remember(&a->open, open_key(ev), e)->busy_ns = n1_stretches_busy_ns(a->stretches, e->thread);
}

static void on_cells(struct n1_analysis *a, const struct n1_event *ev)
{
    struct reference *reference;
    struct n1_step *e = recall(a, &a->open, open_key(ev), &reference);
    if (e == NULL)
        return;
    n1_row_gather(&reference->first, ev);
    n1_provenance_cells(&a->provenance, e, ev, 0);
}

static void on_end(struct n1_analysis *a, const struct n1_event *ev)
{
    struct reference *reference;
    uint64_t key = open_key(ev);
    struct n1_step *e = recall(a, &a->open, key, &reference);
    if (e != NULL) {
        n1_row_gather(&reference->first, ev);
        n1_provenance_cells(&a->provenance, e, ev, 0);
        uint64_t others_ns = n1_stretches_busy_ns(a->stretches, e->thread) - reference->busy_ns;
        end(a, e, ev, &reference->first, ev->duration_ns - MIN(ev->duration_ns, others_ns));
    } else {
        add_stats(&a->totals, ev, ev->duration_ns);
    }
    g_free(n1_table_remove(&a->open, key));
}

static void on_scope(struct n1_analysis *a, const struct n1_event *ev)
{
    uint32_t thread = n1_origins_thread(&a->origins, ev);
    const char *name = a->source->string(a->source->data, ev->process, ev->string);
    if (ev->scope_kind != N1_SCOPE_RELATION) {
        a->has_scopes = true;
        (ev->scope_kind == N1_SCOPE_ENTER ? n1_scopes_enter : n1_scopes_leave)(a->scopes, thread, name);
        n1_stretches_border(a->stretches, thread);
        return;
    }
    if (thread >= a->relations->len)
        g_ptr_array_set_size(a->relations, (int)thread + 1);
    g_ptr_array_index(a->relations, thread) = (gpointer)(uintptr_t)name;
}

void n1_analysis_event(struct n1_analysis *a, struct n1_event *ev)
{
    n1_streak_end(a);
    if (a->first_ns == 0 || ev->time_ns < a->first_ns)
        a->first_ns = ev->time_ns;
    a->last_ns = MAX(a->last_ns, ev->time_ns);
    switch (ev->type) {
    case N1_EVENT_EXEC: on_exec(a, ev); break;
    case N1_EVENT_OPEN: on_open(a, ev); break;
    case N1_EVENT_CELLS: on_cells(a, ev); break;
    case N1_EVENT_END: on_end(a, ev); break;
    case N1_EVENT_SCOPE: on_scope(a, ev); break;
    case N1_EVENT_LOST: a->lost += ev->lost; break;
    }
}
