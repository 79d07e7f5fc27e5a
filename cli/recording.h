/* One recording from beginning to end: directory, key, counters, session, environment, the program's life. */
#ifndef N1_CLI_RECORDING_H
#define N1_CLI_RECORDING_H

#include <stdbool.h>

struct n1_recording {
    const char *directory; /* where the trace shall be */
    bool is_temporary;     /* removed when its report is made */
    bool with_values;
    bool without_stacks;
    char **argv; /* the program and its arguments, NULL-terminated */
};

struct n1_recorded {
    int status;     /* the contract's: the program's own, 128 + N, 125, 126 or 127 */
    bool has_trace; /* the program ran and there is a recording at path */
    char *path;     /* absolute; g_free() it */
};

/* Says on standard error what went wrong, or what will keep calls out of the recording, before the program starts; never while it
 * runs. Nothing is left behind when the program did not run. */
void n1_record(const struct n1_recording *recording, struct n1_recorded *recorded);

#endif
