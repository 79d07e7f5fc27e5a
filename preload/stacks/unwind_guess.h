/* Code that nobody describes (just-in-time compiled, or in objects without unwind tables): is it taken to keep frame pointers? */
#ifndef N1_PRELOAD_UNWIND_GUESS_H
#define N1_PRELOAD_UNWIND_GUESS_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/stacks/unwind.h"

/* Are frames in this object (n1_module_at) to be guessed by their frame pointers? */
bool n1_unwind_is_guess(uint32_t module);
/* Does a call instruction stand before this address? Code that nobody describes is believed to be code only then. */
bool n1_unwind_is_after_call(uintptr_t ip);
/* Is the guess that a frame reaches from sp to end believable? */
bool n1_unwind_is_plausible(const struct n1_unwind *walk, uintptr_t sp, uintptr_t end);

#endif
