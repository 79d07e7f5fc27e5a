/* The full way of a walk (unwind.h): all callee-saved registers, rules worked out anew for every frame. */
#ifndef N1_PRELOAD_UNWIND_FULL_H
#define N1_PRELOAD_UNWIND_FULL_H

#include "preload/stacks/unwind.h"

/* walk: begun, with base and bounds and without frames. */
void n1_unwind_walk_full(struct n1_unwind *walk, const struct n1_unwind_entry *entry);

#endif
