/* distinct: how many different 64-bit hashes were seen. Exact up to a limit, a HyperLogLog sketch of 4096 registers beyond
 * (Flajolet et al. 2007; standard error 1.6 %). A zeroed struct is empty. */
#ifndef N1_ANALYZER_DISTINCT_H
#define N1_ANALYZER_DISTINCT_H

#include <stdbool.h>
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
bool n1_distinct_add(struct n1_distinct *set, uint64_t hash, uint32_t exact_limit);
/* Adds all of another set's. */
void n1_distinct_merge(struct n1_distinct *set, const struct n1_distinct *other, uint32_t exact_limit);
/* Whether it was added, for certain: never of a sketch. */
bool n1_distinct_holds(const struct n1_distinct *set, uint64_t hash);
/* Announces to the machine's memory what adding the hash will touch. Changes nothing. */
void n1_distinct_expect(const struct n1_distinct *set, uint64_t hash);
uint64_t n1_distinct_count(const struct n1_distinct *set);

/* A well-mixed hash of two words. */
static inline uint64_t n1_mix(uint64_t a, uint64_t b)
{
    uint64_t x = a ^ (b * 0x9e3779b97f4a7c15ULL);
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

#endif
