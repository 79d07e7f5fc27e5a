/* Compiled with -O2 -g: what the frames test finds again by address.
 * Lines matter: the test names them. */
#include "tests/unit/frames_subject.h"

void *frames_subject_seen[FRAMES_SUBJECT_SEEN];

__attribute__((noinline)) static void look(int slot)
{
    frames_subject_seen[slot] = __builtin_return_address(0);
    __asm__ volatile("" ::: "memory");
}

static inline __attribute__((always_inline)) void innermost(int slot)
{
    look(slot); /* line 15 */
    __asm__ volatile("" ::: "memory");
}

static inline __attribute__((always_inline)) void between(int slot)
{
    innermost(slot); /* line 21 */
    __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) void frames_subject_plain(void)
{
    look(0); /* line 27 */
    __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) void frames_subject_inlined(void)
{
    between(1); /* line 33 */
    __asm__ volatile("" ::: "memory");
}

static inline __attribute__((always_inline, artificial)) void wrapper(int slot)
{
    look(slot);
    __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) void frames_subject_wrapped(void)
{
    wrapper(2); /* line 45 */
    __asm__ volatile("" ::: "memory");
}
