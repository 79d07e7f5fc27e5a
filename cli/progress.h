/* How far a long analysis is: one line on standard error that goes again. Only on a terminal, and not before 300 ms.
 *
 *     struct n1_progress progress;
 *     n1_progress_start(&progress, "reading n1prof.trace");
 *     options.progress = n1_progress_step; options.progress_data = &progress;
 *     …
 *     n1_progress_finish(&progress);      before anything else is printed
 */
#ifndef N1_CLI_PROGRESS_H
#define N1_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct n1_progress {
    const char *what; /* borrowed */
    int64_t start_us, shown_us;
    bool is_terminal, is_shown;
};

void n1_progress_start(struct n1_progress *progress, const char *what);
/* data is the struct. */
void n1_progress_step(void *data, uint64_t done, uint64_t all);
void n1_progress_finish(struct n1_progress *progress);

#endif
