#include "trace/table.h"

#include <glib.h>

enum { FIRST_BITS = 4 };

void n1_table_release(struct n1_table *table)
{
    g_free(table->entry);
    *table = (struct n1_table){0};
}

static struct n1_table_entry *find(const struct n1_table *table, uint64_t key)
{
    size_t mask = ((size_t)1 << table->bits) - 1;
    size_t at = n1_table_place(table, key);
    while (table->entry[at].value != NULL && table->entry[at].key != key)
        at = (at + 1) & mask;
    return &table->entry[at];
}

static void grow(struct n1_table *table)
{
    struct n1_table old = *table;
    table->bits = old.entry == NULL ? FIRST_BITS : old.bits + 1;
    table->entry = g_new0(struct n1_table_entry, (size_t)1 << table->bits);
    for (size_t i = 0; old.entry != NULL && i < (size_t)1 << old.bits; i++) {
        if (old.entry[i].value != NULL)
            *find(table, old.entry[i].key) = old.entry[i];
    }
    g_free(old.entry);
}

void *n1_table_put(struct n1_table *table, uint64_t key, void *value)
{
    if (table->entry == NULL || (table->count + 1) * 2 > (size_t)1 << table->bits)
        grow(table);
    struct n1_table_entry *entry = find(table, key);
    void *before = entry->value;
    table->count += before == NULL;
    *entry = (struct n1_table_entry){key, value};
    return before;
}

/* The entries behind the hole that probed past it move up (Knuth, vol. 3, 6.4, algorithm R). */
void *n1_table_remove(struct n1_table *table, uint64_t key)
{
    if (table->entry == NULL)
        return NULL;
    size_t mask = ((size_t)1 << table->bits) - 1;
    struct n1_table_entry *entry = find(table, key);
    void *before = entry->value;
    if (before == NULL)
        return NULL;
    size_t hole = (size_t)(entry - table->entry);
    for (size_t at = (hole + 1) & mask; table->entry[at].value != NULL; at = (at + 1) & mask) {
        size_t home = n1_table_place(table, table->entry[at].key);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            table->entry[hole] = table->entry[at];
            hole = at;
        }
    }
    table->entry[hole] = (struct n1_table_entry){0};
    table->count--;
    return before;
}

const struct n1_table_entry *n1_table_next(const struct n1_table *table, const struct n1_table_entry *entry)
{
    if (table->entry == NULL)
        return NULL;
    const struct n1_table_entry *end = table->entry + ((size_t)1 << table->bits);
    for (entry = entry == NULL ? table->entry : entry + 1; entry < end; entry++) {
        if (entry->value != NULL)
            return entry;
    }
    return NULL;
}
