/* A file that appears whole or not at all: written beside its place under another name, then renamed over it. "-" is standard
 * output; a terminal, pipe or device is written to directly.
 *
 *     struct n1_output output;
 *     if (n1_output_open(&output, "report.json", &err) == 0) {
 *         fputs("…", output.stream);
 *         n1_output_close(&output, &err);     or n1_output_discard(&output)
 *     }
 */
#ifndef N1_CLI_OUTPUT_H
#define N1_CLI_OUTPUT_H

#include <stdio.h>

#include "trace/error.h"

struct n1_output {
    FILE *stream;
    char *name;      /* as the user wrote it */
    char *path;      /* what will be replaced, symbolic links followed; NULL: written directly */
    char *temporary; /* beside it */
    char *added;     /* what will be added to name, size_bytes of it; NULL: nothing is */
    size_t size_bytes;
};

/* Whether name could be written, without leaving a trace: for work that shall not be done in vain. */
int n1_output_check(const char *name, struct n1_error *err);
/* 0 or negative with err filled. */
int n1_output_open(struct n1_output *output, const char *name, struct n1_error *err);
/* The same for a file that others write to as well: what is there stays, ours is added behind it in one write. */
int n1_output_open_adding(struct n1_output *output, const char *name, struct n1_error *err);
/* Makes the file appear. 0 or negative with err filled and nothing left behind. */
int n1_output_close(struct n1_output *output, struct n1_error *err);
void n1_output_discard(struct n1_output *output);

#endif
