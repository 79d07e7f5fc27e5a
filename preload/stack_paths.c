#include "preload/stack_paths.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "preload/memory.h"
#include "preload/process.h"

#define NODES        8192U
#define WAYS         4U /* nodes that a key may stand in: half a cache line */
#define PROBES_MAX   24U
#define HALF_BYTES   (256U * 1024U)
#define RETURN_WORD  (offsetof(struct n1_unwind_entry, return_address) / sizeof(uint64_t))
#define RECORD_BYTES (sizeof(struct path) + N1_UNWIND_CHECKS_MAX * sizeof(uint32_t) + 8U)
#define VALUES       16384U /* distinct words of all paths */
#define VALUE_SLOTS  (2U * VALUES)

/* A node: bits 63–34 the upper bits of its key, 33 probe, 32 relative, 31–0 for a probe the word's offset, for a leaf the
 * place of its path in units of 8 bytes. 0: free. */
#define NODE_PROBE    (UINT64_C(1) << 33)
#define NODE_RELATIVE (UINT64_C(1) << 32)
#define NODE_TAG      (~UINT64_C(0) << 34)

/* A remembered path: for each word its offset and, in the upper half, the number of its value; first those that are compared
 * as they are, then those relative to the base, both in the order of the walk. */
struct path {
    uint64_t script;
    uint32_t stack;
    uint16_t n_absolute, n_relative;
    uint32_t word[];
};

struct cache {
    _Atomic uint32_t epoch; /* odd: memory is being taken back */
    uint32_t half, used_bytes;
    uint32_t turn; /* which way is overwritten next */
    uint32_t n_values;
    _Atomic uint64_t nodes[NODES];
    uint64_t values[VALUES];
    uint16_t value_slots[VALUE_SLOTS];            /* number of a value + 1, by hash; 0: free */
    uint8_t paths[2 * HALF_BYTES + RECORD_BYTES]; /* the rest: so that reading a torn length stays inside */
};

static struct cache *_Atomic cache_pointer;

static inline uint64_t first_key(uint64_t return_address, uint64_t script, uintptr_t distance)
{
    return n1_paths_mix(return_address ^ n1_paths_mix(script + distance * UINT64_C(0xc2b2ae3d27d4eb4f)));
}

static inline uint64_t next_key(uint64_t key, uint64_t word)
{
    return n1_paths_mix(key ^ word * UINT64_C(0xff51afd7ed558ccd));
}

static inline uint32_t place_of(uint64_t key)
{
    return (uint32_t)(key >> 12) % (NODES / WAYS) * WAYS;
}

/* The node of a key, or 0. (With branches: they are predicted, and what follows need not wait for the loads.) */
static inline uint64_t node_of(struct cache *cache, uint64_t key)
{
    const _Atomic uint64_t *way = &cache->nodes[place_of(key)];
#pragma GCC unroll 4
    for (uint32_t i = 0; i < WAYS; i++) {
        const uint64_t node = atomic_load_explicit(&way[i], memory_order_acquire);
        if (((node ^ key) & NODE_TAG) == 0)
            return node;
    }
    return 0;
}

/* ---- finding ----------------------------------------------------------------------------------------------------- */

static inline bool is_equal(const struct cache *cache, const struct path *path, uintptr_t base, uint64_t limit,
                            uint64_t script)
{
    const uint64_t *words = (const uint64_t *)base;
    const uint32_t n_absolute = path->n_absolute, n_all = n_absolute + path->n_relative;
    uint64_t difference = path->script ^ script;
    if (N1_UNLIKELY(n_all > N1_UNWIND_CHECKS_MAX))
        return false;
#pragma GCC unroll 4
    for (uint32_t i = 0; i < n_absolute; i++) {
        const uint32_t word = path->word[i], offset = word & UINT16_MAX;
        difference |= words[offset < limit ? offset : limit] ^ cache->values[(word >> 16) % VALUES];
    }
    for (uint32_t i = n_absolute; i < n_all; i++) {
        const uint32_t word = path->word[i], offset = word & UINT16_MAX;
        difference |= (words[offset < limit ? offset : limit] - base) ^ cache->values[(word >> 16) % VALUES];
    }
    return difference == 0;
}

