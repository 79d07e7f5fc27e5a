#include "analyzer/gate/baseline.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/gate/callpath.h"

enum { FILE_MOST_BYTES = 64 << 20, FRAMES_MOST = 1024 };

struct n1_baseline *n1_baseline_new(void)
{
    struct n1_baseline *b = g_new0(struct n1_baseline, 1);
    b->entry = g_ptr_array_new_with_free_func(g_free);
    b->strings = g_string_chunk_new(4096);
    b->by_id = g_hash_table_new(g_str_hash, g_str_equal);
    return b;
}

void n1_baseline_free(struct n1_baseline *b)
{
    if (!b)
        return;
    g_hash_table_destroy(b->by_id);
    g_ptr_array_free(b->entry, TRUE);
    g_string_chunk_free(b->strings);
    g_free(b);
}

struct n1_gate_entry *n1_baseline_find(const struct n1_baseline *b, const char *id)
{
    return g_hash_table_lookup(b->by_id, id);
}

static const char *keep(struct n1_baseline *b, const char *text)
{
    return text ? g_string_chunk_insert_const(b->strings, text) : NULL;
}

struct n1_gate_entry *n1_baseline_put(struct n1_baseline *b, const struct n1_gate_entry *entry)
{
    struct n1_gate_entry *e = g_memdup2(entry, sizeof *entry);
    e->path = keep(b, entry->path);
    e->sql = keep(b, entry->sql);
    e->parent = keep(b, entry->parent);
    e->tolerance_text = keep(b, entry->tolerance_text);
    e->note = keep(b, entry->note);
    n1_gate_id(e->id, e->path, e->sql, e->parent);
    n1_baseline_remove(b, e->id);
    g_ptr_array_add(b->entry, e);
    g_hash_table_insert(b->by_id, e->id, e);
    return e;
}

void n1_baseline_remove(struct n1_baseline *b, const char *id)
{
    struct n1_gate_entry *e = n1_baseline_find(b, id);
    if (!e)
        return;
    g_hash_table_remove(b->by_id, id);
    g_ptr_array_remove(b->entry, e);
}

static int in_order(gconstpointer x, gconstpointer y)
{
    const struct n1_gate_entry *a = *(struct n1_gate_entry *const *)x, *b = *(struct n1_gate_entry *const *)y;
    return n1_gate_order(a->path, a->sql, a->parent, b->path, b->sql, b->parent);
}

void n1_baseline_sort(struct n1_baseline *b)
{
    g_ptr_array_sort(b->entry, in_order);
}

/* ---- reading: each function gives NULL, or what is wrong ---------------------------------------------------------------- */

static const char *bad_text(const json_t *value)
{
    const char *text = json_string_value(value);
    if (!text)
        return "is no text";
    for (; *text; text++)
        if (((unsigned char)*text < 0x20 && *text != '\n' && *text != '\t') || *text == 0x7f)
            return "holds a control character";
    return NULL;
}

static const char *read_path(const json_t *value, GString *path)
{
    if (!json_is_array(value))
        return "is no list of function names";
    if (json_array_size(value) > FRAMES_MOST)
        return "has too many function names";
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *name = json_array_get(value, i);
        const char *wrong = bad_text(name);
        if (wrong)
            return wrong;
        if (i > 0)
            g_string_append_c(path, N1_GATE_SEPARATOR);
        g_string_append(path, json_string_value(name));
    }
    return NULL;
}

static const char *read_kinds(const json_t *value, unsigned *kinds)
{
    if (!json_is_array(value))
        return "is no list of finding kinds";
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *name = json_string_value(json_array_get(value, i));
        unsigned kind = 0;
        while (kind < N1_KINDS && g_strcmp0(name, n1_kind_name((enum n1_kind)kind)) != 0)
            kind++;
        if (kind == N1_KINDS)
            return "names a kind of finding that does not exist";
        *kinds |= 1U << kind;
    }
    return NULL;
}

static const char *optional_text(const json_t *object, const char *key, const char **text)
{
    const json_t *value = json_object_get(object, key);
    const char *wrong = value ? bad_text(value) : NULL;
    *text = json_string_value(value);
    return wrong;
}

struct wrong {
    const char *field, *what;
};

static struct wrong read_measure(const json_t *object, struct n1_gate_entry *e)
{
    const json_t *executions = json_object_get(object, "executions"), *slope = json_object_get(object, "slope");
    const char *what = optional_text(object, "per_row_of", &e->parent);
    if (what)
        return (struct wrong){"per_row_of", what};
    if ((executions != NULL) == (e->parent != NULL))
        return (struct wrong){"executions", "is needed, or per_row_of and slope; not both"};
    if (executions) {
        if (!json_is_integer(executions) || json_integer_value(executions) < 0)
            return (struct wrong){"executions", "is no count"};
        e->executions = (uint64_t)json_integer_value(executions);
        return (struct wrong){0};
    }
    e->slope = json_number_value(slope);
    if (!json_is_number(slope) || !isfinite(e->slope) || e->slope < 0)
        return (struct wrong){"slope", "is no number of executions for each row"};
    e->form = N1_FORM_PER_ROW;
    if (strcmp(e->parent, N1_GATE_WRITTEN) == 0) {
        e->form = N1_FORM_WRITTEN;
        e->parent = NULL;
    }
    return (struct wrong){0};
}

