/* What the made programs ask: one function a mix, each a shape of work that real programs have or that an analyzer could
 * stumble over. Deterministic: a mix and a number of statements give the same recording byte for byte. */
#ifndef BENCH_ANALYZER_MIXES_H
#define BENCH_ANALYZER_MIXES_H

#include <stdio.h>

#include "recording.h"

/* The same statements as a server's log, for tools that read logs. Either may be NULL. */
struct logs {
    FILE *postgres; /* log_line_prefix = '%m [%p] %u@%d ', log_min_duration_statement = 0 */
    FILE *slow;     /* a MySQL slow-query log */
};

struct mix {
    const char *name, *what;
    void (*make)(struct recording *rec, struct logs *logs, uint64_t statements);
};

extern const struct mix mixes[];
extern const size_t mixes_count;

#endif
