/* housekeeping: statements that get no entry, because drivers, pools and frameworks send them as they like. Each default has a name, which
 * reports print, so that nobody has to guess what is not counted. Totals (--budget) count every statement. */
#ifndef N1_ANALYZER_GATE_HOUSEKEEPING_H
#define N1_ANALYZER_GATE_HOUSEKEEPING_H

#include <stdbool.h>

#include "analyzer/finding.h"

/* "transactions", "settings", "schema" … or NULL for a statement that counts. sql: normalised; dialect as in the model. */
const char *n1_gate_housekeeping(const char *sql, const char *dialect);
/* Whether the statement adds rows: how often it runs is then how many rows there are to add. */
bool n1_gate_is_insert(const char *sql, const char *dialect);
/* All names, in one line, for a person. */
const char *n1_gate_housekeeping_names(void);

#endif
