/* The suppressions of a command: --suppressions FILE, else n1prof.supp when it is there. Shared by report, run and check. */
#ifndef N1_CLI_SUPPRESSING_H
#define N1_CLI_SUPPRESSING_H

#include <stdbool.h>

#include "analyzer/suppress.h"

/* The options' targets, for GOptionEntry tables. */
struct n1_suppressing {
    char *file;
    int generates;
};

extern struct n1_suppressing n1_suppressing_options;

/* Rows of a GOptionEntry table. */
#define N1_SUPPRESSING_ENTRIES                                                                                         \
    {"suppressions",                                                                                                   \
     0,                                                                                                                \
     0,                                                                                                                \
     G_OPTION_ARG_FILENAME,                                                                                            \
     &n1_suppressing_options.file,                                                                                     \
     "findings that are accepted (default: " N1_SUPPRESSIONS_FILE ")",                                                 \
     "FILE"},                                                                                                          \
    {                                                                                                                  \
        "gen-suppressions", 0, 0, G_OPTION_ARG_NONE, &n1_suppressing_options.generates,                                \
            "write stanzas for " N1_SUPPRESSIONS_FILE " instead of a report", NULL                                     \
    }

/* *suppressions is NULL when there is no file. False after complaining. */
bool n1_suppressing_load(struct n1_suppressions **suppressions);
/* One line on standard error for each stanza that matched nothing. NULL is fine. */
void n1_suppressing_tell_unused(const struct n1_suppressions *suppressions);

#endif
