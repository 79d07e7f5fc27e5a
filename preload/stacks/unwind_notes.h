/* What a walk reads and what it writes down: words of memory, checks, frames. Of both ways of walking (unwind.h). */
#ifndef N1_PRELOAD_UNWIND_NOTES_H
#define N1_PRELOAD_UNWIND_NOTES_H

#include <string.h>

#include "preload/base/attributes.h"
#include "preload/stacks/unwind.h"

#define N1_UNWIND_WORD_BYTES 8U

/* A word that does not lie on the thread's own stack. */
int n1_unwind_read_foreign(struct n1_unwind *walk, uintptr_t address, uint64_t *value);

/* Reads a word that the walk depends on. 0, or -1 when it cannot be read. */
static inline int n1_unwind_read(struct n1_unwind *walk, uintptr_t address, uint64_t *value)
{
    if (N1_UNLIKELY(address < walk->bounds.low || address + N1_UNWIND_WORD_BYTES > walk->bounds.high))
        return n1_unwind_read_foreign(walk, address, value);
    memcpy(value, (const void *)address, N1_UNWIND_WORD_BYTES);
    return 0;
}

/* Notes that the walk depends on a word that was read. */
static inline void n1_unwind_check(struct n1_unwind *walk, uintptr_t address, uint64_t value)
{
    const uintptr_t distance = address - walk->base;
    if (N1_UNLIKELY(distance / N1_UNWIND_WORD_BYTES > UINT16_MAX || distance % N1_UNWIND_WORD_BYTES ||
                    walk->n_checks == N1_UNWIND_CHECKS_MAX)) {
        walk->is_checkable = false;
        return;
    }
    const bool is_relative = value >= walk->bounds.low && value < walk->bounds.high;
    walk->checks[walk->n_checks++] = (struct n1_unwind_check){.value = is_relative ? value - walk->base : value,
                                                              .offset = (uint16_t)(distance / N1_UNWIND_WORD_BYTES),
                                                              .is_relative = is_relative};
}

/* Adds a frame; false when there is no room for more. */
static inline bool n1_unwind_add(struct n1_unwind *walk, uintptr_t ip, uintptr_t end, uint32_t module)
{
    if (walk->n_frames == N1_UNWIND_FRAMES_MAX) {
        walk->is_cut = true;
        return false;
    }
    walk->frames[walk->n_frames++] = (struct n1_unwind_frame){.ip = ip, .end = end, .module = module};
    return true;
}

#endif
