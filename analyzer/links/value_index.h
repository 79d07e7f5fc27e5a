/* value_index: where values were seen lately: which column of which execution, at which rows.
 *
 * A ring of places with a hash chain through it, newest first, as in a compressor's window: adding never allocates, the oldest
 * place gives way. Equal values of one column of one execution share a place, so that a column of flags does not push out
 * keys.
 *
 * What it costs are cache misses, so there is one for a value that is not there, and two for one that is: a place is half a
 * cache line, and a bucket's head holds a small Bloom filter of its chain (32 bits, one a hash; it starts anew when the whole
 * chain has left the ring), each place a smaller one of what lies behind
 * it. n1_value_index_expect() and _fetch() take even those misses out of the way when the value is known some 100 ns before it
 * is needed. One thread.
 */
#ifndef N1_ANALYZER_VALUE_INDEX_H
#define N1_ANALYZER_VALUE_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/value.h"

struct n1_place {
    uint64_t hash;
    uint32_t serial; /* of the execution: the low bits, enough to tell the ones that had a slot from each other */
    uint32_t first_row, last_row; /* from 0 */
    uint32_t count;               /* rows that hold it */
    uint32_t
        chain; /* 24 bits: distance to the next older place of the chain, 0: none; 8 bits: the filter from there on */
    uint16_t slot; /* of the execution in the window: valid while its serial is the same */
    uint16_t column;
};

#define N1_HEADS_SHIFT 1  /* four buckets a place: most chains have one link */
#define N1_BACK_BITS   24 /* of n1_place.chain: the distance */

struct n1_value_head {
    uint32_t newest; /* sequence number of the chain's newest place, low bits */
    uint32_t filter; /* 0: empty */
};

struct n1_value_index {
    struct n1_place *place;     /* mask + 1 of them */
    struct n1_value_head *head; /* head_mask + 1 */
    uint64_t next;              /* sequence number of the next place */
    uint64_t mask, head_mask;
};

void n1_value_index_init(struct n1_value_index *index,
                         uint32_t capacity); /* rounded up to a power of two, at most 1 << 23 */
void n1_value_index_release(struct n1_value_index *index);

/* The execution that cells belong to. */
struct n1_owner {
    uint64_t
        since; /* index->next when its first place was added (0 will do): nothing older is asked whether it can be shared */
    uint32_t serial;
    uint16_t slot;
};

/* Keyed hashes are well mixed, integers are permuted: the low bits serve as they are. */
static inline struct n1_value_head *n1_value_index_head(const struct n1_value_index *index, uint64_t hash)
{
    return &index->head[hash & index->head_mask];
}

static inline uint32_t n1_value_index_bit(uint64_t hash)
{
    return 1U << (hash >> 59);
}

/* Newest place of the chain that may hold the hash, or NULL. */
static inline struct n1_place *n1_value_index_newest(const struct n1_value_index *index, uint64_t hash)
{
    const struct n1_value_head *head = n1_value_index_head(index, hash);
    bool may_hold = (head->filter & n1_value_index_bit(hash)) != 0;
    return may_hold && (uint32_t)index->next - head->newest <= index->mask ? &index->place[head->newest & index->mask]
                                                                           : NULL;
}

/* Tells the machine that a hash will be added or asked for soon: the table is far larger than its caches. Inline at all costs: gcc
 * takes a function that does nothing but announce for one without effect, and may drop calls of it. */
static inline __attribute__((always_inline)) void n1_value_index_expect(const struct n1_value_index *index,
                                                                        uint64_t hash)
{
    __builtin_prefetch(n1_value_index_head(index, hash), 1);
}

/* The next step, for a hash that is about to be asked for. */
static inline __attribute__((always_inline)) void n1_value_index_fetch(const struct n1_value_index *index,
                                                                       uint64_t hash)
{
    const struct n1_place *newest = n1_value_index_newest(index, hash);
    if (newest != NULL)
        __builtin_prefetch(newest);
}

