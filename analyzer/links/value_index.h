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

#define N1_HEADS_SHIFT 2 /* four buckets a place: most chains have one link */

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

/* A cell, rows counted from 0. */
void n1_value_index_add(struct n1_value_index *index, const struct n1_owner *owner, uint64_t hash, uint16_t column,
                        uint32_t row);

/* Keyed hashes are well mixed, integers are permuted: the low bits serve as they are. */
static inline struct n1_value_head *n1_value_index_head(const struct n1_value_index *index, uint64_t hash)
{
    return &index->head[(hash ^ hash >> 32) & index->head_mask];
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

/* Tells the machine that a hash will be added or asked for soon: the table is far larger than its caches. */
static inline void n1_value_index_expect(const struct n1_value_index *index, uint64_t hash)
{
    __builtin_prefetch(n1_value_index_head(index, hash), 1);
}

/* The next step, for a hash that is about to be asked for. */
static inline void n1_value_index_fetch(const struct n1_value_index *index, uint64_t hash)
{
    const struct n1_place *newest = n1_value_index_newest(index, hash);
    if (newest != NULL)
        __builtin_prefetch(newest);
}

/* The next older place of the chain, of whatever hash, when the chain from there on may hold this one; else NULL. */
const struct n1_place *n1_value_index_behind(const struct n1_value_index *index, const struct n1_place *place,
                                             uint64_t hash);

/* Newest place of a hash, then older ones; NULL at the end. */
const struct n1_place *n1_value_index_first(const struct n1_value_index *index, uint64_t hash);
const struct n1_place *n1_value_index_older(const struct n1_value_index *index, const struct n1_place *place);

/* Whether a value of a kind (enum n1_value_kind) can tell anything: NULL, booleans and what was not looked at cannot. */
static inline bool n1_kind_is_evidence(unsigned kind)
{
    return (1U << kind & (1U << N1_VALUE_NULL | 1U << N1_VALUE_BOOLEAN | 1U << N1_VALUE_UNKNOWN)) == 0;
}

#endif
