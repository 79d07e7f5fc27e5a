/* The directory of a new recording. An earlier recording in its place moves to PLACE.old, whose own content goes; anything
 * else that stands there is left alone and refused. Private to its owner (0700).
 *
 *     struct n1_trace_place place;
 *     n1_trace_place_make(&place, "n1prof.trace", &err);
 *     …
 *     n1_trace_place_undo(&place);     nothing was recorded: put things back as they were
 *     n1_trace_place_release(&place);
 */
#ifndef N1_CLI_TRACE_PLACE_H
#define N1_CLI_TRACE_PLACE_H

#include <stdbool.h>

#include "trace/error.h"

struct n1_trace_place {
    char *path; /* absolute */
    char *old;  /* path + ".old" */
    bool has_moved_old;
    bool was_there; /* as an empty directory */
};

/* 0 or negative with err filled and nothing changed. */
int n1_trace_place_make(struct n1_trace_place *place, const char *path, struct n1_error *err);
void n1_trace_place_undo(struct n1_trace_place *place);
void n1_trace_place_release(struct n1_trace_place *place);

/* Removes a recording: its files by name, then the directory. Whatever else lies in it stays, and is an error. */
int n1_trace_place_remove(const char *path, struct n1_error *err);

#endif
