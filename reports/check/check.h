/* The table of formats of a verdict (analyzer/gate/verdict.h): of `n1prof check`, `check --scale` and `diff`. As reports: a writer
 * decides nothing, takes every string as hostile, and gives the same bytes for the same verdict.
 */
#ifndef N1_REPORTS_CHECK_H
#define N1_REPORTS_CHECK_H

#include <stdbool.h>
#include <stdio.h>

#include "analyzer/gate/verdict.h"

struct n1_check_options {
    bool use_colour;  /* ANSI colours (text) */
    unsigned columns; /* of the page (text); 0: 80 */
    const char *root; /* the repository's folder, for paths; NULL: the recorded folder */
};

struct n1_check_format {
    const char *name;
    const char *description; /* one line for --help */
    bool is_for_diff;        /* also of `diff` */
    /* 0, or -1 when the stream failed (errno). options is not NULL. */
    int (*write)(FILE *out, const struct n1_verdict *verdict, const struct n1_check_options *options);
};

/* All formats, NULL-terminated, the default one first. */
extern const struct n1_check_format *const n1_check_formats[];

/* NULL when there is none of that name. */
const struct n1_check_format *n1_check_format_find(const char *name);

extern const struct n1_check_format n1_check_text, n1_check_json, n1_check_junit, n1_check_markdown, n1_check_github;

/* ---- what the formats share ---- */

/* "check", "scale", "diff" */
const char *n1_verdict_subject_name(const struct n1_verdict *verdict);
const char *n1_outcome_name(enum n1_outcome outcome);
/* "app.py:12 in index()", or the call path, or NULL; g_free() it. */
char *n1_verdict_place(const struct n1_verdict *verdict, const struct n1_check_options *options,
                       const struct n1_verdict_line *line);
/* The file below the root, or NULL; g_free() it. */
char *n1_verdict_file(const struct n1_verdict *verdict, const struct n1_check_options *options,
                      const struct n1_verdict_line *line);
/* The line's message with the paths of this machine taken out; g_free() it. "" when it has none. */
char *n1_verdict_sentence(const struct n1_verdict *verdict, const struct n1_check_options *options,
                          const struct n1_verdict_line *line);
/* What to do about a line that fails, when its finding knows; NULL else. g_free() it. */
char *n1_verdict_mend(const struct n1_verdict *verdict, const struct n1_check_options *options,
                      const struct n1_verdict_line *line);
/* "now 1 for each row, before 1 execution"; g_free() it, NULL when there is nothing to tell. */
char *n1_verdict_counts(const struct n1_verdict_line *line);
/* First line of the next group of equal change and failure at or behind i; count: its length. False at the end. */
bool n1_verdict_group(const struct n1_verdict *verdict, guint *i, guint *count);
const struct n1_verdict_line *n1_verdict_at(const struct n1_verdict *verdict, guint i);

#endif
