#include "reports/json_model.h"

#include <glib.h>
#include <inttypes.h>

#include "reports/path.h"

static json_t *number(uint64_t value)
{
    return json_integer(value > (uint64_t)INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *string(const char *text)
{
    if (!text)
        return json_null();
    char *valid = g_utf8_make_valid(text, -1);
    json_t *json = json_string(valid);
    g_free(valid);
    return json;
}

/* A sentence, whose paths are shown as all others are. */
static json_t *sentence(const char *folder, const char *text)
{
    char *shown = n1_report_path_in_text(folder, text ? text : "");
    json_t *json = string(shown);
    g_free(shown);
    return json;
}

static json_t *line(int number_or_0)
{
    return number_or_0 > 0 ? json_integer(number_or_0) : json_null();
}

static json_t *strings(const char *const *text, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, string(text[i]));
    return list;
}

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

static json_t *location(const char *folder, const struct n1_location *where)
{
    json_t *o = json_object();
    set(o, "file", string(n1_report_path(folder, where->file)));
    set(o, "line", line(where->line));
    set(o, "function", string(where->function));
    return o;
}

static json_t *stack(const char *folder, const struct n1_stack *frames)
{
    json_t *list = json_array();
    for (size_t i = 0; i < frames->count; i++) {
        const struct n1_frame *f = &frames->frame[i];
        json_t *o = json_object();
        set(o, "file", string(n1_report_path(folder, f->file)));
        set(o, "line", line(f->line));
        set(o, "function", string(f->function));
        set(o, "module", string(f->module));
        set(o, "language", string(f->language));
        set(o, "user_code", json_boolean(f->is_user_code));
        json_array_append_new(list, o);
    }
    return list;
}

/* folder: the recorded working directory */
static json_t *statement(const char *folder, const struct n1_statement *s)
{
    char hex[17];
    json_t *o = json_object();
    g_snprintf(hex, sizeof hex, "%016" PRIx64, s->fingerprint);
    set(o, "fingerprint", json_string(hex));
    set(o, "sql", string(s->sql ? s->sql : ""));
    set(o, "example", string(s->example));
    set(o, "tables", strings(s->table, s->n_tables));
    set(o, "executions", number(s->executions));
    set(o, "rows", number(s->rows));
    set(o, "db_time_ns", number(s->db_time_ns));
    set(o, "location", location(folder, &s->location));
    set(o, "stack", stack(folder, &s->stack));
    set(o, "dialect", string(s->dialect));
    set(o, "failed", number(s->failed));
    return o;
}

static json_t *linkage(const struct n1_link *l)
{
    json_t *o = json_object();
    set(o, "parent_table", string(l->parent_table));
    set(o, "parent_column", string(l->parent_column));
    set(o, "child_table", string(l->child_table));
    set(o, "child_column", string(l->child_column));
    set(o, "cardinality", json_string(l->cardinality == N1_TO_MANY ? "to_many" : "to_one"));
    return o;
}

static json_t *evidence(const struct n1_evidence *e)
{
    json_t *o = json_object();
    set(o, "executions", number(e->executions));
    set(o, "distinct_parameters", number(e->distinct_parameters));
    set(o, "matched_parameters", number(e->matched_parameters));
    set(o, "parent_rows", number(e->parent_rows));
    set(o, "same_call_path", json_boolean(e->same_call_path));
    set(o, "within_cursor", json_boolean(e->within_cursor));
    set(o, "parent_executions", number(e->parent_executions));
    set(o, "in_order", json_boolean(e->in_order));
    set(o, "processes", number(e->processes));
    set(o, "threads", number(e->threads));
    set(o, "connections", number(e->connections));
    return o;
}

static json_t *suggestion(const char *folder, const struct n1_suggestion *s)
{
    json_t *o = json_object();
    set(o, "action", json_string(n1_action_name(s->action)));
    set(o, "argument", string(s->argument));
    set(o, "text", sentence(folder, s->text));
    set(o, "sql", string(s->sql));
    set(o, "queries_before", number(s->queries_before));
    set(o, "queries_after", number(s->queries_after));
    set(o, "saved_ns", number(s->saved_ns));
    set(o, "code", string(s->code));
    return o;
}

static json_t *finding(const char *folder, const struct n1_finding *f)
{
    json_t *o = json_object();
    set(o, "id", string(f->id));
    set(o, "kind", json_string(n1_kind_name(f->kind)));
    set(o, "confidence", json_string(n1_confidence_name(f->confidence)));
    set(o, "message", sentence(folder, f->message));
    set(o, "parent", f->has_parent ? statement(folder, &f->parent) : json_null());
    set(o, "child", statement(folder, &f->child));
    set(o, "link", f->has_link ? linkage(&f->link) : json_null());
    set(o, "evidence", evidence(&f->evidence));
    set(o, "suggestion", suggestion(folder, &f->suggestion));
    set(o, "suppressed", json_boolean(f->is_suppressed));
    set(o, "suppressed_by", string(f->suppressed_by));
    set(o, "caused_by", string(f->caused_by));
    return o;
}

static json_t *trace(const struct n1_report *r)
{
    json_t *o = json_object();
    set(o, "command", strings(r->argv, r->argc));
    set(o, "duration_ns", number(r->duration_ns));
    set(o, "processes", number(r->processes));
    set(o, "threads", number(r->threads));
    set(o, "complete", json_boolean(r->is_complete));
    set(o, "lost_events", number(r->lost_events));
    set(o, "exit_status", r->exit_status < 0 ? json_null() : json_integer(r->exit_status));
    set(o, "has_values", json_boolean(r->has_values));
    set(o, "warnings", strings(r->warning, r->n_warnings));
    return o;
}

static json_t *totals(const struct n1_report *r)
{
    json_t *o = json_object();
    set(o, "statements", number(r->totals.statements));
    set(o, "rows", number(r->totals.rows));
    set(o, "failed", number(r->totals.failed));
    set(o, "db_time_ns", number(r->totals.db_time_ns));
    set(o, "fingerprints", number(r->totals.fingerprints));
    set(o, "connections", number(r->totals.connections));
    return o;
}

static json_t *scopes(const struct n1_report *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->n_scopes; i++) {
        const struct n1_scope *scope = &r->scope[i];
        json_t *o = json_object();
        set(o, "name", string(scope->name ? scope->name : ""));
        set(o, "entries", number(scope->entries));
        set(o, "statements", number(scope->statements));
        set(o, "most_statements", number(scope->most_statements));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *schema(const struct n1_report *r)
{
    (void)r;
    return json_string("n1prof-report/1");
}

static json_t *tool(const struct n1_report *r)
{
    json_t *o = json_object();
    set(o, "name", json_string("n1prof"));
    set(o, "version", string(r->tool_version ? r->tool_version : N1_VERSION));
    return o;
}

static size_t count_findings(const struct n1_report *r)
{
    return r->n_findings;
}

static json_t *finding_at(const struct n1_report *r, size_t i)
{
    return finding(r->working_directory, &r->finding[i]);
}

static size_t count_queries(const struct n1_report *r)
{
    return r->n_queries;
}

static json_t *query_at(const struct n1_report *r, size_t i)
{
    json_t *query = statement(r->working_directory, &r->query[i].statement);
    set(query, "max_ns", number(r->query[i].max_ns));
    return query;
}

const struct n1_json_member n1_json_members[] = {
    {.name = "schema", .value = schema},
    {.name = "tool", .value = tool},
    {.name = "trace", .value = trace},
    {.name = "totals", .value = totals},
    {.name = "findings", .left_out = "findings_left_out", .count = count_findings, .element = finding_at},
    {.name = "queries", .left_out = "queries_left_out", .count = count_queries, .element = query_at},
    {.name = "scopes", .value = scopes},
    {0},
};
