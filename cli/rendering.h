/* From a recording to its reports: what `report` and `run` share. */
#ifndef N1_CLI_RENDERING_H
#define N1_CLI_RENDERING_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/analysing.h"
#include "cli/suppressing.h"
#include "cli/targets.h"

/* The options' targets, for GOptionEntry tables. */
struct n1_rendering {
    char *before; /* --before TRACE, of `report` only: an earlier recording to compare with */
    int no_source, shows_all;
};

extern struct n1_rendering n1_rendering_options;

/* Rows of a GOptionEntry table. */
#define N1_RENDERING_ENTRIES                                                                                           \
    N1_TARGETS_ENTRIES, N1_SUPPRESSING_ENTRIES, N1_ANALYSING_ENTRIES,                                                  \
        {"all", 0, 0, G_OPTION_ARG_NONE, &n1_rendering_options.shows_all, "text: every finding in full", NULL},        \
    {                                                                                                                  \
        "no-source", 0, 0, G_OPTION_ARG_NONE, &n1_rendering_options.no_source, "do not quote source lines", NULL       \
    }

/* The formats, for --help. */
void n1_rendering_print_formats(void);
/* The same for completion (struct n1_command.words). */
char *n1_rendering_words(const char *placeholder);

/* Checks the options and whether the outputs can be written. standard: where reports without a file go. False after complaining. */
bool n1_rendering_prepare(FILE *standard);
/* Analyses the recording and writes all reports. False after complaining. */
bool n1_rendering_run(const char *trace);

#endif
