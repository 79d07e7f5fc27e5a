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
    size_t used; /* bytes of the current block */
};

void n1_scratch_reset(struct n1_scratch *scratch);
void n1_scratch_release(struct n1_scratch *scratch);
/* Aligned for any type, not zeroed. */
void *n1_scratch_take(struct n1_scratch *scratch, size_t bytes);

#endif
