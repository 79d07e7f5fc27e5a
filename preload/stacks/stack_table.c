#include "preload/stacks/stack_table.h"
#include "preload/base/mix.h"

#include <stdatomic.h>

#include "preload/base/dictionary.h"
#include "preload/base/memory.h"
#include "preload/base/process.h"
#include "preload/binding/modules.h"
#include "preload/binding/readable.h"
#include "preload/stacks/stack_paths.h"
#include "trace/encode.h"

#define SLOTS         65536U
#define STACKS_MAX    (SLOTS / 4 * 3)
#define TRIES         (1U << 26) /* of getting the lock: some seconds */
#define TRIES_STUCK   (1U << 14)
#define PAYLOAD_BYTES (N1_STACK_MAX * 10U + 32U)

struct slot {
    uint64_t hash; /* 0: free */
    uint32_t id;
};

static _Atomic uint32_t owner; /* of the lock: a generation; 0: free */
static _Atomic bool is_stuck;  /* nobody got it for a long time */
static struct slot *slots;
static uint32_t count_used;

/* ---- the lock ---------------------------------------------------------------------------------------------------- */

uint32_t n1_stack_generation(void)
{
    const uint32_t generation = atomic_load_explicit(&n1_live.generation, memory_order_relaxed);
    return generation ? generation : 1;
}

/* One try: 0 when another thread has the lock. */
static bool try_lock(uint32_t own)
{
    uint32_t seen = 0;
    if (atomic_compare_exchange_strong_explicit(&owner, &seen, own, memory_order_acquire, memory_order_relaxed))
        return true;
    if (seen == own ||
        !atomic_compare_exchange_strong_explicit(&owner, &seen, own, memory_order_acquire, memory_order_relaxed))
        return false;
    n1_paths_forget(); /* its owner was a thread of the parent process */
    return true;
}

bool n1_stack_lock(void)
{
    const uint32_t own = n1_stack_generation();
    const uint32_t tries = atomic_load_explicit(&is_stuck, memory_order_relaxed) ? TRIES_STUCK : TRIES;
    for (uint32_t i = 0; i < tries; i++) {
        if (try_lock(own)) {
            if (N1_UNLIKELY(atomic_load_explicit(&is_stuck, memory_order_relaxed)))
                atomic_store_explicit(&is_stuck, false, memory_order_relaxed);
            return true;
        }
        if (i % 64 == 63)
            n1_stack_pause();
        else
            __builtin_ia32_pause();
    }
    atomic_store_explicit(&is_stuck, true, memory_order_relaxed);
    return false;
}

void n1_stack_unlock(void)
{
    atomic_store_explicit(&owner, 0, memory_order_release);
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

/* A sum over the frames, each mixed with its place, so that the processor need not do one after the other. */
static uint64_t hash_of(const struct n1_stack_word *words, uint32_t count, bool is_cut)
{
    uint64_t hash = is_cut ? UINT64_C(0xd6e8feb86659fd93) : count, place = 0, serial = 0;
    for (uint32_t i = 0; i < count; i++) {
        place += UINT64_C(0x8ebc6af09c88c6e3);
        if (i == 0 || words[i].module != words[i - 1].module)
            serial = words[i].module ? n1_module_at(words[i].module)->serial * UINT64_C(0x9fb21c651e98df25) : 0;
        hash += n1_mix(n1_mix(words[i].word ^ place) + serial);
    }
    hash = n1_mix(hash);
    return hash ? hash : 1;
}

static int write_modules(const struct n1_stack_word *words, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (words[i].module != N1_MODULE_NONE && (i == 0 || words[i].module != words[i - 1].module) &&
            n1_module_write(words[i].module))
            return -1;
    return 0;
}

static uint32_t write_stack(const struct n1_stack_word *words, uint32_t count)
{
    static uint8_t bytes[PAYLOAD_BYTES]; /* under the lock */
    struct n1_payload out = {.at = bytes, .end = bytes + sizeof bytes};
    if (write_modules(words, count))
        return 0;
    const uint32_t id = n1_dictionary_next_id(N1_CHUNK_STACK);
    n1_put_varint(&out, id);
    n1_put_varint(&out, count);
    for (uint32_t i = 0; i < count; i++)
        n1_put_varint(&out, words[i].word);
    if (!id || out.is_over || n1_dictionary_write(N1_CHUNK_STACK, bytes, (size_t)(out.at - bytes)))
        return 0;
    return id;
}

uint32_t n1_stack_table_find(const struct n1_stack_word *words, uint32_t count, bool is_cut)
{
    if (!slots && !(slots = n1_memory_map(SLOTS * sizeof *slots)))
        return 0;
    const uint64_t hash = hash_of(words, count, is_cut);
    uint32_t i = (uint32_t)(hash >> 40) % SLOTS;
    for (; slots[i].hash; i = (i + 1) % SLOTS)
        if (slots[i].hash == hash)
            return slots[i].id;
    if (count_used >= STACKS_MAX)
        return 0;
    const uint32_t id = write_stack(words, count);
    if (!id)
        return 0;
    if (is_cut)
        n1_count(N1_CUT_STACKS, 1);
    slots[i].id = id;
    slots[i].hash = hash;
    count_used++;
    return id;
}
