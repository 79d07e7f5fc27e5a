/* Writing session.json (its fields: trace/session.h): once when a recording begins, again when the program has ended. Each time
 * the whole file is replaced at once, so that a reader finds the one or the other.
 */
#ifndef N1_CLI_SESSION_H
#define N1_CLI_SESSION_H

#include <stdint.h>

#include "trace/session.h"

/* CLOCK_MONOTONIC and the time-stamp counter at the same moment; *tick is 0 where there is none. */
void n1_session_clocks(uint64_t *ns, uint64_t *tick);

/* end_ns == 0: the program has not ended yet, end_* and exit_status are left out. 0 or negative with err filled. */
int n1_session_write(const struct n1_session_file *file, const char *directory, struct n1_error *err);

#endif
