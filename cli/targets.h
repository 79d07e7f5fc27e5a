/* Where rendered things go: --format NAME or NAME=FILE, -o FILE, --color. What report, run, check and diff share.
 *
 *     n1_targets_prepare(&kind, stdout)      options and outputs are tested before anything else is done
 *     …the work…
 *     n1_targets_write(&thing)               files appear when all are complete, or none does
 *
 * Of text for a person standard output goes through a pager (pager.h), as wide as the terminal; a file has 80 columns everywhere.
 */
#ifndef N1_CLI_TARGETS_H
#define N1_CLI_TARGETS_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "cli/surroundings.h"

/* The options' targets, for GOptionEntry tables; strings as GLib gives them. */
struct n1_targets_options {
    char **formats; /* --format NAME or NAME=FILE, repeatable */
    char *output;   /* -o FILE: where the formats without a FILE of their own go */
    char *colour;   /* --color always, never, auto */
};

extern struct n1_targets_options n1_targets_options;

/* Rows of a GOptionEntry table. */
#define N1_TARGETS_ENTRIES                                                                                             \
    {"format",                                                                                                         \
     'f',                                                                                                              \
     0,                                                                                                                \
     G_OPTION_ARG_FILENAME_ARRAY,                                                                                      \
     &n1_targets_options.formats,                                                                                      \
     "one of the formats below; FORMAT=FILE: into that file; repeatable",                                              \
     "FORMAT"},                                                                                                        \
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &n1_targets_options.output, "write to FILE ('-': standard output)",  \
         "FILE"},                                                                                                      \
    {                                                                                                                  \
        "color", 0, 0, G_OPTION_ARG_FILENAME, &n1_targets_options.colour, "always, never, or auto (default)", "WHEN"   \
    }

/* How a target is to look. */
struct n1_look {
    bool use_colour;
    unsigned columns;
};

/* One of the formats that a command has. */
struct n1_target_format {
    const char *name, *description;
    const void *writer; /* the command's own */
};

/* What a command renders. */
struct n1_target_kind {
    const char *thing; /* "report", for messages */
    enum n1_surroundings_thing surroundings;
    /* The format for a person; also where no format is named and the place we run in asks for none. */
    const void *usual;
    bool follows_surroundings; /* without --format: the first one of auto */
    /* The i-th format; false behind the last one. */
    bool (*format)(size_t i, struct n1_target_format *format);
    /* thing: what n1_targets_write() was given. */
    void (*write)(const void *writer, FILE *out, const void *thing, const struct n1_look *look);
};

/* The formats, for --help. */
void n1_targets_print_formats(const struct n1_target_kind *kind);
/* The same for completion (struct n1_command.words). */
char *n1_targets_words(const struct n1_target_kind *kind, const char *placeholder);

/* standard: where what has no file goes. False after complaining. */
bool n1_targets_prepare(const struct n1_target_kind *kind, FILE *standard);
/* Whether one of the targets is of that format. */
bool n1_targets_have(const void *writer);
/* The stream of n1_targets_prepare(). */
FILE *n1_targets_standard(void);
/* Writes all targets. False after complaining. Ends with n1_targets_forget(). */
bool n1_targets_write(const void *thing);
void n1_targets_forget(void);

#endif
