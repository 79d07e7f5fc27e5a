/* Long text on a terminal goes through a pager, as git's does: $N1PROF_PAGER, else $PAGER, else less, told (unless LESS is set)
 * to end by itself when the text fits the screen and to let colours through. "" and "cat" mean none.
 *
 *     n1_pager_start();       before the first byte on standard output; nothing happens where that is no terminal
 *     printf(…); fflush(stdout);
 *     n1_pager_finish();      waits until the reader has left
 *
 * Whoever wants to know whether standard output is a terminal, and how wide, asks before.
 */
#ifndef N1_CLI_PAGER_H
#define N1_CLI_PAGER_H

#include <stdbool.h>

void n1_pager_start(void);
/* Its reader may leave before the end of the text: then writing fails, and that is no failure. */
bool n1_pager_is_on(void);
void n1_pager_finish(void);

#endif
