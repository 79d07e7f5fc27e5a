#include "analyzer/report.h"

#include <inttypes.h>
#include <string.h>

#include "analyzer/advice/advice.h"
#include "analyzer/identity.h"

struct owned_report {
    struct n1_report report; /* first: what the caller holds */
    struct n1_arena arena;
    GHashTable *stacks; /* const struct n1_stack * → its copy's frames */
};

void n1_report_free(struct n1_report *report)
{
    if (report == NULL)
        return;
    struct owned_report *owned = (struct owned_report *)report;
    g_hash_table_unref(owned->stacks);
    n1_arena_release(&owned->arena);
    g_free(owned);
}

static struct n1_stack copy_stack(struct owned_report *r, const struct n1_stack *stack)
{
    if (stack == NULL || stack->count == 0)
        return (struct n1_stack){0};
    struct n1_frame *frame = g_hash_table_lookup(r->stacks, stack);
    if (frame == NULL) {
        frame = n1_arena_alloc(&r->arena, stack->count * sizeof *frame);
        for (size_t i = 0; i < stack->count; i++) {
            frame[i] = stack->frame[i];
            frame[i].file = n1_arena_clean(&r->arena, frame[i].file);
            frame[i].function = n1_arena_clean(&r->arena, frame[i].function);
            frame[i].module = n1_arena_clean(&r->arena, frame[i].module);
            frame[i].language = n1_arena_clean(&r->arena, frame[i].language);
        }
        g_hash_table_insert(r->stacks, (gpointer)(uintptr_t)stack, frame);
    }
    return (struct n1_stack){.count = stack->count, .frame = frame};
}

static struct n1_statement statement(struct owned_report *r, const struct n1_site *site,
                                     const struct n1_query_stats *stats)
{
    const struct n1_stmt *stmt = site->stmt;
    const char **table = n1_arena_alloc(&r->arena, (stmt->n_tables + 1) * sizeof *table);
    for (uint32_t i = 0; i < stmt->n_tables; i++)
        table[i] = n1_arena_clean(&r->arena, stmt->table[i]->name);
    struct n1_statement s = {
        .fingerprint = stmt->fingerprint,
        .sql = n1_arena_strdup(&r->arena, stmt->sql),
        .example = n1_arena_strdup(&r->arena, stmt->example),
        .dialect = stmt->dialect == N1_DIALECT_POSTGRES ? "postgresql" : "sqlite",
        .n_tables = stmt->n_tables,
        .table = table,
        .executions = stats->executions,
        .rows = stats->rows,
        .db_time_ns = stats->db_time_ns,
        .failed = stats->failed,
        .stack = copy_stack(r, site->stack),
    };
    for (guint i = 0; i < stmt->sites->len; i++)
        s.is_batch |= ((const struct n1_site *)g_ptr_array_index(stmt->sites, i))->batches > 0;
    const struct n1_frame *f = n1_site_frame(site);
    if (f != NULL)
        s.location =
            (struct n1_location){n1_arena_clean(&r->arena, f->file), f->line, n1_arena_clean(&r->arena, f->function)};
    return s;
}

/* ---- messages --------------------------------------------------------------------------------------------------------- */

static const char *table_name(const struct n1_statement *s)
{
    return s->n_tables > 0 ? s->table[0] : "a table";
}

static const char *message(struct n1_arena *arena, const struct n1_finding *f, const struct n1_candidate *c)
{
    const struct n1_evidence *e = &f->evidence;
    const char *child = f->has_link && f->link.child_table != NULL ? f->link.child_table : table_name(&f->child);
    const char *verb = c->child->stmt->text->shape.verb == N1_SQL_VERB_INSERT   ? "inserted"
                       : c->child->stmt->text->shape.verb == N1_SQL_VERB_DELETE ? "deleted"
                                                                                : "updated";
    switch (f->kind) {
    case N1_KIND_N_PLUS_ONE:
        if (c->is_recursive)
            return n1_arena_printf(
                arena,
                "%" PRIu64 " queries walk %s one link at a time: each takes its key from a row of the one before",
                e->executions, child);
        return n1_arena_printf(arena, "%" PRIu64 " queries read %s one at a time, for %" PRIu64 " %s of %s",
                               e->executions, table_name(&f->child), e->parent_rows,
                               n1_noun(e->parent_rows, "row", "rows"), table_name(&f->parent));
    case N1_KIND_QUERY_LOOP:
        return n1_arena_printf(arena,
                               "%" PRIu64 " queries read %s one at a time, with %" PRIu64 " different parameters",
                               e->executions, child, e->distinct_parameters);
    case N1_KIND_DUPLICATE_QUERY:
        return n1_arena_printf(arena,
                               "%" PRIu64 " executions asked %s for what was known: same text, parameters and result",
                               e->executions, child);
    case N1_KIND_WRITE_LOOP:
        if (c->is_same_row)
            return n1_arena_printf(arena, "%" PRIu64 " updates of %s change the same rows again and again",
                                   e->executions, child);
        return n1_arena_printf(arena, "%" PRIu64 " rows of %s are %s one at a time", e->executions, child, verb);
    default:
        return e->executions == 1
                   ? n1_arena_printf(arena, "once a value of %s is read, changed in the program and written back",
                                     child)
                   : n1_arena_printf(arena,
                                     "%" PRIu64 " times a value of %s is read, changed in the program and written back",
                                     e->executions, child);
    }
}

