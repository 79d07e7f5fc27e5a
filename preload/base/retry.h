/* When to try again what failed for want of disk, descriptors or rights: 8 ms later, then each time twice as late, at most a
 * second. So a disk that stays full costs the program next to nothing, and one that has room again is used soon.
 * Zero is "never failed". Any thread; two that fail at once count as one or two failures.
 */
#ifndef N1_PRELOAD_RETRY_H
#define N1_PRELOAD_RETRY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "preload/base/clock.h"

#define N1_RETRY_FIRST_NS 8000000U
#define N1_RETRY_LAST_NS  1000000000U

struct n1_retry {
    _Atomic uint64_t next_ns, wait_ns;
};

static inline bool n1_retry_is_due(struct n1_retry *retry)
{
    const uint64_t next_ns = atomic_load_explicit(&retry->next_ns, memory_order_relaxed);
    return next_ns == 0 || n1_clock_monotonic_ns() >= next_ns;
}

static inline void n1_retry_note(struct n1_retry *retry, bool has_failed)
{
    const uint64_t before = atomic_load_explicit(&retry->wait_ns, memory_order_relaxed);
    const uint64_t twice = before ? 2 * before : N1_RETRY_FIRST_NS;
    const uint64_t wait_ns = !has_failed ? 0 : twice < N1_RETRY_LAST_NS ? twice : N1_RETRY_LAST_NS;
    atomic_store_explicit(&retry->wait_ns, wait_ns, memory_order_relaxed);
    atomic_store_explicit(&retry->next_ns, has_failed ? n1_clock_monotonic_ns() + wait_ns : 0, memory_order_relaxed);
}

#endif
