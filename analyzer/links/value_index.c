#include "analyzer/links/value_index.h"

#include <glib.h>

#include "analyzer/pages.h"

/* How many newer places of the same bucket are looked at for the one to share. */
enum { SHARE_DEPTH = 4 };

_Static_assert(sizeof(struct n1_place) == 32, "two places in a cache line");

void n1_value_index_init(struct n1_value_index *index, uint32_t capacity)
{
    uint64_t size = 16;
    while (size < capacity && size < 1U << 23)
        size *= 2;
    *index = (struct n1_value_index){.mask = size - 1, .head_mask = (size << N1_HEADS_SHIFT) - 1};
    index->place = n1_pages_new(size * sizeof *index->place);
    index->head = n1_pages_new((size << N1_HEADS_SHIFT) * sizeof *index->head);
}

void n1_value_index_release(struct n1_value_index *index)
{
    n1_pages_free(index->place, (index->mask + 1) * sizeof *index->place);
    n1_pages_free(index->head, ((index->mask + 1) << N1_HEADS_SHIFT) * sizeof *index->head);
    *index = (struct n1_value_index){0};
}

struct n1_place *n1_value_index_shared(const struct n1_value_index *index, const struct n1_owner *owner, uint64_t hash,
                                       uint16_t column)
{
    uint64_t distance = (uint32_t)index->next - n1_value_index_head(index, hash)->newest;
    const uint64_t own = index->next - owner->since;
    struct n1_place *old = n1_value_index_newest(index, hash);
    for (int i = 0; old != NULL && i < SHARE_DEPTH; i++) {
        if (old->hash == hash && old->serial == owner->serial && old->column == column)
            return old;
        distance += old->chain & ((1U << N1_BACK_BITS) - 1);
        old = distance <= own ? n1_value_index_behind(index, old, hash) : NULL;
    }
    return NULL;
}