static struct wrong read_entry(const json_t *object, GString *path, struct n1_gate_entry *e)
{
    const char *what;
    if (!json_is_object(object))
        return (struct wrong){"it", "is no object"};
    if ((what = read_path(json_object_get(object, "path"), path)) != NULL)
        return (struct wrong){"path", what};
    e->path = path->str;
    if ((what = bad_text(json_object_get(object, "sql"))) != NULL)
        return (struct wrong){"sql", what};
    e->sql = json_string_value(json_object_get(object, "sql"));
    if ((what = optional_text(object, "note", &e->note)) != NULL)
        return (struct wrong){"note", what};
    what = optional_text(object, "tolerance", &e->tolerance_text);
    if (what || !n1_tolerance_parse(&e->tolerance, e->tolerance_text))
        return (struct wrong){"tolerance", "is not like \"+2\", \"10%\" or \"any\""};
    const json_t *kinds = json_object_get(object, "kinds");
    if (kinds && (what = read_kinds(kinds, &e->kinds)) != NULL)
        return (struct wrong){"kinds", what};
    return read_measure(object, e);
}

static int read_entries(struct n1_baseline *b, const json_t *list, const char *file, struct n1_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < json_array_size(list) && rc == 0; i++) {
        struct n1_gate_entry e = {0};
        GString *path = g_string_new(NULL);
        struct wrong wrong = read_entry(json_array_get(list, i), path, &e);
        if (wrong.what)
            rc = n1_error_set(err, N1_ERROR_FORMAT, file, "%s: entry %zu: %s %s; see docs/baseline.md", file, i + 1,
                              wrong.field, wrong.what);
        else {
            n1_gate_id(e.id, e.path, e.sql, e.parent);
            if (n1_baseline_find(b, e.id))
                rc = n1_error_set(err, N1_ERROR_FORMAT, file,
                                  "%s: entry %zu repeats an earlier one; remove one of the two lines", file, i + 1);
            else
                n1_baseline_put(b, &e);
        }
        g_string_free(path, TRUE);
    }
    return rc;
}

static int read_root(struct n1_baseline *b, const json_t *root, const char *file, struct n1_error *err)
{
    const char *schema = json_string_value(json_object_get(root, "schema"));
    const json_t *list = json_object_get(root, "entries");
    if (!schema || !g_str_has_prefix(schema, "n1prof-baseline/"))
        return n1_error_set(err, N1_ERROR_FORMAT, file,
                            "%s: it is no baseline of n1prof's; name another file with --baseline", file);
    if (strcmp(schema, N1_BASELINE_SCHEMA) != 0)
        return n1_error_set(err, N1_ERROR_VERSION, file,
                            "%s: it was written by another version of n1prof (%.40s, this one reads %s)", file, schema,
                            N1_BASELINE_SCHEMA);
    if (!json_is_array(list))
        return n1_error_set(err, N1_ERROR_FORMAT, file, "%s: it has no list \"entries\"; see docs/baseline.md", file);
    return read_entries(b, list, file, err);
}

struct n1_baseline *n1_baseline_parse(const char *file, const char *text, size_t length, struct n1_error *err)
{
    json_error_t error;
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        bool is_conflict = g_strstr_len(text, (gssize)length, "<<<<<<< ") != NULL;
        n1_error_set(err, N1_ERROR_FORMAT, file, "%s: line %d: %s; %s", file, error.line, error.text,
                     is_conflict ? "it holds a merge conflict: n1prof baseline merge settles those"
                                 : "restore it, or begin anew with n1prof check --update");
        return NULL;
    }
    struct n1_baseline *b = n1_baseline_new();
    int rc = read_root(b, root, file, err);
    json_decref(root);
    if (rc != 0) {
        n1_baseline_free(b);
        return NULL;
    }
    n1_baseline_sort(b);
    return b;
}

struct n1_baseline *n1_baseline_read(const char *file, bool may_be_empty, struct n1_error *err)
{
    GError *error = NULL;
    char *text = NULL;
    gsize length = 0;
    struct n1_baseline *b = NULL;
    struct stat st;
    if (stat(file, &st) == 0 && (!S_ISREG(st.st_mode) || st.st_size > FILE_MOST_BYTES))
        n1_error_set(err, N1_ERROR_FORMAT, file, "%s: it is no baseline: %s", file,
                     S_ISREG(st.st_mode) ? "it is far too large" : "it is no file");
    else if (!g_file_get_contents(file, &text, &length, &error)) {
        n1_error_set(err, N1_ERROR_SYSTEM, file, "%s: cannot read the baseline: %s; n1prof check --update makes one",
                     file, g_strerror(errno));
        g_error_free(error);
    } else if (length == 0 && may_be_empty)
        b = n1_baseline_new();
    else
        b = n1_baseline_parse(file, text, length, err);
    g_free(text);
    return b;
}
