/* Call paths that were seen before, recognised by the words of the stack that they depend on.
 *
 * Why those words are enough: they stand at fixed distances from the stack pointer, in the order in which an unwinder reads
 * them. The first return address says by which rule the next word's address is computed, and so on: when all words before it
 * are equal, the next one stands at the same place. Hence if all are equal, an unwinder started now would read the same
 * words and find the same frames. (Words that are stack addresses are taken relative to the stack pointer, so a path is the
 * same on every thread.) Script frames enter by their 64-bit signature.
 *
 * The words are not kept. A path is a chain of keys, each a 64-bit hash of all words up to there and of where they stood; a key
 * leads to the offsets of the words that come next (a run), or at the end to the stack's id. Where the frames of two paths
 * have the same sizes, the words of both stand at the same offsets and one run serves both: an entry of 16 bytes is all that a
 * further path costs, and finding it takes the reading of each word once and one look-up, be there one path or a thousand. The
 * first run is guessed by the caller and the depth of the stack, without a look-up: words that are read at the wrong offsets
 * give a key that nothing has, and the run is looked up then. Where two paths part, the run ends. Two paths have one key by
 * chance with a probability of about 2^-60 for each pair.
 *
 * Each thread has a cache of its own, so that nothing is atomic and no read needs a check: 64 KiB of entries (about 3500
 * paths) and 32 KiB of runs, of which a page or two are touched as long as the paths are few. A path that finds its places
 * taken throws another one out; when there is no more room for runs, everything goes. A lost path costs a walk, nothing else.
 *
 * Thread rule: a cache is its thread's, and never used while a use of it is interrupted (by a signal's handler): stack.c sees
 * to that. n1_paths_forget by any thread.
 */
#ifndef N1_PRELOAD_STACK_PATHS_H
#define N1_PRELOAD_STACK_PATHS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/base/mix.h"
#include "preload/base/process.h"
#include "preload/stacks/unwind.h"

struct n1_paths;

/* The id of the path that ends at the entry (base), or 0. size_bytes from base on must be readable, up to the end of the stack. */
static inline uint32_t n1_paths_find(struct n1_paths *paths, uintptr_t base, uintptr_t size_bytes, uint64_t script);

/* Remembers a walk whose stack has an id. Walks that cannot be compared are ignored. *paths is made when it is NULL. */
void n1_paths_add(struct n1_paths **paths, const struct n1_unwind *walk, uint64_t script, uint32_t stack);

/* All threads forget all they know: objects came or went. */
void n1_paths_forget(void);

/* ---- finding: inline, because what it costs is above all how much code it is: a look-up in SQLite fills the instruction
 * cache as it is, and each line of ours throws one of its out -------------------------------------------------------- */

enum {
    N1_PATHS_ENTRIES = 4096,
    N1_PATHS_WAYS = 4,          /* entries that a key may stand in: a cache line */
    N1_PATHS_RUN_WORDS = 16384, /* of 16 bits, of all runs */
    N1_PATHS_RUN_SLOTS = 2048,
    N1_PATHS_FIRST_BITS = 8,
    N1_PATHS_STEPS_MAX = 24, /* runs of one path */
    N1_PATHS_LANES =
        4 /* absolute words are read in groups of these; a run's last one is filled up with the return address */
};
#define N1_PATHS_RETURN_WORD (offsetof(struct n1_unwind_entry, return_address) / sizeof(uint64_t))

#define N1_PATHS_FACTOR UINT64_C(0xd1342543de82ef95) /* odd (Steele and Vigna, 2021) */

/* What a key leads to: 0 nothing; with IS_RUN the place of a run; else the id of a stack. */
#define N1_PATHS_IS_RUN (UINT64_C(1) << 32)
struct n1_paths_entry {
    uint64_t key, node;
};

/* The words that come next: offsets of those that are taken as they are, then of those relative to the base, both in the
 * order of the walk. */
struct n1_paths_run {
    uint16_t n_absolute, n_relative;
    uint16_t n_padded; /* n_absolute, made up to whole groups; at least one */
    uint16_t reach;    /* the greatest offset */
    uint16_t offset[];
};

struct n1_paths {
    _Alignas(64) struct n1_paths_entry entries[N1_PATHS_ENTRIES];
    uint32_t valid;                                 /* generation; under Valgrind 0, so that finding goes another way */
    uint32_t generation;                            /* that the contents belong to */
    uint32_t runs_used;                             /* of runs; at place 0 stands one that no path has */
    uint32_t turn;                                  /* which way is overwritten next */
    uint16_t first_runs[1U << N1_PATHS_FIRST_BITS]; /* places of runs by first key, the last one laid */
    uint16_t run_slots[N1_PATHS_RUN_SLOTS];         /* places of runs by their content; 0: free */
    uint16_t runs[N1_PATHS_RUN_WORDS];
};

extern N1_HIDDEN _Atomic uint32_t n1_paths_generation; /* of all threads; from 1 */

/* When the guess of the first run was wrong: looks it up. Under Valgrind always. */
uint32_t n1_paths_find_again(struct n1_paths *paths, uintptr_t base, uintptr_t size_bytes, uint64_t script);

