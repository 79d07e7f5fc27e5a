/* From recordings to a verdict's reports: what check and diff share. Formats and files as those of rendering.h; "auto" picks the
 * format by the environment. Outputs are tested before anything else is done; files appear when all are complete. */
#ifndef N1_CLI_JUDGING_H
#define N1_CLI_JUDGING_H

#include <glib.h>
#include <stdbool.h>

#include "analyzer/suppress.h"
#include "reports/check.h"

/* The options' targets, for GOptionEntry tables. */
struct n1_judging {
    char **formats; /* --format NAME or NAME=FILE, repeatable */
    char *output;   /* -o FILE */
    char *colour;
    char **user_code, **not_user_code;
};

extern struct n1_judging n1_judging_options;

/* Rows of a GOptionEntry table. */
#define N1_JUDGING_ENTRIES                                                                                              \
    {"format",                                                                                                          \
     'f',                                                                                                               \
     0,                                                                                                                 \
     G_OPTION_ARG_FILENAME_ARRAY,                                                                                       \
     &n1_judging_options.formats,                                                                                       \
     "one of the formats below, or auto; FORMAT=FILE: into that file; repeatable",                                      \
     "FORMAT"},                                                                                                         \
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &n1_judging_options.output, "write to FILE ('-': standard output)",   \
         "FILE"},                                                                                                       \
        {"color", 0, 0, G_OPTION_ARG_FILENAME, &n1_judging_options.colour, "always, never, or auto (default)", "WHEN"}, \
        {"user-code",                                                                                                   \
         0,                                                                                                             \
         0,                                                                                                             \
         G_OPTION_ARG_FILENAME_ARRAY,                                                                                   \
         &n1_judging_options.user_code,                                                                                 \
         "files that are your own code; repeatable",                                                                    \
         "GLOB"},                                                                                                       \
    {                                                                                                                   \
        "not-user-code", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &n1_judging_options.not_user_code,                          \
            "files that are not; repeatable", "GLOB"                                                                    \
    }

/* The formats, for --help. */
void n1_judging_print_formats(void);
void n1_judging_print_diff_formats(void);
/* The same for completion (struct n1_command.words). */
char *n1_judging_words(const char *placeholder);
char *n1_judging_diff_words(const char *placeholder);

/* Checks formats and outputs. False after complaining. */
bool n1_judging_prepare(bool is_diff);
/* The analysis of a recording, suppressions (or NULL) applied; NULL after complaining. n1_report_free() it. */
struct n1_report *n1_judging_load(const char *trace, struct n1_suppressions *suppressions);
/* Writes all reports. False after complaining. */
bool n1_judging_write(const struct n1_verdict *verdict);

#endif
