#include "analyzer/value_index.h"

#include <glib.h>
#include <sys/mman.h>

/* How many newer places of the same bucket are looked at for the one to share. */
enum { SHARE_DEPTH = 4 };

_Static_assert(sizeof(struct n1_place) == 32, "two places in a cache line");

/* Zeroed pages that cost nothing until they are touched, large ones where the system has them: the accesses are at random. */
static void *new_pages(size_t size_bytes)
{
    void *at = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        g_error("out of memory: %zu bytes", size_bytes);
    madvise(at, size_bytes, MADV_HUGEPAGE);
    return at;
}

void n1_value_index_init(struct n1_value_index *index, uint32_t capacity)
{
    uint64_t size = 16;
    while (size < capacity && size < 1U << 23)
        size *= 2;
    *index = (struct n1_value_index){.mask = size - 1};
    index->place = new_pages(size * sizeof *index->place);
    index->head = new_pages(size * sizeof *index->head);
}

void n1_value_index_release(struct n1_value_index *index)
{
    if (index->place != NULL) {
        munmap(index->place, (index->mask + 1) * sizeof *index->place);
        munmap(index->head, (index->mask + 1) * sizeof *index->head);
    }
    *index = (struct n1_value_index){0};
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
    if (place->back == 0 || (place->behind >> (hash >> 61) & 1) == 0)
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
    struct n1_place *old = n1_value_index_newest(index, place.hash);
    for (int i = 0; old != NULL && i < SHARE_DEPTH; i++, old = older(index, old, place.hash)) {
        if (old->hash == place.hash && old->serial == place.serial && old->column == place.column) {
            old->last_row = place.last_row;
            old->count++;
            return;
        }
    }
    struct n1_value_head *head = n1_value_index_head(index, place.hash);
    uint32_t distance = (uint32_t)index->next - head->newest;
    bool has_chain = head->filter != 0 && distance <= index->mask;
    place.back = has_chain ? distance & 0xffffff : 0;
    place.behind = has_chain ? fold(head->filter) & 0xff : 0;
    place.count = 1;
    index->place[index->next & index->mask] = place;
    *head =
        (struct n1_value_head){(uint32_t)index->next, (has_chain ? head->filter : 0) | n1_value_index_bit(place.hash)};
    index->next++;
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
