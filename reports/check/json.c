/* The verdict for a program: schema "n1prof-check/1", docs/baseline.md. */
#include <jansson.h>

#include "reports/check/check.h"
#include "reports/escape.h"
#include "reports/path.h"

/* Paths as in the json report. */
static const struct n1_check_options from_the_folder = {0};

static json_t *text(const char *value)
{
    return value ? n1_json_text(value, N1_CLEAN_DATA) : json_null();
}

static json_t *count(double value)
{
    if (value < 0)
        return json_null();
    return value < 9e15 && value == (double)(json_int_t)value ? json_integer((json_int_t)value) : json_real(value);
}

static json_t *location(const struct n1_verdict *v, const struct n1_verdict_line *line)
{
    json_t *object = json_object();
    json_object_set_new(object, "file", text(n1_report_path(v->folder, line->where.file)));
    json_object_set_new(object, "line", line->where.line > 0 ? json_integer(line->where.line) : json_null());
    json_object_set_new(object, "function", text(line->where.function));
    return object;
}

static json_t *line_object(const struct n1_verdict *v, const struct n1_verdict_line *line)
{
    json_t *object = json_object();
    char *sentence = n1_verdict_sentence(v, &from_the_folder, line), *mend = n1_verdict_mend(v, &from_the_folder, line);
    json_object_set_new(object, "change", json_string(n1_change_words[line->change].name));
    json_object_set_new(object, "fails", json_boolean(line->fails));
    json_object_set_new(object, "accepted", json_boolean(line->is_accepted));
    json_object_set_new(object, "id", text(line->id));
    json_object_set_new(object, "kind", line->finding ? json_string(n1_kind_name(line->finding->kind)) : json_null());
    json_object_set_new(object, "finding", line->finding ? text(line->finding->id) : json_null());
    json_object_set_new(object, "subject", text(line->subject));
    json_object_set_new(object, "path", text(line->path));
    json_object_set_new(object, "location", location(v, line));
    json_object_set_new(object, "message", line->message ? text(sentence) : json_null());
    json_object_set_new(object, "mend", text(mend));
    json_object_set_new(object, "before", text(line->before));
    json_object_set_new(object, "now", text(line->now));
    json_object_set_new(object, "count_before", count(line->count_before));
    json_object_set_new(object, "count_now", count(line->count_now));
    json_object_set_new(object, "accept", text(line->command));
    g_free(mend);
    g_free(sentence);
    return object;
}

static int write_json(FILE *out, const struct n1_verdict *v, const struct n1_check_options *options)
{
    (void)options;
    json_t *root = json_object(), *lines = json_array(), *notes = json_array();
    for (guint i = 0; i < v->line->len; i++)
        json_array_append_new(lines, line_object(v, n1_verdict_at(v, i)));
    for (guint i = 0; i < v->note->len; i++)
        json_array_append_new(notes, text(g_ptr_array_index(v->note, i)));
    json_object_set_new(root, "schema", json_string("n1prof-check/1"));
    json_object_set_new(root, "subject", json_string(n1_verdict_subject_name(v)));
    json_object_set_new(root, "verdict", json_string(n1_outcome_name(v->outcome)));
    json_object_set_new(root, "headline", text(v->headline));
    json_object_set_new(root, "reason", text(v->reason));
    json_object_set_new(root, "baseline", text(v->baseline));
    json_object_set_new(root, "failures", json_integer((json_int_t)v->fails));
    json_object_set_new(root, "matched", json_integer((json_int_t)v->matched));
    json_object_set_new(root, "statements", n1_json_count(v->statements));
    json_object_set_new(root, "statements_before",
                        v->subject == N1_VERDICT_CHECK ? json_null() : n1_json_count(v->statements_before));
    json_object_set_new(root, "not_counted", text(v->left_out));
    json_object_set_new(root, "changes", lines);
    json_object_set_new(root, "notes", notes);
    int rc = json_dumpf(root, out, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    fputc('\n', out);
    json_decref(root);
    return rc != 0 || ferror(out) ? -1 : 0;
}

const struct n1_check_format n1_check_json = {
    .name = "json",
    .description = "one object, for programs",
    .is_for_diff = true,
    .write = write_json,
};
