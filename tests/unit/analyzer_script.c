#include "tests/unit/analyzer_script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct n1_key key = {{0x0123456789abcdefULL, 0xfedcba9876543210ULL}};

struct event {
    struct n1_event ev;
    struct n1_value *params;
    struct n1_event_cell *cells;
};

static void free_event(gpointer data)
{
    struct event *e = data;
    g_free(e->params);
    g_free(e->cells);
    g_free(e);
}

struct text {
    struct n1_sql_text sql;
    struct n1_columns columns;
};

static void free_text(gpointer data)
{
    struct text *t = data;
    g_free((char *)(uintptr_t)t->sql.text);
    g_free(t);
}

struct stack {
    char *spelled;
    struct n1_stack stack;
    struct n1_frame *frames;
    char **names;
};

static void free_stack(gpointer data)
{
    struct stack *k = data;
    g_free(k->spelled);
    g_free(k->frames);
    g_strfreev(k->names);
    g_free(k);
}

struct script *script_new(void)
{
    struct script *s = g_new0(struct script, 1);
    s->tid = 1;
    s->connection = 1;
    s->dialect = N1_DIALECT_SQLITE;
    s->constants = n1_constants_default;
    s->constants.window_lists = 256;
    s->constants.window_singles = 1024;
    s->constants.cells_lists = 1 << 14;
    s->constants.cells_singles = 1 << 12;
    s->now_ns = 1000;
    s->events = g_ptr_array_new_with_free_func(free_event);
    s->texts = g_ptr_array_new_with_free_func(free_text);
    s->stacks = g_ptr_array_new_with_free_func(free_stack);
    s->strings = g_ptr_array_new_with_free_func(g_free);
    return s;
}

static void script_free(struct script *s)
{
    g_ptr_array_unref(s->events);
    g_ptr_array_unref(s->texts);
    g_ptr_array_unref(s->stacks);
    g_ptr_array_unref(s->strings);
    g_free(s);
}

/* Ids are positions + 1; every process shares them. */
static uint32_t text_id(struct script *s, const char *sql)
{
    for (guint i = 0; i < s->texts->len; i++) {
        struct text *t = g_ptr_array_index(s->texts, i);
        if (t->sql.dialect == s->dialect && strcmp(t->sql.text, sql) == 0)
            return i + 1;
    }
    struct text *t = g_new0(struct text, 1);
    t->sql = (struct n1_sql_text){.id = s->texts->len + 1,
                                  .dialect = s->dialect,
                                  .hash = n1_hash_bytes(&key, sql, strlen(sql)),
                                  .text = g_strdup(sql),
                                  .text_bytes = strlen(sql),
                                  .comment = ""};
    g_ptr_array_add(s->texts, t);
    return s->texts->len;
}

static uint32_t stack_id(struct script *s, const char *spelled)
{
    for (guint i = 0; i < s->stacks->len; i++) {
        if (strcmp(((struct stack *)g_ptr_array_index(s->stacks, i))->spelled, spelled) == 0)
            return i + 1;
    }
    if (*spelled == '\0')
        return 0;
    struct stack *k = g_new0(struct stack, 1);
    k->spelled = g_strdup(spelled);
    k->names = g_strsplit(spelled, " ", -1);
    guint count = g_strv_length(k->names);
    k->frames = g_new0(struct n1_frame, count);
    for (guint i = 0; i < count; i++) {
        bool is_library = *k->names[i] == '!';
        char *name = k->names[i] + is_library, *colon = strrchr(name, ':'), *slash = strrchr(name, '/');
        const char *file = slash != NULL ? name : is_library ? "/usr/lib/python3/dist-packages/driver.py" : "app.py";
        if (slash != NULL)
            *slash = '\0';
        k->frames[i] = (struct n1_frame){.file = file,
                                         .function = slash != NULL ? slash + 1 : name,
                                         .line = colon != NULL ? atoi(colon + 1) : 0,
                                         .language = strchr(name, '<') != NULL ? "c++" : "python",
                                         .is_user_code = !is_library};
        if (colon != NULL)
            *colon = '\0';
    }
    k->stack = (struct n1_stack){.count = count, .frame = k->frames};
    g_ptr_array_add(s->stacks, k);
    return s->stacks->len;
}

static struct n1_value value_of(const char *text)
{
    return strcmp(text, "-") == 0 ? n1_value_null() : n1_value_text(&key, text, strlen(text));
}

