/* The long way of a capture: walk, merge, look up, remember. */
#ifndef N1_PRELOAD_STACK_COLD_H
#define N1_PRELOAD_STACK_COLD_H

#include <stdint.h>

#include "preload/stacks/unwind.h"

struct n1_paths;

/* The id of the stack that ends at entry. 0 when it cannot be had (counted). What was found is remembered in *paths, unless
 * paths is NULL. */
uint32_t n1_stack_cold(const struct n1_unwind_entry *entry, struct n1_stack_bounds bounds, struct n1_paths **paths);

/* Makes sure that the objects of the process are where they were; drops the caches when they are not. */
void n1_stack_recheck(void);

#endif
