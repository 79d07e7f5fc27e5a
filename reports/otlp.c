/* OpenTelemetry spans as OTLP's JSON, one TracesData object a line (the collector's file receiver reads it), with the stable
 * semantic conventions for databases.
 *
 * The first span is the recorded command; findings are its events. Each execution of the timeline is a span below it, linked
 * to the one whose row fed it. Without a timeline each call path of a query is one span that begins with the recording and
 * lasts as long as the database worked for it in all (n1prof.executions says how often it ran). Ids come from the recording, so
 * that the same recording gives the same spans. db.collection.name is left out: it must not be guessed from the text.
 */
#include <inttypes.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/places.h"
#include "reports/report.h"
#include "reports/words.h"

enum { KIND_INTERNAL = 1, KIND_CLIENT = 3, STATUS_ERROR = 2 };

#define TRACE_ID_DIGITS 32
#define SPAN_ID_DIGITS  16
#define TABLES_NAMED    3 /* in a span's name */
#define VERB_MOST       16

struct exporter {
    FILE *out;
    const struct n1_report *report;
    struct n1_places places;
    json_t *resource, *scope;
    char trace_id[TRACE_ID_DIGITS + 1];
    bool has_failed;
};

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

/* 64-bit integers are strings in OTLP's JSON. */
static json_t *decimal(uint64_t number)
{
    char text[24];
    g_snprintf(text, sizeof text, "%" PRIu64, number);
    return json_string(text);
}

static void attribute(json_t *list, const char *key, const char *type, json_t *value)
{
    json_t *o = json_object(), *any = json_object();
    set(any, type, value);
    set(o, "key", json_string(key));
    set(o, "value", any);
    json_array_append_new(list, o);
}

static void text_attribute(json_t *list, const char *key, const char *text)
{
    if (text && *text)
        attribute(list, key, "stringValue", n1_json_text(text, N1_CLEAN_BODY));
}

static void count_attribute(json_t *list, const char *key, uint64_t count)
{
    attribute(list, key, "intValue", decimal(MIN(count, (uint64_t)INT64_MAX)));
}

/* number 0 is the command's span. */
static void span_id(const struct exporter *e, size_t number, char id[SPAN_ID_DIGITS + 1])
{
    char *seed = g_strdup_printf("%s:%zu", e->trace_id, number);
    char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, seed, -1);
    g_strlcpy(id, digest, SPAN_ID_DIGITS + 1);
    g_free(digest);
    g_free(seed);
}

static void make_trace_id(struct exporter *e, const char *command)
{
    const struct n1_report *r = e->report;
    char *seed = g_strdup_printf("%s:%" PRIu64 ":%" PRIu64 ":%" PRIu64 ":%" PRIu64, command, r->started_unix_ns,
                                 r->duration_ns, r->totals.statements, r->totals.db_time_ns);
    char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, seed, -1);
    g_strlcpy(e->trace_id, digest, sizeof e->trace_id);
    g_free(digest);
    g_free(seed);
}

static json_t *begin_span(const struct exporter *e, size_t number, const char *name, int kind)
{
    char id[SPAN_ID_DIGITS + 1];
    json_t *span = json_object();
    span_id(e, number, id);
    set(span, "traceId", json_string(e->trace_id));
    set(span, "spanId", json_string(id));
    if (number > 0) {
        span_id(e, 0, id);
        set(span, "parentSpanId", json_string(id));
    }
    set(span, "name", n1_json_text(name, N1_CLEAN_WORDS));
    set(span, "kind", json_integer(kind));
    return span;
}

static void set_times(const struct exporter *e, json_t *span, uint64_t start_ns, uint64_t duration_ns)
{
    uint64_t start = n1_count_add(e->report->started_unix_ns, start_ns);
    set(span, "startTimeUnixNano", decimal(start));
    set(span, "endTimeUnixNano", decimal(n1_count_add(start, duration_ns)));
}

