/* Completion scripts made from the command and option tables. What may stand for a placeholder (FILE, FORMAT …) is said once,
 * in n1_completion_of(); each shell only spells it.
 */
#ifndef N1_CLI_COMPLETION_H
#define N1_CLI_COMPLETION_H

#include <stdio.h>

#include "cli/command.h"

enum n1_completion {
    N1_COMPLETE_NOTHING,
    N1_COMPLETE_FILES,
    N1_COMPLETE_DIRECTORIES,
    N1_COMPLETE_WORDS,   /* of a fixed list */
    N1_COMPLETE_TARGETS, /* of a fixed list, each perhaps followed by =FILE */
};

/* What completes placeholder in command; *words (g_free() it) for the two last kinds, else NULL. */
enum n1_completion n1_completion_of(const struct n1_command *command, const char *placeholder, char **words);
/* The first placeholder of the command's arguments: "TRACE" of "[TRACE]…". NULL: there is none. g_free() it. */
char *n1_completion_argument(const struct n1_command *command);

void n1_completion_bash(FILE *out);
void n1_completion_zsh(FILE *out);

#endif
