#include "preload/stacks/unwind_notes.h"

/* Foreign memory is read in blocks of eight words, so that a frame costs about one system call. */
int n1_unwind_read_foreign(struct n1_unwind *walk, uintptr_t address, uint64_t *value)
{
    const uintptr_t block = address & ~(uintptr_t)(sizeof walk->line - 1);
    walk->is_checkable = false;
    if (address % N1_UNWIND_WORD_BYTES)
        return n1_stack_read(address, value, N1_UNWIND_WORD_BYTES);
    if (walk->line_at != block || !block) {
        walk->line_at = 0;
        if (n1_stack_read(block, walk->line, sizeof walk->line))
            return -1;
        walk->line_at = block;
    }
    *value = walk->line[(address - block) / N1_UNWIND_WORD_BYTES];
    return 0;
}
