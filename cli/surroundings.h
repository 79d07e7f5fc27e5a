/* What the place we run in asks for: the formats of `--format auto`, and the root of the repository that a recording is from. */
#ifndef N1_CLI_SURROUNDINGS_H
#define N1_CLI_SURROUNDINGS_H

#include <stdbool.h>

/* For `--format auto`: what a person would have written behind --format, NULL-terminated; g_strfreev() it.
 *
 *   GITHUB_ACTIONS            github, and github-summary into $GITHUB_STEP_SUMMARY when that is set
 *   GITLAB_CI                 text, gitlab=gl-code-quality-report.json, junit=n1prof-junit.xml
 *   JENKINS_URL, TF_BUILD     text, junit=n1prof-junit.xml
 *   none of them              text
 */
char **n1_surroundings_formats(void);
/* Whether file is the summary of a step of GitHub Actions: other commands write to it too, so it is added to, never replaced. */
bool n1_surroundings_is_step_summary(const char *file);

/* The nearest folder from start upwards that holds .git; NULL: none does. g_free() it. */
char *n1_surroundings_root(const char *start);

#endif
