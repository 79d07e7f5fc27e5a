/* The long way of a capture: walk, merge, look up, remember. */
#ifndef N1_PRELOAD_STACK_COLD_H
#define N1_PRELOAD_STACK_COLD_H

#include <stdint.h>

#include "preload/unwind.h"

/* The id of the stack that ends at entry. 0 when it cannot be had (counted). */
uint32_t n1_stack_cold(const struct n1_unwind_entry *entry, struct n1_stack_bounds bounds);

/* Makes sure that the objects of the process are where they were; drops the caches when they are not. */
void n1_stack_recheck(void);

#endif
