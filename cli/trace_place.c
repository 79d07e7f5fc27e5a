#include "cli/trace_place.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/session.h"

static bool is_our_file(const char *name)
{
    return strcmp(name, N1_SESSION_FILE) == 0 || strcmp(name, N1_COUNTERS_FILE) == 0 ||
           strcmp(name, N1_NESTED_FILE) == 0 || g_str_has_suffix(name, ".n1") || g_str_has_suffix(name, ".ring") ||
           g_str_has_prefix(name, N1_SESSION_FILE ".");
}

enum content { NOTHING, EMPTY, RECORDING, FOREIGN, UNREADABLE };

static enum content look(const char *path)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return errno == ENOENT ? NOTHING : UNREADABLE;
    if (!S_ISDIR(st.st_mode))
        return FOREIGN;
    GDir *dir = g_dir_open(path, 0, NULL);
    if (!dir)
        return UNREADABLE;
    enum content content = EMPTY;
    for (const char *name; content != FOREIGN && (name = g_dir_read_name(dir)) != NULL;)
        content = is_our_file(name) ? RECORDING : FOREIGN;
    g_dir_close(dir);
    return content;
}

int n1_trace_place_remove(const char *path, struct n1_error *err)
{
    GDir *dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir)) != NULL;) {
        char *file = g_build_filename(path, name, NULL);
        if (is_our_file(name))
            unlink(file);
        g_free(file);
    }
    if (dir)
        g_dir_close(dir);
    if (rmdir(path) != 0)
        return n1_error_set(err, N1_ERROR_SYSTEM, path, "%s: cannot remove it: %s", path, g_strerror(errno));
    return 0;
}

static int refuse(const char *path, enum content content, struct n1_error *err)
{
    if (content == FOREIGN)
        return n1_error_set(err, N1_ERROR_USAGE, path,
                            "%s: there is something that is no recording of n1prof's; name another place with -o",
                            path);
    return n1_error_set(err, N1_ERROR_SYSTEM, path, "%s: cannot look into it: %s; name another place with -o", path,
                        g_strerror(errno));
}

/* Moves the recording at place->path out of the way. */
static int move_old(struct n1_trace_place *place, struct n1_error *err)
{
    enum content content = look(place->old);
    int rc = 0;
    if (content == FOREIGN || content == UNREADABLE)
        return refuse(place->old, content, err);
    if (content != NOTHING)
        rc = n1_trace_place_remove(place->old, err);
    if (rc == 0 && rename(place->path, place->old) != 0)
        rc = n1_error_set(err, N1_ERROR_SYSTEM, place->path, "%s: cannot move the earlier recording to %s: %s",
                          place->path, place->old, g_strerror(errno));
    place->has_moved_old = rc == 0;
    return rc;
}

int n1_trace_place_make(struct n1_trace_place *place, const char *path, struct n1_error *err)
{
    memset(place, 0, sizeof *place);
    place->path = g_canonicalize_filename(path, NULL);
    place->old = g_strconcat(place->path, ".old", NULL);
    enum content content = look(place->path);
    int rc = 0;
    switch (content) {
    case NOTHING: break;
    case EMPTY: place->was_there = true; break;
    case RECORDING: rc = move_old(place, err); break;
    case FOREIGN:
    case UNREADABLE: rc = refuse(place->path, content, err); break;
    }
    if (rc == 0 && place->was_there && (chmod(place->path, 0700) != 0 || access(place->path, W_OK) != 0))
        rc = n1_error_set(err, N1_ERROR_SYSTEM, path, "%s: cannot make it private: %s; name another place with -o",
                          path, g_strerror(errno));
    if (rc == 0 && !place->was_there && mkdir(place->path, 0700) != 0) {
        rc = n1_error_set(err, N1_ERROR_SYSTEM, path,
                          "%s: cannot make the recording's directory: %s; name another place with -o", path,
                          g_strerror(errno));
        if (place->has_moved_old && rename(place->old, place->path) == 0)
            place->has_moved_old = false;
    }
    if (rc != 0)
        n1_trace_place_release(place);
    return rc;
}

void n1_trace_place_undo(struct n1_trace_place *place)
{
    n1_trace_place_remove(place->path, NULL);
    if (place->was_there)
        mkdir(place->path, 0700);
    if (place->has_moved_old)
        rename(place->old, place->path);
}

void n1_trace_place_release(struct n1_trace_place *place)
{
    g_free(place->path);
    g_free(place->old);
    memset(place, 0, sizeof *place);
}
