/* pg: PostgreSQL's own parser (libpg_query), the only file that includes it. Used to check a statement before it is shown
 * to a person. Not used to group or to read statements: see normalise.h and shape.h.
 * libpg_query allocates and may be called from several threads. */
#ifndef N1_ANALYZER_SQL_PG_H
#define N1_ANALYZER_SQL_PG_H

#include <stdbool.h>

/* Whether PostgreSQL's grammar takes the text (one statement or several). `?` parameters count as $1, $2 ... */
bool n1_sql_pg_parses(const char *text);

#endif
