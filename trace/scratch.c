#include "trace/scratch.h"

#include <glib.h>

enum { BLOCK_BYTES = 64 * 1024 };

struct n1_scratch_block {
    struct n1_scratch_block *next;
    size_t size;
    max_align_t bytes[];
};

static void enter(struct n1_scratch *scratch, struct n1_scratch_block *block)
{
    scratch->current = block;
    scratch->next = block != NULL ? (char *)block->bytes : NULL;
    scratch->left = block != NULL ? block->size : 0;
}

void n1_scratch_reset(struct n1_scratch *scratch)
{
    enter(scratch, scratch->first);
}

void n1_scratch_release(struct n1_scratch *scratch)
{
    for (struct n1_scratch_block *block = scratch->first, *next; block != NULL; block = next) {
        next = block->next;
        g_free(block);
    }
    *scratch = (struct n1_scratch){0};
}

/* The next block when it has so much room, else a new one in its place. */
void *n1_scratch_take_block(struct n1_scratch *scratch, size_t bytes)
{
    struct n1_scratch_block **link = scratch->current == NULL ? &scratch->first : &scratch->current->next;
    if (*link == NULL || (*link)->size < bytes) {
        size_t size = MAX(bytes, BLOCK_BYTES);
        struct n1_scratch_block *block = g_malloc(sizeof *block + size);
        block->size = size;
        block->next = *link;
        *link = block;
    }
    enter(scratch, *link);
    return n1_scratch_take(scratch, bytes);
}
