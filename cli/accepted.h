/* The baseline's file as commands know it: where it is, reading it, writing it whole or not at all. */
#ifndef N1_CLI_ACCEPTED_H
#define N1_CLI_ACCEPTED_H

#include <stdbool.h>

#include "analyzer/gate/baseline.h"

/* file: of --baseline, or NULL for n1prof-baseline.json here. *is_there: whether it exists; when it does not, an empty baseline
 * comes back if may_be_missing, or file is NULL. NULL after complaining. */
struct n1_baseline *n1_accepted_read(const char *file, bool may_be_missing, bool *is_there);
/* False after complaining. */
bool n1_accepted_write(struct n1_baseline *baseline, const char *file);

#endif