/* Takes span. */
static void put_span(struct exporter *e, json_t *span)
{
    json_t *spans = json_array(), *scope = json_object(), *scopes = json_array();
    json_t *resource = json_object(), *resources = json_array(), *line = json_object();
    json_array_append_new(spans, span);
    json_object_set(scope, "scope", e->scope);
    set(scope, "spans", spans);
    json_array_append_new(scopes, scope);
    json_object_set(resource, "resource", e->resource);
    set(resource, "scopeSpans", scopes);
    json_array_append_new(resources, resource);
    set(line, "resourceSpans", resources);
    e->has_failed |= json_dumpf(line, e->out, JSON_COMPACT) != 0 || fputc('\n', e->out) == EOF;
    json_decref(line);
}

/* "SELECT": the text's first word, when it is one. */
static void append_verb(GString *name, const char *sql)
{
    size_t length = 0;
    sql = sql ? sql : "";
    while (g_ascii_isalpha(sql[length]) && length < VERB_MOST)
        length++;
    for (size_t i = 0; i < length; i++)
        g_string_append_c(name, g_ascii_toupper(sql[i]));
}

/* db.query.summary: "SELECT post author". g_free() it. */
static char *summary(const struct n1_statement *s)
{
    GString *name = g_string_new(NULL);
    append_verb(name, s->sql);
    for (size_t i = 0; i < s->n_tables && i < TABLES_NAMED; i++)
        if (s->table[i] && *s->table[i])
            g_string_append_printf(name, "%s%s", name->len ? " " : "", s->table[i]);
    if (name->len == 0)
        g_string_append(name, "query");
    return g_string_free(name, FALSE);
}

static void place_attributes(const struct exporter *e, json_t *list, const struct n1_location *where)
{
    char *file = n1_place_shown(&e->places, where->file);
    text_attribute(list, "code.file.path", file);
    text_attribute(list, "code.function.name", where->function);
    if (file && where->line > 0)
        count_attribute(list, "code.line.number", (uint64_t)where->line);
    g_free(file);
}

static json_t *query_attributes(const struct exporter *e, const struct n1_path *path, const char *name)
{
    const struct n1_statement *s = &e->report->query[path->query].statement;
    struct n1_location where = s->location;
    char hex[17];
    json_t *list = json_array();
    for (size_t i = path->stack.count; i-- > 0;)
        if (path->stack.frame[i].is_user_code)
            where = n1_place_of_frame(&path->stack.frame[i]);
    g_snprintf(hex, sizeof hex, "%016" PRIx64, s->fingerprint);
    text_attribute(list, "db.system.name", s->dialect && *s->dialect ? s->dialect : "other_sql");
    text_attribute(list, "db.query.summary", name);
    text_attribute(list, "db.query.text", s->sql);
    place_attributes(e, list, &where);
    text_attribute(list, "n1prof.fingerprint", hex);
    return list;
}

static void put_path(struct exporter *e, size_t number)
{
    const struct n1_path *path = &e->report->path[number];
    char *name = summary(&e->report->query[path->query].statement);
    json_t *span = begin_span(e, number + 1, name, KIND_CLIENT), *attributes = query_attributes(e, path, name);
    set_times(e, span, 0, path->db_time_ns);
    count_attribute(attributes, "db.response.returned_rows", path->rows);
    count_attribute(attributes, "n1prof.executions", path->executions);
    set(span, "attributes", attributes);
    put_span(e, span);
    g_free(name);
}

static void set_cause(const struct exporter *e, json_t *span, size_t cause)
{
    if (cause >= e->report->n_executions)
        return;
    char id[SPAN_ID_DIGITS + 1];
    json_t *link = json_object(), *links = json_array(), *attributes = json_array();
    span_id(e, cause + 1, id);
    text_attribute(attributes, "n1prof.link", "a row of this query fed the span");
    set(link, "traceId", json_string(e->trace_id));
    set(link, "spanId", json_string(id));
    set(link, "attributes", attributes);
    json_array_append_new(links, link);
    set(span, "links", links);
}

static void put_execution(struct exporter *e, size_t number)
{
    const struct n1_execution *x = &e->report->execution[number];
    const struct n1_path *path = &e->report->path[x->path];
    char *name = summary(&e->report->query[path->query].statement);
    json_t *span = begin_span(e, number + 1, name, KIND_CLIENT), *attributes = query_attributes(e, path, name);
    set_times(e, span, x->start_ns, x->duration_ns);
    count_attribute(attributes, "db.response.returned_rows", x->rows);
    count_attribute(attributes, "n1prof.process", x->process);
    count_attribute(attributes, "n1prof.thread", x->thread);
    if (x->has_failed) {
        json_t *status = json_object();
        text_attribute(attributes, "error.type", "_OTHER");
        set(status, "code", json_integer(STATUS_ERROR));
        set(span, "status", status);
    }
    set(span, "attributes", attributes);
    set_cause(e, span, x->cause);
    put_span(e, span);
    g_free(name);
}

