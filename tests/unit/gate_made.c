#include "gate_made.h"

#include <string.h>

struct made *made_new(void)
{
    struct made *m = g_new0(struct made, 1);
    m->query = g_array_new(FALSE, TRUE, sizeof(struct n1_query));
    m->path = g_array_new(FALSE, TRUE, sizeof(struct n1_path));
    m->finding = g_array_new(FALSE, TRUE, sizeof(struct n1_finding));
    m->memory = g_ptr_array_new_with_free_func(g_free);
    m->report.is_complete = true;
    m->report.working_directory = "/srv/app";
    return m;
}

void made_free(struct made *m)
{
    g_array_unref(m->query);
    g_array_unref(m->path);
    g_array_unref(m->finding);
    g_ptr_array_free(m->memory, TRUE);
    g_free(m);
}

static void *keep(struct made *m, void *memory)
{
    g_ptr_array_add(m->memory, memory);
    return memory;
}

static struct n1_stack stack_of(struct made *m, const char *path)
{
    char **names = g_strsplit(path, " ", -1);
    guint count = *path ? g_strv_length(names) : 0;
    struct n1_frame *frame = keep(m, g_new0(struct n1_frame, count + 1));
    for (guint i = 0; i < count; i++) {
        bool is_library = names[i][0] == '!';
        frame[i] = (struct n1_frame){.file = is_library ? "/usr/lib/driver.py" : "/srv/app/app.py",
                                     .function = keep(m, g_strdup(names[i] + is_library)),
                                     .line = (int)(10 + i),
                                     .language = "python",
                                     .is_user_code = !is_library};
    }
    g_strfreev(names);
    return (struct n1_stack){.count = count, .frame = frame};
}

static uint64_t fingerprint(const char *sql)
{
    return g_str_hash(sql);
}

static size_t query_of(struct made *m, const char *sql, const struct n1_stack *stack)
{
    for (guint i = 0; i < m->query->len; i++)
        if (strcmp(g_array_index(m->query, struct n1_query, i).statement.sql, sql) == 0)
            return i;
    struct n1_query query = {
        .statement = {.fingerprint = fingerprint(sql), .sql = sql, .dialect = "sqlite", .stack = *stack}};
    g_array_append_val(m->query, query);
    return m->query->len - 1;
}

static const struct n1_path *add_path(struct made *m, const char *path, const char *sql, uint64_t executions,
                                      uint64_t rows)
{
    struct n1_stack stack = stack_of(m, path);
    size_t query = query_of(m, sql, &stack);
    struct n1_statement *s = &g_array_index(m->query, struct n1_query, query).statement;
    struct n1_path added = {.query = query, .stack = stack, .executions = executions, .rows = rows};
    s->executions += executions;
    s->rows += rows;
    m->report.totals.statements += executions;
    m->report.totals.rows += rows;
    g_array_append_val(m->path, added);
    return &g_array_index(m->path, struct n1_path, m->path->len - 1);
}

void made_query(struct made *m, const char *path, const char *sql, uint64_t executions, uint64_t rows)
{
    add_path(m, path, sql, executions, rows);
}

static struct n1_statement statement(const char *sql, const struct n1_stack *stack, uint64_t executions, uint64_t rows)
{
    struct n1_statement s = {.fingerprint = fingerprint(sql),
                             .sql = sql,
                             .dialect = "sqlite",
                             .executions = executions,
                             .rows = rows,
                             .stack = *stack};
    for (size_t i = 0; i < stack->count && !s.location.function; i++)
        if (stack->frame[i].is_user_code)
            s.location = (struct n1_location){stack->frame[i].file, stack->frame[i].line, stack->frame[i].function};
    return s;
}

/* The stack of the statement that ran last, or NULL. */
static const struct n1_stack *ran(const struct made *m, const char *sql)
{
    for (guint i = m->path->len; i > 0; i--) {
        const struct n1_path *p = &g_array_index(m->path, struct n1_path, i - 1);
        if (strcmp(g_array_index(m->query, struct n1_query, p->query).statement.sql, sql) == 0)
            return &p->stack;
    }
    return NULL;
}

void made_loop(struct made *m, enum n1_kind kind, const char *path, const char *sql, uint64_t executions,
               const char *parent, uint64_t parent_rows)
{
    struct n1_finding f = {.kind = kind, .message = "a loop"};
    struct n1_stack parent_stack = {0};
    if (parent) {
        const char *outer = strchr(path, ' ');
        if (!ran(m, parent))
            add_path(m, outer ? outer + 1 : path, parent, 1, parent_rows);
        parent_stack = *ran(m, parent);
    }
    struct n1_stack stack = add_path(m, path, sql, executions, executions)->stack;
    f.child = statement(sql, &stack, executions, executions);
    f.evidence.executions = executions;
    if (parent) {
        f.has_parent = true;
        f.parent = statement(parent, &parent_stack, 1, parent_rows);
        f.evidence.parent_rows = parent_rows;
    }
    g_snprintf(f.id, sizeof f.id, "%016x", m->finding->len + 1);
    g_array_append_val(m->finding, f);
}

const struct n1_report *made_report(struct made *m)
{
    m->report.n_queries = m->query->len;
    m->report.query = (const struct n1_query *)(void *)m->query->data;
    m->report.n_paths = m->path->len;
    m->report.path = (const struct n1_path *)(void *)m->path->data;
    m->report.n_findings = m->finding->len;
    m->report.finding = (const struct n1_finding *)(void *)m->finding->data;
    return &m->report;
}

struct n1_verdict *made_check(struct made *m, struct n1_baseline *baseline, enum n1_check_update update)
{
    const struct n1_report *report = made_report(m);
    struct n1_check_input input = {.report = &report,
                                   .n_reports = 1,
                                   .baseline = baseline,
                                   .command = "n1prof check",
                                   .fail_on = N1_FAIL_ON_ALL,
                                   .update = update};
    return n1_check(&input);
}

char *made_changes(const struct n1_verdict *v, bool only_failures)
{
    GString *words = g_string_new(NULL);
    for (guint i = 0; i < v->line->len; i++) {
        const struct n1_verdict_line *line = g_ptr_array_index(v->line, i);
        if (line->fails || !only_failures)
            g_string_append_printf(words, "%s%s", words->len ? " " : "", n1_change_words[line->change].name);
    }
    return g_string_free(words, FALSE);
}
