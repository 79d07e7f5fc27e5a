/* Which copy of a client library an object of the process is bound to, where the auditor saw it (audit.h): by the object's dynamic
 * section, one function of the library for each dialect. What RTLD_DEEPBIND and dlsym() chose stands nowhere else.
 *
 * At most N1_BOUND_OBJECTS objects; later ones are not noted. Any thread, no lock: the dynamic linker holds its own.
 */
#ifndef N1_PRELOAD_BOUND_H
#define N1_PRELOAD_BOUND_H

#include "trace/format.h"

enum { N1_BOUND_OBJECTS = 64 };

void n1_bound_note(enum n1_dialect dialect, const void *dynamic, const void *function);

/* NULL: none that we know. */
const void *n1_bound_function(enum n1_dialect dialect, const void *dynamic);

#endif