static json_t *event(const struct exporter *e, const struct n1_finding *f)
{
    json_t *o = json_object(), *list = json_array();
    struct n1_location where = n1_place_of_finding(&e->places, f);
    char *message = n1_place_scrub(&e->places, f, f->message),
         *mend = n1_place_scrub(&e->places, f, f->suggestion.text);
    text_attribute(list, "n1prof.id", f->id);
    text_attribute(list, "n1prof.kind", n1_kind_name(f->kind));
    text_attribute(list, "n1prof.confidence", n1_confidence_name(f->confidence));
    text_attribute(list, "n1prof.message", message);
    text_attribute(list, "n1prof.suggestion", mend);
    text_attribute(list, "db.query.text", f->child.sql);
    count_attribute(list, "n1prof.executions", f->evidence.executions);
    count_attribute(list, "n1prof.queries_before", f->suggestion.queries_before);
    count_attribute(list, "n1prof.queries_after", f->suggestion.queries_after);
    attribute(list, "n1prof.suppressed", "boolValue", json_boolean(f->is_suppressed));
    place_attributes(e, list, &where);
    set(o, "timeUnixNano", decimal(n1_count_add(e->report->started_unix_ns, e->report->duration_ns)));
    set(o, "name", json_string("n1prof.finding"));
    set(o, "attributes", list);
    g_free(mend);
    g_free(message);
    return o;
}

static void put_command(struct exporter *e, const char *command)
{
    const struct n1_report *r = e->report;
    json_t *span = begin_span(e, 0, command, KIND_INTERNAL), *attributes = json_array(), *events = json_array();
    set_times(e, span, 0, r->duration_ns);
    count_attribute(attributes, "n1prof.statements", r->totals.statements);
    count_attribute(attributes, "n1prof.rows", r->totals.rows);
    count_attribute(attributes, "n1prof.database_time_ns", r->totals.db_time_ns);
    attribute(attributes, "n1prof.complete", "boolValue", json_boolean(r->is_complete));
    if (r->exit_status >= 0)
        count_attribute(attributes, "process.exit.code", (uint64_t)r->exit_status);
    for (size_t i = 0; i < r->n_findings; i++)
        json_array_append_new(events, event(e, &r->finding[i]));
    set(span, "attributes", attributes);
    set(span, "events", events);
    put_span(e, span);
}

static void describe_source(struct exporter *e)
{
    const struct n1_report *r = e->report;
    json_t *attributes = json_array();
    char *name = r->argc > 0 && r->argv[0] ? g_path_get_basename(r->argv[0]) : g_strdup("program");
    text_attribute(attributes, "service.name", *name ? name : "program");
    e->resource = json_object();
    set(e->resource, "attributes", attributes);
    e->scope = json_object();
    set(e->scope, "name", json_string("n1prof"));
    set(e->scope, "version", n1_json_text(r->tool_version ? r->tool_version : N1_VERSION, N1_CLEAN_LABEL));
    g_free(name);
}

static int write_otlp(FILE *out, const struct n1_report *report, const struct n1_report_options *options)
{
    struct exporter e = {.out = out, .report = report};
    n1_places_init(&e.places, report, options);
    char *command = n1_place_command(&e.places, report);
    make_trace_id(&e, command);
    describe_source(&e);
    put_command(&e, command);
    for (size_t i = 0; i < report->n_executions; i++)
        put_execution(&e, i);
    for (size_t i = 0; report->n_executions == 0 && i < report->n_paths; i++)
        put_path(&e, i);
    json_decref(e.resource);
    json_decref(e.scope);
    g_free(command);
    n1_places_release(&e.places);
    return e.has_failed || ferror(out) ? -1 : 0;
}

const struct n1_report_format n1_report_otlp = {
    .name = "otlp",
    .description = "OpenTelemetry spans, one JSON object a line",
    .write = write_otlp,
};
