#include "trace/dump.h"

#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <jansson.h>

static const char *const VALUE_KIND[8] = {"null", "integer", "float", "text", "blob", "uuid", "boolean", "unknown"};
static const char *const LANGUAGE[N1_LANGUAGES] = {"c", "python", "ruby", "php", "perl", "javascript"};

/* Executions between OPEN and END, by process and number. */
struct open_execution {
    uint64_t key[2];
    json_t *line;
    uint64_t cells;
};

/* Bytes of the recorded program: what is not UTF-8 is shown as U+FFFD. */
static json_t *text_json(const char *text)
{
    if (!text)
        return json_null();
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    return json_string(valid);
}

static json_t *value_json(const struct n1_value *v, const char *text)
{
    json_t *object = json_object();
    json_object_set_new(object, "kind", json_string(VALUE_KIND[v->kind & 7]));
    if (v->hash) {
        char hash[17];
        snprintf(hash, sizeof hash, "%016" PRIx64, v->hash);
        json_object_set_new(object, "hash", json_string(hash));
    }
    if (text)
        json_object_set_new(object, "text", text_json(text));
    return object;
}

static json_t *frame_json(const struct n1_raw_frame *f)
{
    json_t *object = json_object();
    json_object_set_new(object, "language", json_string(LANGUAGE[f->language < N1_LANGUAGES ? f->language : 0]));
    if (f->function || f->file) {
        json_object_set_new(object, "function", text_json(f->function));
        json_object_set_new(object, "file", text_json(f->file));
        json_object_set_new(object, "line", json_integer(f->line));
        return object;
    }
    char address[24];
    snprintf(address, sizeof address, "0x%" PRIx64, f->module ? f->address - f->module->bias : f->address);
    json_object_set_new(object, "address", json_string(address));
    json_object_set_new(object, "module", text_json(f->module ? f->module->path : NULL));
    return object;
}

static json_t *connection_json(const struct n1_connection *c)
{
    if (!c)
        return json_null();
    json_t *object = json_object();
    json_object_set_new(object, "dialect", json_string(c->dialect == N1_DIALECT_POSTGRES ? "postgresql" : "sqlite"));
    json_object_set_new(object, "database", text_json(c->database));
    if (c->host && c->host[0])
        json_object_set_new(object, "host", text_json(c->host));
    if (c->port && c->port[0])
        json_object_set_new(object, "port", text_json(c->port));
    return object;
}

static json_t *begin_line(const struct n1_trace *trace, const struct n1_event *ev)
{
    json_t *line = json_object();
    const struct n1_sql_text *sql = n1_trace_sql(trace, ev->process, ev->sql);
    json_object_set_new(line, "time_ns", json_integer((json_int_t)ev->start_ns));
    json_object_set_new(line, "process", json_integer(trace->process[ev->process].pid));
    json_object_set_new(line, "thread", json_integer(ev->tid));
    json_object_set_new(line, "connection", connection_json(n1_trace_connection(trace, ev->process, ev->connection)));
    json_object_set_new(line, "sql", text_json(sql ? sql->text : NULL));
    json_t *params = json_array();
    for (uint32_t i = 0; ev->params && i < ev->n_bound + ev->n_literals; i++)
        json_array_append_new(params, value_json(&ev->params[i], ev->param_text ? ev->param_text[i] : NULL));
    json_object_set_new(line, "parameters", params);
    json_t *stack = json_array();
    const struct n1_raw_stack *raw = n1_trace_stack(trace, ev->process, ev->stack);
    for (uint32_t i = 0; raw && i < raw->count; i++)
        json_array_append_new(stack, frame_json(&raw->frame[i]));
    json_object_set_new(line, "stack", stack);
    return line;
}

static void end_line(json_t *line, const struct n1_event *ev, uint64_t cells, FILE *out)
{
    json_object_set_new(line, "rows", json_integer((json_int_t)ev->rows));
    json_object_set_new(line, "duration_ns", json_integer((json_int_t)ev->duration_ns));
    json_object_set_new(line, "error", ev->error ? json_integer(ev->error) : json_null());
    json_object_set_new(line, "finished", json_boolean(ev->type == N1_EVENT_EXEC || ev->type == N1_EVENT_END));
    json_object_set_new(line, "cells", json_integer((json_int_t)cells));
    json_dumpf(line, out, JSON_COMPACT | JSON_ENCODE_ANY);
    fputc('\n', out);
}

static guint hash_key(gconstpointer key)
{
    const uint64_t *k = key;
    return (guint)(k[0] * 0x9e3779b1U ^ k[1]);
}

static gboolean same_key(gconstpointer a, gconstpointer b)
{
    const uint64_t *x = a, *y = b;
    return x[0] == y[0] && x[1] == y[1];
}

static void free_open(gpointer entry)
{
    struct open_execution *open = entry;
    json_decref(open->line);
    g_free(open);
}

static void dump_event(struct n1_trace *trace, const struct n1_event *ev, GHashTable *open, FILE *out)
{
    uint64_t key[2] = {ev->process, ev->execution};
    struct open_execution *known;
    switch (ev->type) {
    case N1_EVENT_EXEC: {
        json_t *line = begin_line(trace, ev);
        end_line(line, ev, ev->n_cells, out);
        json_decref(line);
        break;
    }
    case N1_EVENT_OPEN:
        known = g_new0(struct open_execution, 1);
        known->key[0] = key[0];
        known->key[1] = key[1];
        known->line = begin_line(trace, ev);
        g_hash_table_replace(open, known->key, known);
        break;
    case N1_EVENT_CELLS:
        known = g_hash_table_lookup(open, key);
        if (known)
            known->cells += ev->n_cells;
        break;
    case N1_EVENT_END:
        known = g_hash_table_lookup(open, key);
        if (known) {
            end_line(known->line, ev, known->cells + ev->n_cells, out);
            g_hash_table_remove(open, key);
        }
        break;
    default: break;
    }
}

static gint by_key(gconstpointer a, gconstpointer b)
{
    const struct open_execution *x = a, *y = b;
    if (x->key[0] != y->key[0])
        return x->key[0] < y->key[0] ? -1 : 1;
    return x->key[1] < y->key[1] ? -1 : x->key[1] > y->key[1];
}

int n1_trace_dump_ndjson(struct n1_trace *trace, FILE *out, struct n1_error *err)
{
    GHashTable *open = g_hash_table_new_full(hash_key, same_key, NULL, free_open);
    struct n1_event ev;
    while (!ferror(out) && n1_trace_next(trace, &ev))
        dump_event(trace, &ev, open, out);
    GList *left = g_list_sort(g_hash_table_get_values(open), by_key);
    const struct n1_event unfinished = {.type = N1_EVENT_OPEN};
    for (GList *l = left; l; l = l->next) {
        struct open_execution *o = l->data;
        end_line(o->line, &unfinished, o->cells, out);
    }
    g_list_free(left);
    g_hash_table_destroy(open);
    if (fflush(out) != 0 || ferror(out))
        return n1_error_set(err, N1_ERROR_SYSTEM, "", "cannot write the dump: %s", g_strerror(errno));
    return 0;
}