uint32_t n1_paths_find(uintptr_t base, uintptr_t high, uint64_t script)
{
    struct cache *cache = atomic_load_explicit(&cache_pointer, memory_order_acquire);
    if (N1_UNLIKELY(!cache))
        return 0;
    const uint32_t epoch = atomic_load_explicit(&cache->epoch, memory_order_acquire);
    const uint64_t *words = (const uint64_t *)base;
    const uint64_t limit = (high - base) / sizeof *words - 1; /* the last word that may be read */
    uint64_t key = first_key(words[RETURN_WORD], script, high - base);
    uint64_t node = node_of(cache, key);
    for (uint32_t probes = 0; node & NODE_PROBE; probes++) {
        const uint64_t at = (uint32_t)node;
        if (at > limit || probes == PROBES_MAX)
            return 0;
        key = next_key(key, node & NODE_RELATIVE ? words[at] - base : words[at]);
        node = node_of(cache, key);
    }
    if (node == 0)
        return 0;
    const struct path *path = (const struct path *)(cache->paths + (size_t)(uint32_t)node * 8);
    if (!is_equal(cache, path, base, limit, script))
        return 0;
    const uint32_t stack = path->stack;
    atomic_thread_fence(memory_order_acquire);
    return epoch % 2 == 0 && atomic_load_explicit(&cache->epoch, memory_order_relaxed) == epoch ? stack : 0;
}

/* ---- adding ------------------------------------------------------------------------------------------------------ */

/* Comparing reads words that other paths left uninitialised; that is harmless, but memcheck would report it in the program's
 * name. So under Valgrind nothing is remembered. (Its client request 0x1001, RUNNING_ON_VALGRIND: five instructions that do
 * nothing on a processor.) */
static bool is_on_valgrind(void)
{
    volatile uint64_t request[6] = {0x1001};
    uint64_t answer = 0;
    __asm__ volatile("rolq $3, %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi; xchgq %%rbx, %%rbx"
                     : "+d"(answer)
                     : "a"(request)
                     : "cc", "memory");
    return answer != 0;
}

static struct cache *get_cache(void)
{
    struct cache *cache = atomic_load_explicit(&cache_pointer, memory_order_relaxed);
    if (!cache && !is_on_valgrind()) {
        cache = n1_memory_map(sizeof *cache);
        atomic_store_explicit(&cache_pointer, cache, memory_order_release);
    }
    return cache;
}

