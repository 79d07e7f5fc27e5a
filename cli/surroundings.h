/* What the place we run in asks for: the formats of `--format auto`, and the root of the repository that a recording is from. */
#ifndef N1_CLI_SURROUNDINGS_H
#define N1_CLI_SURROUNDINGS_H

#include <stdbool.h>

/* What is rendered, by the command that renders it. */
enum n1_surroundings_thing { N1_SURROUNDINGS_REPORT, N1_SURROUNDINGS_CHECK, N1_SURROUNDINGS_DIFF };

/* For `--format auto`: what a person would have written behind --format, what goes to standard output first, NULL-terminated;
 * g_strfreev() it. The table is the function's own, and docs/formats.md's. */
char **n1_surroundings_formats(enum n1_surroundings_thing thing);
/* Whether file is the summary of a step of GitHub Actions: other commands write to it too, so it is added to, never replaced. */
bool n1_surroundings_is_step_summary(const char *file);

/* The nearest folder from start upwards that holds .git; NULL: none does. g_free() it. */
char *n1_surroundings_root(const char *start);

#endif
