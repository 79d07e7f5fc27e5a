/* A recording made by a test: a fresh directory with its counters page, as the wrapper makes it, and programs run under the
 * shim in it. Everything is removed at the end. */
#ifndef N1_TESTS_PRELOAD_RECORDING_H
#define N1_TESTS_PRELOAD_RECORDING_H

#include <stdbool.h>
#include <stddef.h>

#include "trace/read.h"

#define RECORDING_KEY "00112233445566778899aabbccddeeff" /* of every recording */

struct recording {
    char directory[128];
    int status;         /* of the program, as waitpid gives it */
    char output[65536]; /* of the program, cut */
};

void recording_make(struct recording *r);
void recording_remove(struct recording *r);
/* Sets the environment that a shim in this process would read. */
void recording_enter(const struct recording *r, bool has_values);

/* Runs argv (NULL-terminated), recorded or plain; its output goes to r->output. */
void recording_run(struct recording *r, const char *const *argv, bool is_recorded, bool has_values);

/* Opens the trace; fails the test when it cannot be read or is damaged. */
struct n1_trace *recording_open(const struct recording *r);

/* Of a recording with real values: each value whose hash is there has its text too, and those whose text is canonical (value.h) the
 * one that gives the hash. Fails the test else. */
void recording_has_values(const struct recording *r);

/* What a text did in a recording. */
struct tally {
    unsigned executions, failed, opened;
    unsigned long rows, cells;
    unsigned n_bound, n_literals; /* of the last one */
};
/* Counts the executions whose text is sql. Opens and closes the trace. */
struct tally recording_tally(const struct recording *r, const char *sql);
/* All executions that ended. */
unsigned recording_total(const struct recording *r);

#endif
