/* The baseline's text: git merges it line by line. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "analyzer/gate/baseline.h"
#include "analyzer/gate/callpath.h"

static json_t *path_list(const char *path)
{
    json_t *list = json_array();
    const char separator[] = {N1_GATE_SEPARATOR, '\0'};
    char **names = g_strsplit(path, separator, -1);
    for (char **name = names; *name; name++)
        json_array_append_new(list, json_string(*name));
    g_strfreev(names);
    return list;
}

static json_t *kinds_list(unsigned kinds)
{
    json_t *list = json_array();
    for (unsigned kind = 0; kind < N1_KINDS; kind++)
        if (kinds >> kind & 1)
            json_array_append_new(list, json_string(n1_kind_name((enum n1_kind)kind)));
    return list;
}

static json_t *number(double value)
{
    return value == floor(value) && value < 1e15 ? json_integer((json_int_t)value) : json_real(value);
}

static char *line(const struct n1_gate_entry *e)
{
    json_t *object = json_object();
    json_object_set_new(object, "path", path_list(e->path));
    json_object_set_new(object, "sql", json_string(e->sql));
    if (e->form == N1_FORM_COUNT)
        json_object_set_new(object, "executions", json_integer((json_int_t)MIN(e->executions, (uint64_t)INT64_MAX)));
    else {
        json_object_set_new(object, "per_row_of",
                            json_string(e->form == N1_FORM_WRITTEN ? N1_GATE_WRITTEN : e->parent));
        json_object_set_new(object, "slope", number(e->slope));
    }
    if (e->kinds)
        json_object_set_new(object, "kinds", kinds_list(e->kinds));
    if (e->tolerance_text)
        json_object_set_new(object, "tolerance", json_string(e->tolerance_text));
    if (e->note)
        json_object_set_new(object, "note", json_string(e->note));
    char *text = json_dumps(object, JSON_SORT_KEYS | JSON_REAL_PRECISION(6));
    json_decref(object);
    return text;
}

char *n1_baseline_text(struct n1_baseline *b)
{
    GString *out = g_string_new("{\n\"entries\": [\n");
    n1_baseline_sort(b);
    for (guint i = 0; i < b->entry->len; i++) {
        char *text = line(g_ptr_array_index(b->entry, i));
        g_string_append_printf(out, "%s%s\n", text ? text : "{}", i + 1 < b->entry->len ? "," : "");
        free(text);
    }
    g_string_append(out, "],\n\"schema\": \"" N1_BASELINE_SCHEMA "\"\n}\n");
    return g_string_free(out, FALSE);
}
