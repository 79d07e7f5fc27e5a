/* Call paths that were seen before, recognised by comparing the words of the stack that they depend on.
 *
 * Why comparing is sound: the words of a path stand at fixed distances from the stack pointer, in the order in which an
 * unwinder reads them. The first return address says by which rule the next word's address is computed, and so on: when all
 * words before it are equal, the next one stands at the same place. Hence if all are equal, an unwinder started now would
 * read the same words and find the same frames. (Words that are stack addresses are compared relative to the stack
 * pointer, so a path is the same on every thread.) Script frames are compared by their 64-bit signature.
 *
 * Finding the candidate: a hash table of nodes. The first key is made of the first return address, the script signature and
 * the distance to the stack's end. Where several paths share a key, the node says which word tells them apart (the first at
 * which two of them differ); that word is read and makes the next key, and so on to a leaf: a tree that learns, at most
 * PROBES_MAX deep. Thousands of paths through the same functions are told apart by one or two extra reads.
 *
 * Memory: 64 KiB of nodes, 192 KiB of distinct words, 512 KiB of paths (4 bytes a word: about 4000 paths of 25 frames) for the
 * process. When one half of the paths' memory is full the other half is emptied; when there are too many distinct words all
 * is. A lost node or path costs a walk, nothing else.
 *
 * Thread rule: n1_paths_find by any thread without a lock; the others under the stack lock. Readers tell by an epoch that the
 * memory was reused under them; every address they read is clamped to the thread's own stack, so torn data cannot fault.
 */
#ifndef N1_PRELOAD_STACK_PATHS_H
#define N1_PRELOAD_STACK_PATHS_H

#include <stdint.h>

#include "preload/unwind.h"

/* The id of the path that ends at the entry (base), or 0. [base, high) must be readable. */
uint32_t n1_paths_find(uintptr_t base, uintptr_t high, uint64_t script);

/* Remembers a walk whose stack has an id. Walks that cannot be compared are ignored. */
void n1_paths_add(const struct n1_unwind *walk, uint64_t script, uint32_t stack);

/* Drops everything: objects came or went, or the lock was taken over from a thread that is no more. */
void n1_paths_forget(void);

static inline uint64_t n1_paths_mix(uint64_t x)
{
    x *= UINT64_C(0x9e3779b97f4a7c15);
    return x ^ x >> 29;
}

#endif
