/* The recorder's state of one process: whether it records, where, with what key; and what it counts.
 *
 * Life of `n1_live.generation`, the one word that every hook looks at:
 *     0         not recording: off, not started yet, or a forked child that has not noticed (the kernel wiped the page;
 *               pthread_atfork does the same where the kernel cannot)
 *     1, 2, …   recording; a child that records has a number of its own. Whoever holds memory that belongs to one
 *               process (a slot, a module list) remembers the generation and starts anew when it differs.
 * A forked child keeps its parent's dictionaries (ids and tables) and has its own stream and ring.
 *
 * Thread rule: everything here is written before generation is stored (release) and then only read; counters are atomic.
 */
#ifndef N1_PRELOAD_PROCESS_H
#define N1_PRELOAD_PROCESS_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "preload/base/attributes.h"
#include "trace/format.h"
#include "trace/value.h"

/* A page of its own: all of it is zero in a child. */
struct n1_live {
    _Atomic uint32_t generation;
    _Atomic uint32_t
        owner_pid; /* whose memory this is: of another process in a child by vfork, 0 in one that was just forked */
};
extern N1_HIDDEN union n1_live_page {
    struct n1_live live;
    char bytes[N1_PAGE_BYTES];
} n1_live_page;
#define n1_live (n1_live_page.live)

struct n1_process_state {
    bool is_off;       /* no recording directory, or not looked for yet (n1_process_init) */
    bool has_values;   /* N1_ENV_VALUES */
    bool has_stacks;   /* not switched off by N1_ENV_STACKS */
    bool is_usual;     /* the time-stamp counter, stacks, no real values: what the hooks' short ways are for */
    const char *scope; /* N1_ENV_SCOPE, a copy; NULL: none */
    uint32_t pid;      /* of the generation that runs; getpid() is a system call */
    uint64_t start_ns; /* CLOCK_MONOTONIC at the start of this generation */
    struct n1_key key;
    char directory[PATH_MAX];
    char stream_name[64]; /* "<pid>-<start>" of this generation */
};
extern N1_HIDDEN struct n1_process_state n1_process;

/* The shared page of the recording; a private one when it cannot be mapped, so never NULL after the constructor. */
extern N1_HIDDEN struct n1_counters *n1_counters;
static inline void n1_count(enum n1_counter which, uint64_t n)
{
    __atomic_fetch_add(&n1_counters->value[which], n, __ATOMIC_RELAXED);
}
/* Keeps the value of errno that a file of the recording failed with. */
void n1_keep_error(int error);

/* Reads the environment, once: by the shim's constructor, or before it by the first hook that the constructor of another library
 * calls. Maps the counters and marks the page of n1_live MADV_WIPEONFORK, nothing else, so that programs without a database pay
 * nothing. */
void n1_process_init(void);
/* Tries again to map the shared counters, if that has failed. Keeps nothing of errno. */
void n1_process_map_counters(void);

#endif
