#include "cli/session.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if defined __x86_64__ || defined __i386__
#    include <x86intrin.h>
static uint64_t read_tick(void)
{
    return __rdtsc();
}
#else
static uint64_t read_tick(void)
{
    return 0;
}
#endif

static uint64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* The tightest of a few readings: an interruption between the two clocks would bend the whole recording's times. */
void n1_session_clocks(uint64_t *ns, uint64_t *tick)
{
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < 16; i++) {
        uint64_t before = read_tick(), now = monotonic_ns(), after = read_tick();
        if (after - before >= best)
            continue;
        best = after - before;
        *ns = now;
        *tick = before + (after - before) / 2;
    }
}

static void add_string(GString *out, const char *text)
{
    char *valid = g_utf8_make_valid(text ? text : "", -1);
    g_string_append_c(out, '"');
    for (const char *p = valid; *p; p++) {
        if (*p == '"' || *p == '\\')
            g_string_append_c(out, '\\');
        if ((unsigned char)*p < 0x20)
            g_string_append_printf(out, "\\u%04x", (unsigned)*p);
        else
            g_string_append_c(out, *p);
    }
    g_string_append_c(out, '"');
    g_free(valid);
}

/* Over the old text, in the blocks that it already has: the way that is left on a full disk. */
static bool overwrite(const char *path, const GString *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool is_written = pwrite(fd, text->str, text->len, 0) == (ssize_t)text->len && ftruncate(fd, (off_t)text->len) == 0;
    close(fd);
    return is_written;
}

int n1_session_write(const struct n1_session_file *file, const char *directory, struct n1_error *err)
{
    const struct n1_session *session = &file->session;
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "{\n \"format\": %d,\n \"command\": [", N1_FORMAT_VERSION);
    for (size_t i = 0; i < session->argc; i++) {
        g_string_append(out, i ? ", " : "");
        add_string(out, session->argv[i]);
    }
    g_string_append(out, "],\n \"working_directory\": ");
    add_string(out, session->working_directory);
    g_string_append(out, ",\n \"tool_version\": ");
    add_string(out, session->tool_version);
    g_string_append_printf(out, ",\n \"start_ns\": %" G_GUINT64_FORMAT ",\n \"start_tick\": %" G_GUINT64_FORMAT,
                           session->start_ns, file->start_tick);
    g_string_append_printf(out, ",\n \"start_realtime_s\": %" G_GINT64_FORMAT ",\n \"has_values\": %s",
                           session->start_realtime_s, session->has_values ? "true" : "false");
    if (session->end_ns != 0)
        g_string_append_printf(
            out, ",\n \"end_ns\": %" G_GUINT64_FORMAT ",\n \"end_tick\": %" G_GUINT64_FORMAT ",\n \"exit_status\": %d",
            session->end_ns, file->end_tick, session->exit_status);
    g_string_append(out, "\n}\n");

    char *path = g_build_filename(directory, N1_SESSION_FILE, NULL);
    GError *error = NULL;
    int rc = 0;
    if (!g_file_set_contents_full(path, out->str, (gssize)out->len, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error)) {
        if (!overwrite(path, out))
            rc = n1_error_set(err, N1_ERROR_SYSTEM, path, "%s: cannot write it: %s", path, error->message);
        g_error_free(error);
    }
    g_free(path);
    g_string_free(out, TRUE);
    return rc;
}