/* Without stacks, and from code made at run time (Java, .NET), all queries seem to come from one place. */
static bool is_path_known(struct n1_stack stack)
{
    for (size_t i = 0; i < stack.count; i++)
        if (stack.frame[i].module == NULL || strcmp(stack.frame[i].module, N1_MODULE_UNKNOWN) != 0)
            return true;
    return false;
}

static void fill_finding(struct owned_report *r, const struct n1_analysis *a, const struct n1_candidate *c,
                         struct n1_finding *f)
{
    n1_identity_text(c->identity, f->id);
    f->kind = c->kind;
    f->confidence = c->confidence;
    f->child = statement(r, c->child, &c->child_stats);
    f->has_parent = c->parent != NULL;
    if (f->has_parent)
        f->parent = statement(r, c->parent, &c->parent_stats);
    f->evidence = c->evidence;
    f->evidence.same_call_path &= is_path_known(f->child.stack);
    n1_advise(&r->arena, a, c, f);
    f->message = message(&r->arena, f, c);
    if (c->cause != 0) {
        char id[17];
        n1_identity_text(c->cause, id);
        f->caused_by = n1_arena_strdup(&r->arena, id);
    }
}

static uint64_t start_of(const struct n1_analysis *a)
{
    const struct n1_session *s = &a->source->facts->session;
    bool has_statement = a->first_ns > 0;
    return s->start_ns > 0 && (!has_statement || s->start_ns <= a->first_ns) ? s->start_ns : a->first_ns;
}

static uint64_t duration_of(const struct n1_analysis *a)
{
    uint64_t end_ns = a->source->facts->session.end_ns;
    return MAX(end_ns, a->last_ns) - start_of(a);
}

/* ---- queries ---------------------------------------------------------------------------------------------------------- */