static struct event *add(struct script *s, enum n1_event_type type)
{
    struct event *e = g_new0(struct event, 1);
    s->now_ns += 15000;
    e->ev = (struct n1_event){.type = type,
                              .process = s->process,
                              .tid = s->tid,
                              .time_ns = s->now_ns,
                              .connection = s->connection,
                              .start_ns = s->now_ns - 5000};
    g_ptr_array_add(s->events, e);
    return e;
}

static void set_params(struct script *s, struct event *e, const char *params)
{
    if (*params == '\0')
        return;
    char **part = g_strsplit(params, ",", -1);
    uint32_t count = g_strv_length(part);
    e->params = g_new0(struct n1_value, count);
    for (uint32_t i = 0; i < count; i++)
        e->params[i] = value_of(part[i]);
    e->ev.params = e->params;
    e->ev.n_bound = s->with_literals ? 0 : count;
    e->ev.n_literals = s->with_literals ? count : 0;
    g_strfreev(part);
}

static uint32_t set_cells(struct event *e, const char *rows, uint32_t first_row)
{
    if (*rows == '\0')
        return 0;
    char **row = g_strsplit(rows, ";", -1);
    uint32_t n_rows = g_strv_length(row), n = 0;
    for (uint32_t r = 0; r < n_rows; r++) {
        char **cell = g_strsplit(row[r], ",", -1);
        uint32_t columns = g_strv_length(cell);
        e->cells = g_renew(struct n1_event_cell, e->cells, n + columns);
        for (uint32_t c = 0; c < columns; c++) {
            struct n1_value v = value_of(cell[c]);
            e->cells[n++] = (struct n1_event_cell){v.hash, first_row + r, (uint16_t)c, v.kind, v.magnitude};
        }
        g_strfreev(cell);
    }
    g_strfreev(row);
    e->ev.cells = e->cells;
    e->ev.n_cells = n;
    return n_rows;
}

static struct event *execution(struct script *s, enum n1_event_type type, const char *stack, const char *sql,
                               const char *params)
{
    struct event *e = add(s, type);
    e->ev.sql = text_id(s, sql);
    e->ev.stack = stack_id(s, stack);
    set_params(s, e, params);
    return e;
}

void script_query(struct script *s, const char *stack, const char *sql, const char *params, const char *rows)
{
    struct event *e = execution(s, N1_EVENT_EXEC, stack, sql, params);
    e->ev.rows = set_cells(e, rows, 0);
    e->ev.duration_ns = 5000;
    e->ev.error = s->error;
    s->error = 0;
}

uint64_t script_open(struct script *s, const char *stack, const char *sql, const char *params)
{
    struct event *e = execution(s, N1_EVENT_OPEN, stack, sql, params);
    e->ev.execution = ++s->executions;
    return e->ev.execution;
}

void script_row(struct script *s, uint64_t id, uint32_t row, const char *cells)
{
    struct event *e = add(s, N1_EVENT_CELLS);
    e->ev.execution = id;
    set_cells(e, cells, row);
}

void script_end(struct script *s, uint64_t id, uint64_t rows)
{
    struct event *e = add(s, N1_EVENT_END);
    e->ev.execution = id;
    e->ev.rows = rows;
    for (guint i = s->events->len; i-- > 0;) {
        const struct event *open = g_ptr_array_index(s->events, i);
        if (open->ev.type == N1_EVENT_OPEN && open->ev.execution == id)
            e->ev.start_ns = open->ev.start_ns;
    }
    e->ev.duration_ns = s->now_ns - e->ev.start_ns;
}

void script_mark(struct script *s, enum n1_scope_kind kind, const char *name)
{
    struct event *e = add(s, N1_EVENT_SCOPE);
    g_ptr_array_add(s->strings, g_strdup(name));
    e->ev.scope_kind = kind;
    e->ev.string = s->strings->len;
}

void script_pause(struct script *s, uint64_t milliseconds)
{
    s->now_ns += milliseconds * 1000000;
}

/* ---- the source -------------------------------------------------------------------------------------------------------- */

static size_t read_events(void *data, struct n1_event *ev, size_t max)
{
    struct script *s = data;
    size_t n = 0;
    for (; n < max && s->at < s->events->len; n++)
        ev[n] = ((struct event *)g_ptr_array_index(s->events, s->at++))->ev;
    return n;
}

