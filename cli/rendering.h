/* From a recording to its reports: the options that `report` and `run` share, the analysis, and the files.
 *
 * Whether every output can be written is found out before anything else is done; files appear when all are complete.
 */
#ifndef N1_CLI_RENDERING_H
#define N1_CLI_RENDERING_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/suppressing.h"

/* The options' targets, for GOptionEntry tables; strings as GLib gives them. */
struct n1_rendering {
    char **formats; /* --format NAME or NAME=FILE, repeatable */
    char *output;   /* -o FILE: where the formats without a FILE of their own go */
    char *colour;   /* --color always, never, auto */
    char *before;   /* --before TRACE, of `report` only: an earlier recording to compare with */
    char **user_code, **not_user_code;
    int no_source;
    char *root; /* --root DIR: paths in machines' formats are relative to it */
};

extern struct n1_rendering n1_rendering_options;

/* Rows of a GOptionEntry table. */
#define N1_RENDERING_ENTRIES                                                                                           \
    {"format",                                                                                                         \
     'f',                                                                                                              \
     0,                                                                                                                \
     G_OPTION_ARG_FILENAME_ARRAY,                                                                                      \
     &n1_rendering_options.formats,                                                                                    \
     "one of the formats below; FORMAT=FILE: into that file; repeatable",                                              \
     "FORMAT"},                                                                                                        \
        {"output",                                                                                                     \
         'o',                                                                                                          \
         0,                                                                                                            \
         G_OPTION_ARG_FILENAME,                                                                                        \
         &n1_rendering_options.output,                                                                                 \
         "write the report to FILE ('-': standard output)",                                                            \
         "FILE"},                                                                                                      \
        {"color", 0, 0, G_OPTION_ARG_FILENAME, &n1_rendering_options.colour, "always, never, or auto (default)",       \
         "WHEN"},                                                                                                      \
        N1_SUPPRESSING_ENTRIES,                                                                                        \
        {"root",                                                                                                       \
         0,                                                                                                            \
         0,                                                                                                            \
         G_OPTION_ARG_FILENAME,                                                                                        \
         &n1_rendering_options.root,                                                                                   \
         "the repository's folder (default: the one with .git around the recorded folder)",                            \
         "DIR"},                                                                                                       \
        {"no-source", 0, 0, G_OPTION_ARG_NONE, &n1_rendering_options.no_source, "do not quote source lines", NULL},    \
        {"user-code",                                                                                                  \
         0,                                                                                                            \
         0,                                                                                                            \
         G_OPTION_ARG_FILENAME_ARRAY,                                                                                  \
         &n1_rendering_options.user_code,                                                                              \
         "files that are your own code; repeatable",                                                                   \
         "GLOB"},                                                                                                      \
    {                                                                                                                  \
        "not-user-code", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &n1_rendering_options.not_user_code,                       \
            "files that are not; repeatable", "GLOB"                                                                   \
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
