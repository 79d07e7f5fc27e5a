/* session.json: what the wrapper knows of a recording. Written by cli/, read here.
 *
 *   {"format": 2, "command": [...], "working_directory": "...", "tool_version": "...", "start_ns": n, "start_tick": n,
 *    "start_realtime_s": n, "has_values": false,  and, when the program has ended:  "end_ns": n, "end_tick": n, "exit_status": n}
 *
 * *_ns is CLOCK_MONOTONIC, *_tick the time-stamp counter read at the same moment (0 where there is none).
 */
#ifndef N1_TRACE_SESSION_H
#define N1_TRACE_SESSION_H

#include "trace/read.h"

#define N1_SESSION_FILE  "session.json"
#define N1_COUNTERS_FILE "counters"
#define N1_NESTED_FILE   "nested" /* recordings of n1profs that ran inside and that were kept: an absolute path a line */

struct n1_session_file {
    struct n1_session session;
    uint64_t start_tick, end_tick;
    bool is_present;
};

/* 0; N1_ERROR_FORMAT or N1_ERROR_VERSION (negative) with err filled. A missing file is no error: is_present is false. */
int n1_session_load(struct n1_session_file *file, const char *directory, struct n1_error *err);
void n1_session_release(struct n1_session_file *file);

#endif