/* The next older place of the chain, of whatever hash, when the chain from there on may hold this one; else NULL. */
static inline struct n1_place *n1_value_index_behind(const struct n1_value_index *index, const struct n1_place *place,
                                                     uint64_t hash)
{
    uint32_t back = place->chain & ((1U << N1_BACK_BITS) - 1);
    if (back == 0 || (place->chain >> N1_BACK_BITS >> (hash >> 61) & 1) == 0)
        return NULL;
    uint64_t at = (uint64_t)(place - index->place);
    /* The ring's oldest place is the one at next: whatever would lie behind it has been overwritten. */
    uint64_t age = (index->next - 1 - at) & index->mask;
    return age + back > index->mask ? NULL : &index->place[(at - back) & index->mask];
}

/* Newest place of a hash, then older ones; NULL at the end. */
static inline const struct n1_place *n1_value_index_first(const struct n1_value_index *index, uint64_t hash)
{
    const struct n1_place *place = n1_value_index_newest(index, hash);
    while (place != NULL && place->hash != hash)
        place = n1_value_index_behind(index, place, hash);
    return place;
}

static inline const struct n1_place *n1_value_index_older(const struct n1_value_index *index,
                                                          const struct n1_place *place)
{
    uint64_t hash = place->hash;
    do
        place = n1_value_index_behind(index, place, hash);
    while (place != NULL && place->hash != hash);
    return place;
}

/* The place of the owner's that one more equal value of a column goes into, among the chain's newest, or NULL. */
struct n1_place *n1_value_index_shared(const struct n1_value_index *index, const struct n1_owner *owner, uint64_t hash,
                                       uint16_t column);

/* Four neighbouring bits of a head's filter become one of a place's. */
static inline uint32_t n1_value_index_fold(uint32_t filter)
{
    filter |= filter >> 2;
    filter = (filter | filter >> 1) & 0x11111111;
    return filter * 0x12480000 >> 28 | (filter >> 16) * 0x12480000 >> 28 << 4;
}

/* A cell, rows counted from 0. Whether a bucket has a chain is chance, and the bucket is far away: no branch may wait for that,
 * or the next cells would wait, too. */
static inline void n1_value_index_add(struct n1_value_index *index, const struct n1_owner *owner, uint64_t hash,
                                      uint16_t column, uint32_t row)
{
    struct n1_value_head *head = n1_value_index_head(index, hash);
    const uint32_t distance = (uint32_t)index->next - head->newest;
    const bool has_chain = (distance <= index->mask) & (head->filter != 0);
    if (__builtin_expect((distance <= index->next - owner->since) & has_chain, 0)) {
        struct n1_place *shared = n1_value_index_shared(index, owner, hash, column);
        if (shared != NULL) {
            shared->first_row = row < shared->first_row ? row : shared->first_row; /* runs come before single cells */
            shared->last_row = row > shared->last_row ? row : shared->last_row;
            shared->count++;
            return;
        }
    }
    const uint32_t before = head->filter & (0U - has_chain);
    struct n1_place *place = &index->place[index->next & index->mask];
    place->hash = hash;
    place->serial = owner->serial;
    place->first_row = place->last_row = row;
    place->count = 1;
    place->chain = (distance | n1_value_index_fold(before) << N1_BACK_BITS) & (0U - has_chain);
    place->slot = owner->slot;
    place->column = column;
    *head = (struct n1_value_head){(uint32_t)index->next, before | n1_value_index_bit(hash)};
    index->next++;
}

/* Whether a value of a kind (enum n1_value_kind) can tell anything: NULL, booleans and what was not looked at cannot. */
static inline bool n1_kind_is_evidence(unsigned kind)
{
    return (1U << kind & (1U << N1_VALUE_NULL | 1U << N1_VALUE_BOOLEAN | 1U << N1_VALUE_UNKNOWN)) == 0;
}

#endif
