/* speedscope's file format (speedscope.app): one set of frames, two sampled profiles over the same call paths: executions, and time in
 * the database. The innermost frame is the query.
 */
#include "reports/escape.h"
#include "reports/flame.h"
#include "reports/report.h"
#include "reports/words.h"

struct scope {
    const struct n1_report *report;
    struct n1_places places;
    GHashTable *index; /* "name\nfile\nline" → index + 1 */
    json_t *frames;
};

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

/* Takes name. The index of the frame, new or known. */
static json_t *frame(struct scope *s, char *name, const char *file, int line)
{
    char *inside = n1_place_inside(&s->places, file),
         *key = g_strdup_printf("%s\n%s\n%d", name, inside ? inside : "", line);
    gsize index = GPOINTER_TO_SIZE(g_hash_table_lookup(s->index, key));
    if (index == 0) {
        json_t *o = json_object();
        set(o, "name", json_string(name));
        if (inside)
            set(o, "file", n1_json_text(inside, N1_CLEAN_WORDS));
        if (inside && line > 0)
            set(o, "line", json_integer(line));
        json_array_append_new(s->frames, o);
        index = json_array_size(s->frames);
        g_hash_table_insert(s->index, g_strdup(key), GSIZE_TO_POINTER(index));
    }
    g_free(key);
    g_free(inside);
    g_free(name);
    return json_integer((json_int_t)index - 1);
}

static json_t *sample(struct scope *s, const struct n1_path *path)
{
    json_t *stack = json_array();
    for (size_t i = path->stack.count; i-- > 0;) {
        const struct n1_frame *f = &path->stack.frame[i];
        json_array_append_new(stack, frame(s, n1_flame_frame(&s->places, f), f->file, f->line));
    }
    json_array_append_new(stack, frame(s, n1_flame_query(&s->report->query[path->query].statement), NULL, 0));
    return stack;
}

static uint64_t executions(const struct n1_path *path)
{
    return path->executions;
}

static uint64_t database_time(const struct n1_path *path)
{
    return path->db_time_ns;
}

static json_t *profile(struct scope *s, const char *name, const char *unit, uint64_t (*weight)(const struct n1_path *))
{
    json_t *o = json_object(), *samples = json_array(), *weights = json_array();
    uint64_t sum = 0;
    for (size_t i = 0; i < s->report->n_paths; i++) {
        const struct n1_path *path = &s->report->path[i];
        json_array_append_new(samples, sample(s, path));
        json_array_append_new(weights, n1_json_count(weight(path)));
        sum = n1_count_add(sum, weight(path));
    }
    set(o, "type", json_string("sampled"));
    set(o, "name", json_string(name));
    set(o, "unit", json_string(unit));
    set(o, "startValue", json_integer(0));
    set(o, "endValue", n1_json_count(sum));
    set(o, "samples", samples);
    set(o, "weights", weights);
    return o;
}

static int write_speedscope(FILE *out, const struct n1_report *report, const struct n1_report_options *options)
{
    struct scope s = {.report = report, .frames = json_array()};
    json_t *root = json_object(), *shared = json_object(), *profiles = json_array();
    n1_places_init(&s.places, report, options);
    s.index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    json_array_append_new(profiles, profile(&s, "executions", "none", executions));
    json_array_append_new(profiles, profile(&s, "time in the database", "nanoseconds", database_time));
    char *command = n1_place_command(&s.places, report);
    char *exporter = g_strdup_printf("n1prof@%s", report->tool_version ? report->tool_version : N1_VERSION);
    set(root, "$schema", json_string("https://www.speedscope.app/file-format-schema.json"));
    GString *name = g_string_new(command);
    if (!report->is_complete) {
        g_string_append(name, " — ");
        n1_words_losses(name, report);
    }
    set(root, "name", n1_json_text(name->str, N1_CLEAN_WORDS));
    set(root, "exporter", n1_json_text(exporter, N1_CLEAN_LABEL));
    set(root, "activeProfileIndex", json_integer(0));
    set(shared, "frames", s.frames);
    set(root, "shared", shared);
    set(root, "profiles", profiles);
    int rc = json_dumpf(root, out, JSON_COMPACT);
    json_decref(root);
    g_string_free(name, TRUE);
    g_free(exporter);
    g_free(command);
    g_hash_table_destroy(s.index);
    n1_places_release(&s.places);
    return rc == 0 && fputc('\n', out) != EOF && !ferror(out) ? 0 : -1;
}

const struct n1_report_format n1_report_speedscope = {
    .name = "speedscope",
    .description = "call paths for speedscope.app: executions, time",
    .write = write_speedscope,
};
