/* Runs of integers in a list of cells (format.h); decode_runs.h reads them. */
#include <stdbool.h>

#include "trace/encode.h"
#include "trace/encode_put.h"

static uint8_t *put_head(struct n1_encode_runs *runs, uint32_t column, uint32_t row, uint32_t n, unsigned form)
{
    uint8_t *p = runs->bytes + runs->size_bytes;
    p = n1_encode_put_varint(p, column);
    p = n1_encode_put_varint(p, row);
    p = n1_encode_put_varint(p, n);
    *p++ = (uint8_t)form;
    runs->n_runs++;
    runs->n_cells += n;
    return p;
}

/* Magnitudes, two in a byte, and behind them the hashes. Two at a time, each on its own: the same seed twice is cheaper than asking
 * whether it is the same. */
static uint8_t *put_hashes(uint8_t *p, const struct n1_key *key, const int64_t *v, uint32_t n)
{
    const struct n1_key own = *key;
    uint8_t *hash = p + (n + 1) / 2;
    for (uint32_t i = 0; i < n / 2; i++) {
        const struct n1_value even = n1_value_integer(&own, v[2 * i]), odd = n1_value_integer(&own, v[2 * i + 1]);
        p[i] = (uint8_t)(even.magnitude | odd.magnitude << 4);
        hash = n1_encode_put_u64(n1_encode_put_u64(hash, even.hash), odd.hash);
    }
    if (n % 2) {
        const struct n1_value last = n1_value_integer(&own, v[n - 1]);
        p[n / 2] = last.magnitude;
        hash = n1_encode_put_u64(hash, last.hash);
    }
    return hash;
}

/* Between rows without an integer. */
static void add_hashes(struct n1_encode_runs *runs, const struct n1_key *key, uint32_t column, uint32_t row,
                       const int64_t *v, uint32_t n)
{
    for (uint32_t begin = 0, end; begin < n; begin = end) {
        for (end = begin; end < n && v[end]; end++)
            continue;
        if (end > begin) {
            uint8_t *p = put_head(runs, column, row + begin, end - begin, N1_RUN_HASHES);
            p = put_hashes(p, key, v + begin, end - begin);
            runs->size_bytes = (uint32_t)(p - runs->bytes);
        }
        while (end < n && !v[end])
            end++;
    }
}

/* May the integers of one seed begin with this one? The lowest of them, or the highest; below the second seed magnitudes differ. */
static inline bool may_begin(int64_t v)
{
    return (((uint64_t)v + 1) & (N1_SEED_VALUES - 2)) == 0 && v >= (int64_t)N1_SEED_VALUES;
}

/* All the integers of one seed, of one magnitude: 1 rising, −1 falling; else 0. */
static inline int direction_of(const int64_t *v)
{
    typedef uint64_t pair __attribute__((vector_size(16)));
    if (!may_begin(v[0]))
        return 0;
    const int step = v[0] & 1 ? -1 : 1;
    if (v[1] != v[0] + step)
        return 0;
    const uint64_t first = (uint64_t)v[0], by = (uint64_t)(int64_t)step;
    const pair stride = {2 * by, 2 * by};
    pair expected = {first, first + by}, differences = {0, 0};
#pragma GCC unroll 8
    for (unsigned i = 0; i < N1_SEED_VALUES; i += 2) {
        pair own;
        memcpy(&own, v + i, sizeof own);
        differences |= own ^ expected;
        expected += stride;
    }
    return differences[0] | differences[1] ? 0 : step;
}

/* As many seeds as follow each other in one direction and magnitude. Returns how many integers they stand for. */
static uint32_t add_seeds(struct n1_encode_runs *runs, const struct n1_key *key, uint32_t column, uint32_t row,
                          const int64_t *v, uint32_t n, int direction)
{
    const uint8_t magnitude = n1_value_magnitude(v[0]);
    uint32_t count = N1_SEED_VALUES;
    while (count + N1_SEED_VALUES <= n && n1_value_magnitude(v[count]) == magnitude &&
           direction_of(v + count) == direction)
        count += N1_SEED_VALUES;
    uint8_t *p =
        put_head(runs, column, row, count, (direction > 0 ? N1_RUN_UP : N1_RUN_DOWN) | (unsigned)magnitude << 4);
    for (uint32_t i = 0; i < count; i += N1_SEED_VALUES)
        p = n1_encode_put_u64(p, n1_value_seed(key, v[i]));
    runs->size_bytes = (uint32_t)(p - runs->bytes);
    return count;
}

void n1_encode_runs_add(struct n1_encode_runs *runs, const struct n1_key *key, uint32_t column, uint32_t first_row,
                        const int64_t *values, uint32_t n)
{
    uint32_t written = 0, i = 0;
    for (;;) {
        while (i + N1_SEED_VALUES <= n && !may_begin(values[i]))
            i++;
        if (i + N1_SEED_VALUES > n)
            break;
        const int direction = direction_of(values + i);
        if (!direction) {
            i++;
            continue;
        }
        add_hashes(runs, key, column, first_row + written, values + written, i - written);
        i += add_seeds(runs, key, column, first_row + i, values + i, n - i, direction);
        written = i;
    }
    add_hashes(runs, key, column, first_row + written, values + written, n - written);
}
