/* What a terminal can show: how wide it is, and whether text there is coloured. */
#ifndef N1_CLI_TERMINAL_H
#define N1_CLI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/* Columns by COLUMNS, else those of the terminal behind stream, at least `least` and at most `most`; 80 where neither is known.
 * To be asked before a pager stands between. */
unsigned n1_terminal_columns(FILE *stream, unsigned least, unsigned most);

/* option: "always", "never", or "auto" (NULL too). As no-color.org and bixense.com/clicolors have it: the option wins over NO_COLOR,
 * that over CLICOLOR_FORCE, that over whether stream is a terminal. */
bool n1_terminal_colour(FILE *stream, const char *option);

#endif