/* Empties one half of the paths' memory (or both: half > 1) with the nodes that lead there. */
static void take_back(struct cache *cache, uint32_t half)
{
    const uint32_t epoch = atomic_load_explicit(&cache->epoch, memory_order_relaxed);
    atomic_store_explicit(&cache->epoch, epoch | 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    for (uint32_t i = 0; i < NODES; i++) {
        const uint64_t node = atomic_load_explicit(&cache->nodes[i], memory_order_relaxed);
        const bool is_leaf = node && !(node & NODE_PROBE);
        if (half > 1 || (is_leaf && (uint32_t)node / (HALF_BYTES / 8) == half))
            atomic_store_explicit(&cache->nodes[i], 0, memory_order_relaxed);
    }
    /* The epoch is even again before the memory is filled anew: no node leads there, and who read one before sees the
     * epoch's change. */
    atomic_store_explicit(&cache->epoch, (epoch | 1) + 1, memory_order_release);
    atomic_thread_fence(memory_order_seq_cst);
}

static void forget(struct cache *cache)
{
    take_back(cache, 2);
    memset(cache->value_slots, 0, sizeof cache->value_slots);
    cache->n_values = 0;
    cache->half = 0;
    cache->used_bytes = 0;
}

static struct path *allocate(struct cache *cache, uint32_t checks)
{
    const size_t bytes = (sizeof(struct path) + checks * sizeof(uint32_t) + 7) & ~(size_t)7;
    if (cache->n_values + checks > VALUES)
        forget(cache);
    if (cache->used_bytes + bytes > HALF_BYTES) {
        cache->half ^= 1;
        cache->used_bytes = 0;
        take_back(cache, cache->half);
    }
    struct path *path = (struct path *)(cache->paths + cache->half * HALF_BYTES + cache->used_bytes);
    cache->used_bytes += (uint32_t)bytes;
    return path;
}

/* The number of a value. Values stand in the order in which they were first seen, so those of one path stand together. */
static uint32_t number_of(struct cache *cache, uint64_t value)
{
    uint32_t slot = (uint32_t)(n1_paths_mix(value) >> 40) % VALUE_SLOTS;
    for (; cache->value_slots[slot]; slot = (slot + 1) % VALUE_SLOTS)
        if (cache->values[cache->value_slots[slot] - 1] == value)
            return cache->value_slots[slot] - 1U;
    cache->values[cache->n_values++] = value;
    cache->value_slots[slot] = (uint16_t)cache->n_values;
    return cache->n_values - 1;
}

static uint64_t store(struct cache *cache, const struct n1_unwind *walk, uint64_t script, uint32_t stack)
{
    struct path *path = allocate(cache, walk->n_checks);
    uint32_t used[2] = {0, 0};
    for (uint32_t i = 0; i < walk->n_checks; i++)
        used[walk->checks[i].is_relative]++;
    *path = (struct path){
        .script = script, .stack = stack, .n_absolute = (uint16_t)used[0], .n_relative = (uint16_t)used[1]};
    used[1] = used[0];
    used[0] = 0;
    for (uint32_t i = 0; i < walk->n_checks; i++) {
        const struct n1_unwind_check *check = &walk->checks[i];
        path->word[used[check->is_relative]++] = number_of(cache, check->value) << 16 | check->offset;
    }
    return (uint64_t)((const uint8_t *)path - cache->paths) / 8;
}

static bool word_of_walk(const struct n1_unwind *walk, uint16_t at, bool is_relative, uint64_t *value)
{
    for (uint32_t i = 0; i < walk->n_checks; i++)
        if (walk->checks[i].offset == at && walk->checks[i].is_relative == is_relative) {
            *value = walk->checks[i].value;
            return true;
        }
    return false;
}

/* The first word at which a walk and a path with the same key differ, or NULL: none, or there one has an address on the stack
 * and the other has not, which one kind of reading does not tell apart. */
static const struct n1_unwind_check *difference_of(const struct cache *cache, const struct n1_unwind *walk,
                                                   const struct path *path, uint64_t *other)
{
    uint32_t next[2] = {0, path->n_absolute};
    const uint32_t end[2] = {path->n_absolute, (uint32_t)path->n_absolute + path->n_relative};
    for (uint32_t i = 0; i < walk->n_checks; i++) {
        const struct n1_unwind_check *check = &walk->checks[i];
        const uint32_t at = next[check->is_relative]++;
        if (at >= end[check->is_relative] || (uint16_t)path->word[at] != check->offset)
            return NULL;
        *other = cache->values[path->word[at] >> 16];
        if (*other != check->value)
            return check;
    }
    return NULL;
}

/* In the place of the key's node, a free one, or one of the others in turn. */
static void put(struct cache *cache, uint64_t key, uint64_t node)
{
    _Atomic uint64_t *way = &cache->nodes[place_of(key)];
    uint32_t chosen = cache->turn++ % WAYS;
    for (uint32_t i = WAYS; i-- > 0;)
        if (atomic_load_explicit(&way[i], memory_order_relaxed) == 0)
            chosen = i;
    for (uint32_t i = 0; i < WAYS; i++)
        if (((atomic_load_explicit(&way[i], memory_order_relaxed) ^ key) & NODE_TAG) == 0)
            chosen = i;
    atomic_store_explicit(&way[chosen], (key & NODE_TAG) | node, memory_order_release);
}

void n1_paths_add(const struct n1_unwind *walk, uint64_t script, uint32_t stack)
{
    struct cache *cache = get_cache();
    if (!cache || !walk->is_checkable || walk->n_checks == 0)
        return;
    const uint64_t leaf = store(cache, walk, script, stack);
    uint64_t key = first_key(walk->checks[0].value, script, walk->bounds.high - walk->base);
    for (uint32_t probes = 0; probes <= PROBES_MAX; probes++) {
        const uint64_t node = node_of(cache, key);
        uint64_t own, other;
        if (node == 0)
            break;
        if (node & NODE_PROBE) {
            if (!word_of_walk(walk, (uint16_t)node, node & NODE_RELATIVE, &own))
                break;
            key = next_key(key, own);
            continue;
        }
        const struct path *path = (const struct path *)(cache->paths + (size_t)(uint32_t)node * 8);
        const struct n1_unwind_check *check = difference_of(cache, walk, path, &other);
        if (!check || probes == PROBES_MAX)
            break;
        put(cache, key, NODE_PROBE | (check->is_relative ? NODE_RELATIVE : 0) | check->offset);
        put(cache, next_key(key, other), (uint32_t)node);
        key = next_key(key, check->value);
        break;
    }
    put(cache, key, leaf);
}

void n1_paths_forget(void)
{
    struct cache *cache = atomic_load_explicit(&cache_pointer, memory_order_relaxed);
    if (cache)
        forget(cache);
}
