#include "analyzer/distinct.h"

#include <glib.h>
#include <math.h>
#include <string.h>

enum { REGISTERS = 1 << N1_DISTINCT_SKETCH_BITS, FIRST_CAPACITY = 32 };

void n1_distinct_release(struct n1_distinct *set)
{
    g_free(set->table);
    g_free(set->sketch);
    *set = (struct n1_distinct){0};
}

/* Where it stands, or the empty place where it would. */
static uint64_t *table_place(const struct n1_distinct *set, uint64_t hash)
{
    uint32_t at = n1_distinct_start(set, hash);
    while (set->table[at] != 0 && set->table[at] != hash)
        at = (at + 1) & (set->capacity - 1);
    return &set->table[at];
}

static bool table_add(struct n1_distinct *set, uint64_t hash)
{
    uint64_t *place = table_place(set, hash);
    if (*place == hash)
        return false;
    *place = hash;
    return true;
}

static void table_grow(struct n1_distinct *set)
{
    uint64_t *old = set->table;
    uint32_t old_capacity = set->capacity;
    set->capacity = old_capacity == 0 ? FIRST_CAPACITY : old_capacity * 2;
    set->table = g_new0(uint64_t, set->capacity);
    for (uint32_t i = 0; i < old_capacity; i++) {
        if (old[i] != 0)
            table_add(set, old[i]);
    }
    for (uint32_t i = 0; old_capacity == 0 && i < set->count; i++)
        table_add(set, set->few[i]);
    g_free(old);
}

static void table_to_sketch(struct n1_distinct *set)
{
    set->sketch = g_malloc0(REGISTERS);
    for (uint32_t i = 0; i < set->capacity; i++) {
        if (set->table[i] != 0)
            n1_distinct_sketch(set->sketch, set->table[i]);
    }
    g_clear_pointer(&set->table, g_free);
    set->capacity = 0;
}

/* 0 marks an empty place. */
static uint64_t marked(uint64_t hash)
{
    return hash == 0 ? UINT64_MAX / 3 : hash;
}

static bool is_among_few(const struct n1_distinct *set, uint64_t hash)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->few[i] == hash)
            return true;
    }
    return false;
}

bool n1_distinct_holds(const struct n1_distinct *set, uint64_t hash)
{
    hash = marked(hash);
    return set->sketch == NULL && (set->capacity == 0 ? is_among_few(set, hash) : *table_place(set, hash) == hash);
}

bool n1_distinct_add_exact(struct n1_distinct *set, uint64_t hash, uint32_t exact_limit)
{
    hash = marked(hash);
    if (set->capacity == 0) {
        if (is_among_few(set, hash))
            return false;
        if (set->count < N1_DISTINCT_INLINE) {
            set->few[set->count++] = hash;
            return true;
        }
        table_grow(set);
    }
    if (!table_add(set, hash))
        return false;
    set->count++;
    if (set->count >= MAX(exact_limit, N1_DISTINCT_INLINE + 1))
        table_to_sketch(set);
    else if (set->count * 2 > set->capacity)
        table_grow(set);
    return true;
}

void n1_distinct_merge(struct n1_distinct *set, const struct n1_distinct *other, uint32_t exact_limit)
{
    if (other->sketch == NULL) {
        const uint64_t *hash = other->capacity > 0 ? other->table : other->few;
        for (uint32_t i = 0; i < (other->capacity > 0 ? other->capacity : other->count); i++) {
            if (hash[i] != 0)
                n1_distinct_add(set, hash[i], exact_limit);
        }
        return;
    }
    if (set->sketch == NULL) {
        struct n1_distinct exact = *set;
        *set = (struct n1_distinct){.sketch = g_memdup2(other->sketch, REGISTERS)};
        n1_distinct_merge(set, &exact, exact_limit);
        n1_distinct_release(&exact);
        return;
    }
    for (int i = 0; i < REGISTERS; i++)
        set->sketch[i] = MAX(set->sketch[i], other->sketch[i]);
}

uint64_t n1_distinct_count(const struct n1_distinct *set)
{
    if (set->sketch == NULL)
        return set->count;
    double sum = 0;
    uint32_t empty = 0;
    for (int i = 0; i < REGISTERS; i++) {
        sum += ldexp(1, -set->sketch[i]);
        empty += set->sketch[i] == 0;
    }
    double m = REGISTERS;
    double estimate = 0.7213 / (1 + 1.079 / m) * m * m / sum;
    if (estimate <= 2.5 * m && empty > 0)
        estimate = m * log(m / empty);
    return (uint64_t)llround(estimate);
}
