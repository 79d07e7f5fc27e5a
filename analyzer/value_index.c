#include "analyzer/value_index.h"

#include <glib.h>

/* How many newer places of the same bucket are looked at for the one to share. */
enum { SHARE_DEPTH = 4 };

void n1_value_index_init(struct n1_value_index *index, uint32_t capacity)
{
    uint64_t size = 16;
    while (size < capacity)
        size *= 2;
    *index = (struct n1_value_index){.mask = size - 1};
    index->place = g_new0(struct n1_place, size);
    index->head = g_new0(uint64_t, size);
}

void n1_value_index_release(struct n1_value_index *index)
{
    g_free(index->place);
    g_free(index->head);
    *index = (struct n1_value_index){0};
}

/* Keyed hashes are well mixed, integers are permuted: the low bits serve as they are. */
static uint64_t bucket(const struct n1_value_index *index, uint64_t hash)
{
    return (hash ^ hash >> 32) & index->mask;
}

static struct n1_place *newest(const struct n1_value_index *index, uint64_t hash)
{
    uint64_t head = index->head[bucket(index, hash)];
    if (head == 0 || index->next - (head - 1) > index->mask)
        return NULL;
    return &index->place[(head - 1) & index->mask];
}

static struct n1_place *older(const struct n1_value_index *index, const struct n1_place *place)
{
    if (place->back == 0)
        return NULL;
    uint64_t at = (uint64_t)(place - index->place);
    /* The ring's oldest place is the one at next: whatever would lie behind it has been overwritten. */
    uint64_t age = (index->next - 1 - at) & index->mask;
    if (age + place->back > index->mask)
        return NULL;
    return &index->place[(at - place->back) & index->mask];
}

void n1_value_index_add(struct n1_value_index *index, struct n1_place place)
{
    struct n1_place *old = newest(index, place.hash);
    for (int i = 0; old != NULL && i < SHARE_DEPTH; i++, old = older(index, old)) {
        if (old->hash == place.hash && old->serial == place.serial && old->column == place.column) {
            old->last_row = place.last_row;
            old->count++;
            return;
        }
    }
    uint64_t *head = &index->head[bucket(index, place.hash)];
    uint64_t distance = *head == 0 ? 0 : index->next - (*head - 1);
    place.back = distance > index->mask ? 0 : (uint32_t)distance;
    place.count = 1;
    index->place[index->next & index->mask] = place;
    *head = ++index->next;
}

const struct n1_place *n1_value_index_first(const struct n1_value_index *index, uint64_t hash)
{
    struct n1_place *place = newest(index, hash);
    while (place != NULL && place->hash != hash)
        place = older(index, place);
    return place;
}

const struct n1_place *n1_value_index_older(const struct n1_value_index *index, const struct n1_place *place)
{
    uint64_t hash = place->hash;
    do
        place = older(index, place);
    while (place != NULL && place->hash != hash);
    return place;
}
