/* databases: which database a connection speaks to. Two connections speak to one database when both name the same file
 * (spelled absolutely, relatively or as a URI), or the same name at the same port of the same server. A database in memory is
 * its connection's own, unless it is shared by name.
 *
 * Numbers from 1 in the order of appearance; 0: not known, which is never held against anybody. One thread.
 */
#ifndef N1_ANALYZER_DATABASES_H
#define N1_ANALYZER_DATABASES_H

#include <stdint.h>

#include "trace/read.h"

struct n1_databases;

/* working_directory: of the recorded program, for relative names; may be NULL. */
struct n1_databases *n1_databases_new(const char *working_directory);
void n1_databases_free(struct n1_databases *databases);

/* connection: NULL: not known. */
uint32_t n1_databases_number(struct n1_databases *databases, uint32_t process, const struct n1_connection *connection);

#endif
