/* table: 64-bit keys → pointers, for ids, hashes and pairs of ids.
 *
 * Open addressing over 16-byte entries, at most half full: a look-up touches one cache line as a rule. GLib's hash tables take
 * three, a call for each comparison, and g_int64_hash() looks at the low 32 bits only: pairs of ids as keys make its tables
 * lists (100,000 statements: 120 s and more; here 0.2 s).
 *
 * A zeroed struct is an empty table. Values are borrowed and never NULL. An entry's place is good until the next put or remove.
 * One thread. Out of memory aborts, as GLib does.
 */
#ifndef N1_TRACE_TABLE_H
#define N1_TRACE_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct n1_table_entry {
    uint64_t key;
    void *value; /* NULL: empty */
};

struct n1_table {
    struct n1_table_entry *entry; /* 1 << bits of them */
    uint32_t bits;
    size_t count;
};

void n1_table_release(struct n1_table *table);

/* Returns what stood there before, or NULL. */
void *n1_table_put(struct n1_table *table, uint64_t key, void *value);
/* Returns what was removed, or NULL. */
void *n1_table_remove(struct n1_table *table, uint64_t key);

static inline size_t n1_table_place(const struct n1_table *table, uint64_t key)
{
    return (size_t)((key ^ key >> 32) * 0x9e3779b97f4a7c15ULL >> (64 - table->bits));
}

static inline void *n1_table_get(const struct n1_table *table, uint64_t key)
{
    if (table->entry == NULL)
        return NULL;
    size_t mask = ((size_t)1 << table->bits) - 1;
    size_t at = n1_table_place(table, key);
    while (table->entry[at].value != NULL && table->entry[at].key != key)
        at = (at + 1) & mask;
    return table->entry[at].value;
}

/* for (entry = n1_table_next(table, NULL); entry != NULL; entry = n1_table_next(table, entry)): in no useful order. */
const struct n1_table_entry *n1_table_next(const struct n1_table *table, const struct n1_table_entry *entry);

#endif
