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

static void add_hashes(struct n1_encode_runs *runs, const struct n1_key *key, uint32_t column, uint32_t row,
                       const int64_t *v, uint32_t n)
{
    if (n == 0)
        return;
    uint8_t *p = put_head(runs, column, row, n, N1_RUN_HASHES);
    for (uint32_t i = 0; i < n; i += 2)
        *p++ = (uint8_t)(n1_value_magnitude(v[i]) | (i + 1 < n ? n1_value_magnitude(v[i + 1]) << 4 : 0));
    for (uint32_t i = 0; i < n; i++)
        p = n1_encode_put_u64(p, n1_value_integer(key, v[i]).hash);
    runs->size_bytes = (uint32_t)(p - runs->bytes);
}

/* All the integers of one seed, of one magnitude: 1 rising, −1 falling; else 0. Below the second seed magnitudes differ. */
static inline int direction_of(const int64_t *v)
{
    const int64_t turn = v[0] & (N1_SEED_VALUES - 1);
    const int64_t first = v[0] ^ turn;
    int64_t differences = 0;
    if ((turn != 0 && turn != N1_SEED_VALUES - 1) || first < (int64_t)N1_SEED_VALUES)
        return 0;
    const int64_t step = turn ? -1 : 1;
    int64_t expected = v[0];
    for (unsigned i = 0; i < N1_SEED_VALUES; i++, expected += step)
        differences |= v[i] ^ expected;
    return differences ? 0 : turn ? -1 : 1;
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
    uint32_t written = 0;
    for (uint32_t i = 0; i + N1_SEED_VALUES <= n;) {
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
