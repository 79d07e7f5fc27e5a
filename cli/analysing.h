/* From a recording to its analysis: the options that report, run, check and diff share. */
#ifndef N1_CLI_ANALYSING_H
#define N1_CLI_ANALYSING_H

#include <glib.h>

#include "analyzer/finding.h"

/* The options' targets, for GOptionEntry tables. */
struct n1_analysing {
    char **user_code, **not_user_code;
    char *root; /* --root DIR: paths in machines' formats are relative to it */
};

extern struct n1_analysing n1_analysing_options;

/* Rows of a GOptionEntry table. */
#define N1_ANALYSING_ENTRIES                                                                                           \
    {"root",                                                                                                           \
     0,                                                                                                                \
     0,                                                                                                                \
     G_OPTION_ARG_FILENAME,                                                                                            \
     &n1_analysing_options.root,                                                                                       \
     "the repository's folder (default: the one with .git around the recorded folder)",                                \
     "DIR"},                                                                                                           \
        {"user-code",                                                                                                  \
         0,                                                                                                            \
         0,                                                                                                            \
         G_OPTION_ARG_FILENAME_ARRAY,                                                                                  \
         &n1_analysing_options.user_code,                                                                              \
         "files that are your own code; repeatable",                                                                   \
         "GLOB"},                                                                                                      \
    {                                                                                                                  \
        "not-user-code", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &n1_analysing_options.not_user_code,                       \
            "files that are not; repeatable", "GLOB"                                                                   \
    }

/* executions_kept: one by one, for the formats that show them. NULL after complaining; n1_report_free() it. */
struct n1_report *n1_analysing_open(const char *trace, size_t executions_kept);

/* The repository's folder for what was recorded in `folder`; NULL: none is known. g_free() it. */
char *n1_analysing_root(const char *folder);

#endif