static int slower_first(gconstpointer x, gconstpointer y)
{
    const struct n1_stmt *a = *(struct n1_stmt *const *)x, *b = *(struct n1_stmt *const *)y;
    if (a->stats.db_time_ns != b->stats.db_time_ns)
        return a->stats.db_time_ns > b->stats.db_time_ns ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

static int busier_first(gconstpointer x, gconstpointer y)
{
    const struct n1_site *a = *(struct n1_site *const *)x, *b = *(struct n1_site *const *)y;
    if (a->stats.executions != b->stats.executions)
        return a->stats.executions > b->stats.executions ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* Every site is a path; path_of_site tells where it stands. */
static void fill_paths(struct owned_report *r, const struct n1_analysis *a, const GPtrArray *stmts,
                       size_t *path_of_site)
{
    struct n1_path *path = n1_arena_alloc(&r->arena, ((size_t)n1_sites_count(a->sites) + 1) * sizeof *path);
    size_t n = 0;
    for (guint query = 0; query < stmts->len; query++) {
        GPtrArray *sites = ((const struct n1_stmt *)g_ptr_array_index(stmts, query))->sites;
        g_ptr_array_sort(sites, busier_first);
        for (guint i = 0; i < sites->len; i++) {
            const struct n1_site *site = g_ptr_array_index(sites, i);
            path_of_site[site->index] = n;
            path[n++] = (struct n1_path){.query = query,
                                         .stack = copy_stack(r, site->stack),
                                         .executions = site->stats.executions,
                                         .rows = site->stats.rows,
                                         .db_time_ns = site->stats.db_time_ns};
        }
    }
    r->report.n_paths = n;
    r->report.path = path;
}

static void fill_queries(struct owned_report *r, const struct n1_analysis *a)
{
    GPtrArray *all = g_ptr_array_new();
    for (uint32_t i = 0; i < n1_statements_count(a->statements); i++) {
        struct n1_stmt *stmt = n1_statements_at(a->statements, i);
        if (stmt->sites->len > 0)
            g_ptr_array_add(all, stmt);
    }
    g_ptr_array_sort(all, slower_first);
    struct n1_query *query = n1_arena_alloc(&r->arena, (all->len + 1) * sizeof *query);
    size_t *path_of_site = g_new0(size_t, n1_sites_count(a->sites) + 1);
    fill_paths(r, a, all, path_of_site);
    for (guint i = 0; i < all->len; i++) {
        const struct n1_stmt *stmt = g_ptr_array_index(all, i);
        query[i].statement = statement(r, g_ptr_array_index(stmt->sites, 0), &stmt->stats);
        query[i].max_ns = stmt->stats.max_ns;
    }
    r->report.n_queries = all->len;
    r->report.query = query;
    n1_timeline_report(a->timeline, &r->arena, path_of_site, start_of(a), &r->report);
    g_free(path_of_site);
    g_ptr_array_unref(all);
}

/* ---- what was lost ----------------------------------------------------------------------------------------------------- */

static const struct {
    enum n1_counter counter;
    const char *one, *several, *text; /* behind the number */
} losses[] = {
    {N1_LOST_EVENTS, "execution was", "executions were",
     "not recorded: no room in the program's buffers or on the disk"},
    {N1_STOPPED_PROCESSES, "process", "processes", "could not be recorded: no place for the recording's files"},
    {N1_LOST_CHUNKS, "block", "blocks", "of events could not be written"},
    {N1_LOST_DICTIONARY, "statement, stack or column", "statements, stacks or columns",
     "could not be written: shown as unknown"},
    {N1_LOST_STACKS, "execution has", "executions have", "no stack"},
    {N1_CUT_STACKS, "stack was", "stacks were", "cut at the outer end"},
    {N1_CUT_TEXTS, "statement was", "statements were", "cut"},
    {N1_CUT_PARAMS, "parameter stands", "parameters stand", "behind the first 64 of an execution: not recorded"},
    {N1_LOST_VALUES, "real value", "real values", "of --values found no room: only a hash was recorded"},
    {N1_UNSAFE_STATIC, "process carries", "processes carry", "an SQLite inside the program, which cannot be seen"},
    {N1_NESTED, "program was", "programs were",
     "recorded by an n1prof that ran inside, into a recording of that one's: what they did is missing here"},
};

/* " (No space left on device)"; "" when no file failed. */
static const char *reason(struct owned_report *r, const struct n1_trace *trace, enum n1_counter counter)
{
    if (counter != N1_STOPPED_PROCESSES && counter != N1_LOST_CHUNKS)
        return "";
    const uint64_t error = trace->counter[N1_LAST_ERRNO];
    const char *words = error > 0 && error < 4096 ? strerrordesc_np((int)error) : NULL;
    return words ? n1_arena_printf(&r->arena, " (%s)", words) : "";
}

/* ": inner, other/trace", as seen from where the program was started; "" when none was kept. */
static const char *nested(struct owned_report *r, const struct n1_trace *trace, enum n1_counter counter)
{
    enum { SHOWN = 5 };
    const char *here = trace->session.working_directory ? trace->session.working_directory : "";
    const size_t length = strlen(here);
    g_autoptr(GString) list = g_string_new(NULL);
    for (guint i = 0; counter == N1_NESTED && trace->nested && trace->nested[i] && i < SHOWN; i++) {
        const char *path = trace->nested[i];
        if (length && strncmp(path, here, length) == 0 && path[length] == '/')
            path += length + 1;
        g_string_append_printf(list, "%s%s", i ? ", " : ": ", path);
    }
    return n1_arena_clean(&r->arena, list->str);
}

static void fill_warnings(struct owned_report *r, const struct n1_analysis *a)
{
    const struct n1_trace *t = a->source->facts;
    const char **warning = n1_arena_alloc(&r->arena, (G_N_ELEMENTS(losses) + 7) * sizeof *warning);
    size_t n = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(losses); i++) {
        if (t->counter[losses[i].counter] > 0)
            warning[n++] =
                n1_arena_printf(&r->arena, "%" PRIu64 " %s %s%s%s", t->counter[losses[i].counter],
                                n1_noun(t->counter[losses[i].counter], losses[i].one, losses[i].several),
                                losses[i].text, reason(r, t, losses[i].counter), nested(r, t, losses[i].counter));
    }
    if (t->damaged_bytes > 0)
        warning[n++] = n1_arena_printf(&r->arena, "%" PRIu64 " %s of the recording damaged and skipped",
                                       t->damaged_bytes, n1_noun(t->damaged_bytes, "byte", "bytes"));
    if (a->provenance.refused > 0)
        warning[n++] =
            n1_arena_printf(&r->arena, "%" PRIu64 " %s between queries not followed: too many different ones",
                            a->provenance.refused, n1_noun(a->provenance.refused, "link", "links"));
    if (a->provenance.outgrown > 0)
        warning[n++] =
            n1_arena_printf(&r->arena,
                            "%" PRIu64 " %s larger than what is remembered of values: look-ups of the first "
                            "rows may be missing",
                            a->provenance.outgrown, a->provenance.outgrown == 1 ? "result was" : "results were");
    if (a->open_refused > 0)
        warning[n++] = n1_arena_printf(&r->arena, "%" PRIu64 " open %s not followed: too many at once", a->open_refused,
                                       n1_noun(a->open_refused, "cursor", "cursors"));
    uint64_t cut = a->source->stacks_cut != NULL ? a->source->stacks_cut(a->source->data) : 0;
    if (cut > 0)
        warning[n++] = n1_arena_printf(
            &r->arena, "%" PRIu64 " call stacks were cut to their innermost frames: too many different ones", cut);
    if (n1_sites_refused(a->sites) > 0)
        warning[n++] = n1_arena_printf(
            &r->arena, "%" PRIu64 " call paths were counted as another one of their statement: too many different ones",
            n1_sites_refused(a->sites));
    r->report.n_warnings = n;
    r->report.warning = warning;
}

static void fill_facts(struct owned_report *r, const struct n1_analysis *a)
{
    const struct n1_trace *t = a->source->facts;
    struct n1_report *report = &r->report;
    const char **argv = n1_arena_alloc(&r->arena, (t->session.argc + 1) * sizeof *argv);
    for (size_t i = 0; i < t->session.argc; i++)
        argv[i] = n1_arena_clean(&r->arena, t->session.argv[i]);
    report->tool_version = N1_VERSION;
    report->argc = t->session.argc;
    report->argv = argv;
    report->working_directory = n1_arena_clean(&r->arena, t->session.working_directory);
    report->duration_ns = duration_of(a);
    report->processes = t->n_processes;
    report->threads = (uint32_t)a->origins.threads.count;
    report->is_complete = t->is_complete;
    report->has_values = t->session.has_values;
    report->lost_events = MAX(t->counter[N1_LOST_EVENTS], a->lost);
    report->exit_status = t->session.exit_status;
    report->started_unix_ns = t->session.start_realtime_s > 0 ? (uint64_t)t->session.start_realtime_s * 1000000000U : 0;
    report->totals.statements = a->totals.executions;
    report->totals.rows = a->totals.rows;
    report->totals.failed = a->totals.failed;
    report->totals.db_time_ns = a->totals.db_time_ns;
    report->totals.fingerprints = n1_statements_count(a->statements);
    report->totals.connections = (uint32_t)a->origins.connections.count;
}

struct n1_report *n1_report_build(const struct n1_analysis *a, const GArray *candidates)
{
    struct owned_report *r = g_new0(struct owned_report, 1);
    n1_arena_init(&r->arena);
    r->stacks = g_hash_table_new(NULL, NULL);
    fill_facts(r, a);
    fill_warnings(r, a);
    struct n1_finding *finding = n1_arena_alloc(&r->arena, (candidates->len + 1) * sizeof *finding);
    for (guint i = 0; i < candidates->len; i++)
        fill_finding(r, a, &g_array_index(candidates, struct n1_candidate, i), &finding[i]);
    r->report.n_findings = candidates->len;
    r->report.finding = finding;
    fill_queries(r, a);
    n1_scopes_report(a->scopes, &r->arena, &r->report);
    return &r->report;
}
