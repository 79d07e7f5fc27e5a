/* scratch: memory for what the events of one batch point to. Taken in pieces, forgotten all at once, never given back until
 * release: after the first batches nothing is allocated any more. Pieces stay where they are. A zeroed struct is empty. One
 * thread; out of memory aborts, as GLib does.
 */
#ifndef N1_TRACE_SCRATCH_H
#define N1_TRACE_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

struct n1_scratch_block;

struct n1_scratch {
    struct n1_scratch_block *first, *current;
    char *next;  /* in the current block … */
    size_t left; /* … and its bytes from there on */
};

void n1_scratch_reset(struct n1_scratch *scratch);
void n1_scratch_release(struct n1_scratch *scratch);
void *n1_scratch_take_block(struct n1_scratch *scratch, size_t bytes); /* the slow half of take */

/* Aligned for any type, not zeroed. */
static inline void *n1_scratch_take(struct n1_scratch *scratch, size_t bytes)
{
    bytes = (bytes + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) * _Alignof(max_align_t);
    if (scratch->next == NULL || scratch->left < bytes)
        return n1_scratch_take_block(scratch, bytes);
    void *at = scratch->next;
    scratch->next += bytes;
    scratch->left -= bytes;
    return at;
}

#endif