/* Before any run: the first word, whose place is known, and how deep the stack is; for the first key a script's signature is
 * added, which is a hash already. */
static inline uint64_t n1_paths_origin(uint64_t return_address, uintptr_t size_bytes)
{
    return return_address + size_bytes * 0x165667b1;
}

/* Where the place of the run stands that paths of this origin begin with. A guess. */
static inline uint16_t *n1_paths_first_run(struct n1_paths *paths, uint64_t origin)
{
    return &paths->first_runs[origin * N1_PATHS_FACTOR >> (64 - N1_PATHS_FIRST_BITS)];
}

static inline struct n1_paths_entry *n1_paths_place(struct n1_paths *paths, uint64_t key)
{
    return &paths->entries[(uint32_t)(key >> 40) % (N1_PATHS_ENTRIES / N1_PATHS_WAYS) * N1_PATHS_WAYS];
}

/* The way's node if it has the key. Not left to the compiler, which makes a branch of it. */
static inline void n1_paths_choose(uint64_t *node, const struct n1_paths_entry *way, uint64_t key)
{
#ifdef __x86_64__
    __asm__("cmpq %[key], %[has]; cmoveq %[leads], %[node]"
            : [node] "+r"(*node)
            : [key] "r"(key), [has] "m"(way->key), [leads] "m"(way->node)
            : "cc");
#else
    *node = way->key == key ? way->node : *node;
#endif
}

/* Every way is looked at: which of them has the key nobody can predict when the paths are many. */
static inline uint64_t n1_paths_node(struct n1_paths *paths, uint64_t key)
{
    const struct n1_paths_entry *way = n1_paths_place(paths, key);
    uint64_t node = 0;
#pragma GCC unroll 4
    for (uint32_t i = 0; i < N1_PATHS_WAYS; i++)
        n1_paths_choose(&node, way + i, key);
    return node;
}

/* The hash of a run's words: polynomials of them, side by side so that no multiplication waits for the one before. */
struct n1_paths_sum {
    uint64_t lane[N1_PATHS_LANES];
};
static inline void n1_paths_take(struct n1_paths_sum *sum, uint32_t lane, uint64_t word)
{
    sum->lane[lane] = sum->lane[lane] * N1_PATHS_FACTOR + word;
}

static inline uint64_t n1_paths_key_of(const struct n1_paths_sum *sum)
{
    return n1_mix(sum->lane[0] + sum->lane[1] * 0x52dce729 + sum->lane[2] * 0x38495ab5 + sum->lane[3] * 0x2c1b3c6d);
}

/* The relative words of a run, taken into a lane. */
uint64_t n1_paths_take_relative(uint64_t lane, const struct n1_paths_run *run, uintptr_t base);

/* The key behind a run. The run is part of it: a key is good for what was read at these offsets only. */
static inline uint64_t n1_paths_next_key(uint64_t key, uint32_t place, const struct n1_paths_run *run, uintptr_t base)
{
    const uint64_t *words = (const uint64_t *)base;
    const uint16_t *offset = run->offset, *const end = offset + run->n_padded;
    struct n1_paths_sum sum = {{key, place}};
#pragma GCC unroll 1
    do {
#pragma GCC unroll 4
        for (uint32_t i = 0; i < N1_PATHS_LANES; i++)
            n1_paths_take(&sum, i, words[offset[i]]);
        offset += N1_PATHS_LANES;
    } while (offset < end);
    if (N1_UNLIKELY(run->n_relative))
        sum.lane[0] = n1_paths_take_relative(sum.lane[0], run, base);
    return n1_paths_key_of(&sum);
}

/* What stands behind the key that this run leads to; size_bytes as below. */
static inline uint64_t n1_paths_behind(struct n1_paths *paths, uintptr_t base, uintptr_t size_bytes, uint64_t *key,
                                       uint32_t place)
{
    const struct n1_paths_run *run = (const struct n1_paths_run *)(paths->runs + place);
    if (N1_UNLIKELY(run->reach >= size_bytes / sizeof(uint64_t)))
        return 0;
    *key = n1_paths_next_key(*key, place, run, base);
    return n1_paths_node(paths, *key);
}

/* Follows runs to the end: the id of a stack, or 0. */
uint32_t n1_paths_follow(struct n1_paths *paths, uintptr_t base, uintptr_t size_bytes, uint64_t key, uint64_t node);

static inline uint32_t n1_paths_find(struct n1_paths *paths, uintptr_t base, uintptr_t size_bytes, uint64_t script)
{
    const uint64_t origin = n1_paths_origin(((const uint64_t *)base)[N1_PATHS_RETURN_WORD], size_bytes);
    if (N1_LIKELY(paths->valid == atomic_load_explicit(&n1_paths_generation, memory_order_acquire))) {
        uint64_t key = origin + script;
        const uint64_t node = n1_paths_behind(paths, base, size_bytes, &key, *n1_paths_first_run(paths, origin));
        const uint32_t stack =
            N1_UNLIKELY(node & N1_PATHS_IS_RUN) ? n1_paths_follow(paths, base, size_bytes, key, node) : (uint32_t)node;
        if (N1_LIKELY(stack))
            return stack;
    }
    return n1_paths_find_again(paths, base, size_bytes, script);
}

#endif
