/* The stacks of the process by content: merged frames in, id out, one STACK entry for each. And the lock of the cold half.
 *
 * Stacks are told apart by a 64-bit hash of their frames (native: address and object; script: frame id) without keeping the
 * frames: of 50,000 stacks two coincide with a probability of about 10^-10, where comparing in full would cost 2 KiB a stack.
 * The table holds STACKS_MAX stacks for the life of the process; later new ones have no id and are counted.
 *
 * The lock serialises everything that adds to a table of the stacks half. It is not recursive. A forked child takes a lock
 * over that a thread of its parent held: the owner is a generation of n1_live (process.h), and an older one is nobody.
 */
#ifndef N1_PRELOAD_STACK_TABLE_H
#define N1_PRELOAD_STACK_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Waits. False when the lock is not to be had: a thread has had it for seconds (a signal handler of the program's jumped out
 * of the middle of it, or the disk hangs). Then later calls wait only for a moment, until the lock was free once. */
bool n1_stack_lock(void);
void n1_stack_unlock(void);

/* The generation that the caller runs in; never 0. */
uint32_t n1_stack_generation(void);

/* A frame of a merged stack. */
struct n1_stack_word {
    uint64_t word;   /* as in the STACK entry: address << 1, or frame id << 1 | 1 */
    uint32_t module; /* n1_module_at; N1_MODULE_NONE for script frames */
};

/* The id of a stack of count frames, innermost first; writes MODULE and STACK entries when they are needed. 0 when that is
 * not possible. Under the lock. */
uint32_t n1_stack_table_find(const struct n1_stack_word *words, uint32_t count, bool is_cut);

#endif