static const struct n1_sql_text *sql(void *data, uint32_t process, uint32_t id)
{
    struct script *s = data;
    (void)process;
    return id == 0 || id > s->texts->len ? NULL : &((struct text *)g_ptr_array_index(s->texts, id - 1))->sql;
}

static const struct n1_columns *columns(void *data, uint32_t process, uint32_t id)
{
    (void)data, (void)process, (void)id;
    return NULL;
}

static const struct n1_stack *stack(void *data, uint32_t process, uint32_t id)
{
    struct script *s = data;
    (void)process;
    return id == 0 || id > s->stacks->len ? NULL : &((struct stack *)g_ptr_array_index(s->stacks, id - 1))->stack;
}

static const char *string(void *data, uint32_t process, uint32_t id)
{
    struct script *s = data;
    (void)process;
    return id == 0 || id > s->strings->len ? NULL : g_ptr_array_index(s->strings, id - 1);
}

static const struct n1_connection *connection(void *data, uint32_t process, uint32_t id)
{
    static struct n1_connection known;
    const struct script *s = data;
    (void)process;
    if (id == 0 || id > G_N_ELEMENTS(s->database) || s->database[id - 1] == NULL)
        return NULL;
    known = (struct n1_connection){.id = id, .dialect = s->dialect, .database = s->database[id - 1]};
    return &known;
}

struct n1_report *script_report(struct script *s)
{
    struct n1_trace facts = {.session = {.exit_status = 0}, .n_processes = 1, .is_complete = true};
    struct n1_source source = {s, &facts, read_events, sql, columns, stack, string, connection, NULL};
    struct n1_analyze_options options = {.constants = &s->constants};
    struct n1_report *report = NULL;
    struct n1_error err;
    assert_int_equal(n1_analyze_source(&source, &options, &report, &err), 0);
    script_free(s);
    return report;
}

static char *describe(const struct n1_finding *f)
{
    GString *text = g_string_new(NULL);
    const struct n1_suggestion *a = &f->suggestion;
    g_string_append_printf(text, "%s %s %s(%s)", n1_kind_name(f->kind), n1_confidence_name(f->confidence),
                           n1_action_name(a->action), a->argument != NULL ? a->argument : "");
    if (f->has_link)
        g_string_append_printf(text, " %s.%s->%s.%s", f->link.parent_table, f->link.parent_column, f->link.child_table,
                               f->link.child_column);
    g_string_append_printf(text, " x%d", (int)f->evidence.executions);
    if (f->child.location.function != NULL)
        g_string_append_printf(text, " at %s:%d", f->child.location.function, f->child.location.line);
    return g_string_free(text, FALSE);
}

void script_expect(struct script *s, int count, ...)
{
    struct n1_report *report = script_report(s);
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < report->n_findings; i++)
        g_ptr_array_add(found, describe(&report->finding[i]));
    va_list args;
    va_start(args, count);
    bool is_right = (int)found->len == count;
    for (int i = 0; i < count; i++) {
        const char *wanted = va_arg(args, const char *);
        bool is_there = false;
        for (guint k = 0; k < found->len; k++)
            is_there |= strcmp(g_ptr_array_index(found, k), wanted) == 0;
        if (!is_there)
            print_error("expected: %s\n", wanted);
        is_right &= is_there;
    }
    va_end(args);
    for (guint k = 0; k < found->len && !is_right; k++)
        print_error("found:    %s\n", (char *)g_ptr_array_index(found, k));
    g_ptr_array_unref(found);
    n1_report_free(report);
    if (!is_right)
        fail_msg("the findings are not the expected ones (%d expected)", count);
}

/* ---- strings ------------------------------------------------------------------------------------------------------------ */

enum { STRINGS = 64, STRING = 16384 };
static char ring[STRINGS][STRING];
static int ring_at;

const char *fmt(const char *format, ...)
{
    char *out = ring[ring_at++ % STRINGS];
    va_list args;
    va_start(args, format);
    vsnprintf(out, STRING, format, args);
    va_end(args);
    return out;
}

const char *rows_of(int n, int (*pick)(int i))
{
    char *out = ring[ring_at++ % STRINGS];
    size_t used = 0;
    *out = '\0';
    for (int i = 1; i <= n && used < STRING - 32; i++)
        used += (size_t)snprintf(out + used, STRING - used, "%s%d,%d", i > 1 ? ";" : "", i, pick(i));
    return out;
}
