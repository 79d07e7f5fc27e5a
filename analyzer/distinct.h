/* distinct: how many different 64-bit hashes were seen. Exact up to a limit, a HyperLogLog sketch of 4096 registers beyond
 * (Flajolet et al. 2007; standard error 1.6 %). A zeroed struct is empty. */
#ifndef N1_ANALYZER_DISTINCT_H
#define N1_ANALYZER_DISTINCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define N1_DISTINCT_INLINE 4

struct n1_distinct {
    uint32_t count;    /* exact while sketch is NULL */
    uint32_t capacity; /* of table, a power of two; 0: the first few stand in few */
    uint64_t few[N1_DISTINCT_INLINE];
    uint64_t *table; /* 0 is an empty place */
    uint8_t *sketch;
};

void n1_distinct_release(struct n1_distinct *set);
/* Whether hash was new, as far as can be told (always false in the sketch). */
static inline bool n1_distinct_add(struct n1_distinct *set, uint64_t hash, uint32_t exact_limit);
/* Adds all of another set's. */
void n1_distinct_merge(struct n1_distinct *set, const struct n1_distinct *other, uint32_t exact_limit);
/* Whether it was added, for certain: never of a sketch. */
bool n1_distinct_holds(const struct n1_distinct *set, uint64_t hash);
/* Announces to the machine's memory what adding the hash will touch. Changes nothing. Inline at all costs: gcc takes a function that
 * does nothing but announce for one without effect. */
static inline __attribute__((always_inline)) void n1_distinct_expect(const struct n1_distinct *set, uint64_t hash);
uint64_t n1_distinct_count(const struct n1_distinct *set);

/* A well-mixed hash of two words. */
static inline uint64_t n1_mix(uint64_t a, uint64_t b)
{
    uint64_t x = a ^ (b * 0x9e3779b97f4a7c15ULL);
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

/* ---- what happens for every execution, inline ---------------------------------------------------------------------- */

enum { N1_DISTINCT_SKETCH_BITS = 12 };

/* Hashes are well mixed: one more turn tells what lies in a register from what chose a place in a table. */
static inline uint64_t n1_distinct_word(uint64_t hash)
{
    return (hash ^ hash >> 32) * 0x9e3779b97f4a7c15ULL;
}

static inline void n1_distinct_sketch(uint8_t *sketch, uint64_t hash)
{
    const uint64_t word = n1_distinct_word(hash), rest = word << N1_DISTINCT_SKETCH_BITS | 1;
    const uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);
    uint8_t *place = &sketch[word >> (64 - N1_DISTINCT_SKETCH_BITS)];
    if (rank > *place) /* seldom: the line stays clean */
        *place = rank;
}

static inline uint32_t n1_distinct_start(const struct n1_distinct *set, uint64_t hash)
{
    return (uint32_t)n1_mix(hash, 1) & (set->capacity - 1);
}

bool n1_distinct_add_exact(struct n1_distinct *set, uint64_t hash, uint32_t exact_limit);

static inline bool n1_distinct_add(struct n1_distinct *set, uint64_t hash, uint32_t exact_limit)
{
    if (set->sketch == NULL)
        return n1_distinct_add_exact(set, hash, exact_limit);
    n1_distinct_sketch(set->sketch, hash);
    return false;
}

static inline __attribute__((always_inline)) void n1_distinct_expect(const struct n1_distinct *set, uint64_t hash)
{
    if (set->sketch != NULL)
        __builtin_prefetch(&set->sketch[n1_distinct_word(hash) >> (64 - N1_DISTINCT_SKETCH_BITS)]);
    else if (set->capacity > 0)
        __builtin_prefetch(&set->table[n1_distinct_start(set, hash)]);
}

#endif
