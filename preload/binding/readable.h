/* Reading memory that may not be there, and knowing which part of the stack certainly is.
 *
 * A thread's own stack reaches from its present stack pointer up to its thread control block (threads) or to the random
 * bytes that the kernel put above the first frame (the main thread); both addresses cost nothing to get, where
 * pthread_getattr_np allocates and reads /proc/self/maps. That the pages between are mapped is tried once and remembered: a
 * thread's stack stays mapped while it runs on it. Any other stack (signal, coroutine) is foreign: each read of it is a
 * checked one, because nobody knows its end.
 *
 * Checked reads are process_vm_readv(2) of the process itself: unreadable memory is an error, not a signal. Where a sandbox
 * forbids it, foreign stacks have no stacks recorded and scripts are not read.
 *
 * System calls are made without libc, so errno stays as it is.
 */
#ifndef N1_PRELOAD_STACK_MEMORY_H
#define N1_PRELOAD_STACK_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define N1_STACK_PATH_MAX  4096U
#define N1_STACK_REACH_MAX (64UL << 20) /* a stack whose end is farther away counts as foreign */

/* [low, high): words of the calling thread's own stack that may be read without a check. Both 0: not known yet. */
struct n1_stack_bounds {
    uintptr_t low, high;
    uintptr_t foreign_below; /* stack pointers below this one were found to be on another stack */
};

/* Makes sure of [sp, high) and widens bounds. False: sp is on a foreign stack; bounds still hold for the own one. */
bool n1_stack_bounds_reach(struct n1_stack_bounds *bounds, uintptr_t sp);

/* Copies size_bytes from an address that may not be readable. 0, or -1 when not all of it is. */
int n1_stack_read(uintptr_t from, void *to, size_t size_bytes);

/* The absolute path of an object: name as the loader has it, or, when that is empty or relative, the file that the kernel has
 * mapped at address. Writes at most N1_STACK_PATH_MAX bytes without a terminator; returns how many. */
size_t n1_stack_path_of(const char *name, uintptr_t address, char *path);

/* Gives up the processor for a moment. */
void n1_stack_pause(void);

#endif
