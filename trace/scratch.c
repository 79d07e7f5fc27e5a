#include "trace/scratch.h"

#include <glib.h>

enum { BLOCK_BYTES = 64 * 1024, ALIGNMENT = _Alignof(max_align_t) };

struct n1_scratch_block {
    struct n1_scratch_block *next;
    size_t size;
    max_align_t bytes[];
};

void n1_scratch_reset(struct n1_scratch *scratch)
{
    scratch->current = scratch->first;
    scratch->used = 0;
}

void n1_scratch_release(struct n1_scratch *scratch)
{
    for (struct n1_scratch_block *block = scratch->first, *next; block != NULL; block = next) {
        next = block->next;
        g_free(block);
    }
    *scratch = (struct n1_scratch){0};
}

/* The next block with so much room: one that is there, or a new one in its place. */
static void enter_block(struct n1_scratch *scratch, size_t bytes)
{
    struct n1_scratch_block **link = scratch->current == NULL ? &scratch->first : &scratch->current->next;
    if (*link == NULL || (*link)->size < bytes) {
        size_t size = MAX(bytes, BLOCK_BYTES);
        struct n1_scratch_block *block = g_malloc(sizeof *block + size);
        block->size = size;
        block->next = *link;
        *link = block;
    }
    scratch->current = *link;
    scratch->used = 0;
}

void *n1_scratch_take(struct n1_scratch *scratch, size_t bytes)
{
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (scratch->current == NULL || scratch->current->size - scratch->used < bytes)
        enter_block(scratch, bytes);
    void *at = (char *)scratch->current->bytes + scratch->used;
    scratch->used += bytes;
    return at;
}
