/* The names of boxes in flame graphs: frames without line numbers, so that two recordings can be compared, and the query as the
 * innermost box. Clean, one line; g_free() them.
 */
#ifndef N1_REPORTS_FLAME_H
#define N1_REPORTS_FLAME_H

#include "reports/places.h"

/* "index (blog/views.py)", "main [blogd]", "[libpq.so.5]" or "[unknown]". */
char *n1_flame_frame(const struct n1_places *places, const struct n1_frame *frame);
/* "SELECT … [00ff00ff00ff00ff]" */
char *n1_flame_query(const struct n1_statement *statement);

#endif
