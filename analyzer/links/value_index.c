#include "analyzer/links/value_index.h"

#include <glib.h>

#include "analyzer/pages.h"

/* How many newer places of the same bucket are looked at for the one to share. */
enum { SHARE_DEPTH = 4, BACK_BITS = 24 };

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

static uint32_t back_of(const struct n1_place *place)
{
    return place->chain & ((1U << BACK_BITS) - 1);
}

/* Four neighbouring bits of the head's filter become one. */
static uint32_t fold(uint32_t filter)
{
    filter |= filter >> 2;
    filter = (filter | filter >> 1) & 0x11111111;
    filter = (filter | filter >> 3) & 0x03030303;
    filter = (filter | filter >> 6) & 0x000f000f;
    return (filter | filter >> 12) & 0xff;
}

/* The next older place of the chain, when the chain from there on may hold the hash. */
static struct n1_place *older(const struct n1_value_index *index, const struct n1_place *place, uint64_t hash)
{
    uint32_t back = back_of(place);
    if (back == 0 || (place->chain >> BACK_BITS >> (hash >> 61) & 1) == 0)
        return NULL;
    uint64_t at = (uint64_t)(place - index->place);
    /* The ring's oldest place is the one at next: whatever would lie behind it has been overwritten. */
    uint64_t age = (index->next - 1 - at) & index->mask;
    if (age + back > index->mask)
        return NULL;
    return &index->place[(at - back) & index->mask];
}

/* The place that one more equal value of a column goes into, among the chain's newest, or NULL. */
static inline struct n1_place *find_shared(const struct n1_value_index *index, const struct n1_owner *owner,
                                           uint64_t hash, uint16_t column)
{
    const struct n1_value_head *head = n1_value_index_head(index, hash);
    uint64_t distance = (uint32_t)index->next - head->newest, own = index->next - owner->since;
    struct n1_place *old = distance <= own ? n1_value_index_newest(index, hash) : NULL;
    for (int i = 0; old != NULL && i < SHARE_DEPTH; i++) {
        if (old->hash == hash && old->serial == owner->serial && old->column == column)
            return old;
        distance += back_of(old);
        old = distance <= own ? older(index, old, hash) : NULL;
    }
    return NULL;
}

void n1_value_index_add(struct n1_value_index *index, const struct n1_owner *owner, uint64_t hash, uint16_t column,
                        uint32_t row)
{
    struct n1_place *shared = find_shared(index, owner, hash, column);
    if (shared != NULL) {
        shared->last_row = row;
        shared->count++;
        return;
    }
    struct n1_value_head *head = n1_value_index_head(index, hash);
    uint32_t distance = (uint32_t)index->next - head->newest;
    bool has_chain = head->filter != 0 && distance <= index->mask;
    struct n1_place *place = &index->place[index->next & index->mask];
    place->hash = hash;
    place->serial = owner->serial;
    place->first_row = place->last_row = row;
    place->count = 1;
    place->chain = has_chain ? distance | fold(head->filter) << BACK_BITS : 0;
    place->slot = owner->slot;
    place->column = column;
    *head = (struct n1_value_head){(uint32_t)index->next, (has_chain ? head->filter : 0) | n1_value_index_bit(hash)};
    index->next++;
}

const struct n1_place *n1_value_index_behind(const struct n1_value_index *index, const struct n1_place *place,
                                             uint64_t hash)
{
    return older(index, place, hash);
}

const struct n1_place *n1_value_index_first(const struct n1_value_index *index, uint64_t hash)
{
    struct n1_place *place = n1_value_index_newest(index, hash);
    while (place != NULL && place->hash != hash)
        place = older(index, place, hash);
    return place;
}

const struct n1_place *n1_value_index_older(const struct n1_value_index *index, const struct n1_place *place)
{
    uint64_t hash = place->hash;
    do
        place = older(index, place, hash);
    while (place != NULL && place->hash != hash);
    return place;
}
