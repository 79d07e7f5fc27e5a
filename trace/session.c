#include "trace/session.h"

#include <glib.h>
#include <jansson.h>
#include <string.h>

static uint64_t get_u64(const json_t *object, const char *name)
{
    json_int_t v = json_integer_value(json_object_get(object, name));
    return v > 0 ? (uint64_t)v : 0;
}

static void get_command(struct n1_session *session, const json_t *list)
{
    size_t n = json_array_size(list);
    const char **argv = g_new0(const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        argv[i] = g_strdup(text ? text : "");
    }
    session->argc = n;
    session->argv = argv;
}

static void get_session(struct n1_session_file *file, const json_t *root)
{
    struct n1_session *session = &file->session;
    get_command(session, json_object_get(root, "command"));
    session->working_directory = g_strdup(json_string_value(json_object_get(root, "working_directory")));
    session->tool_version = g_strdup(json_string_value(json_object_get(root, "tool_version")));
    session->start_ns = get_u64(root, "start_ns");
    session->end_ns = get_u64(root, "end_ns");
    session->start_realtime_s = json_integer_value(json_object_get(root, "start_realtime_s"));
    session->has_values = json_is_true(json_object_get(root, "has_values"));
    const json_t *status = json_object_get(root, "exit_status");
    session->exit_status = json_is_integer(status) ? (int)json_integer_value(status) : -1;
    file->start_tick = get_u64(root, "start_tick");
    file->end_tick = get_u64(root, "end_tick");
    file->is_present = true;
}

int n1_session_load(struct n1_session_file *file, const char *directory, struct n1_error *err)
{
    memset(file, 0, sizeof *file);
    file->session.exit_status = -1;
    g_autofree char *path = g_build_filename(directory, N1_SESSION_FILE, NULL);
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return 0;
    json_error_t json_err;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &json_err);
    int rc = 0;
    if (!json_is_object(root)) {
        rc = n1_error_set(err, N1_ERROR_FORMAT, path,
                          "%s: line %d: %s; this is not a recording of n1prof's, or it is damaged", path,
                          root ? 1 : json_err.line, root ? "not an object" : json_err.text);
        goto out;
    }
    json_int_t version = json_integer_value(json_object_get(root, "format"));
    if (version > N1_FORMAT_VERSION)
        rc = n1_error_set(
            err, N1_ERROR_VERSION, path,
            "%s: recorded by a newer n1prof (format version %lld, this one reads up to %d); report it with that one",
            directory, (long long)version, N1_FORMAT_VERSION);
    else if (version < 1)
        rc = n1_error_set(err, N1_ERROR_FORMAT, path, "%s: no \"format\" number; this is not a recording of n1prof's",
                          path);
    else
        get_session(file, root);
out:
    json_decref(root);
    return rc;
}

void n1_session_release(struct n1_session_file *file)
{
    for (size_t i = 0; i < file->session.argc; i++)
        g_free((gpointer)file->session.argv[i]);
    g_free((gpointer)file->session.argv);
    g_free((gpointer)file->session.working_directory);
    g_free((gpointer)file->session.tool_version);
    memset(file, 0, sizeof *file);
}
