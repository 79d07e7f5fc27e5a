/* The process's .n1 file: chunks, each appended with one write, so that no lock is needed and a killed process leaves at most
 * one torn chunk at the end.
 *
 * The descriptor is held (place.h).
 * Failures (full disk, size limit, no descriptor, directory gone) are counted and never seen by the program: errno stays,
 * and SIGXFSZ is taken back.
 * Any thread.
 */
#ifndef N1_PRELOAD_STREAM_H
#define N1_PRELOAD_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "trace/format.h"

/* Creates <directory>/<n1_process.stream_name>.n1 with its header. Returns 0, or -1: nothing is left, and it may be tried
 * again. */
int n1_stream_open(void);

/* A stream of before (of the parent) is forgotten, its descriptor closed: nothing goes there any more. */
void n1_stream_leave(void);

/* Appends a chunk; chunk->magic, size_bytes and check are filled in here. Returns 0 or -1 (not counted: the caller knows
 * what was lost). */
int n1_stream_append(struct n1_chunk *chunk, const void *payload, size_t size_bytes);

/* ---- also for ring.c: files under a size limit --------------------------------------------------------------------- */
struct n1_file_guard {
    int is_blocked, was_pending, saved_errno;
    unsigned long mask[16]; /* sigset_t */
};
/* Between the two, exceeding RLIMIT_FSIZE is EFBIG and no signal; end restores errno and the signal mask. */
void n1_file_guard_begin(struct n1_file_guard *guard);
void n1_file_guard_end(struct n1_file_guard *guard);

#endif
