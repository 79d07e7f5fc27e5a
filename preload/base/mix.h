/* Spreads the bits of a number over all of it, for the recorder's own tables: quick, and no secret of anybody's. */
#ifndef N1_PRELOAD_MIX_H
#define N1_PRELOAD_MIX_H

#include <stdint.h>

static inline uint64_t n1_mix(uint64_t x)
{
    x *= UINT64_C(0x9e3779b97f4a7c15);
    return x ^ x >> 29;
}

#endif
