#include "analyzer/frames/ranges.h"

#include <glib.h>
#include <stdlib.h>

/* Ranges of one list hardly overlap; a covering one lies at most so far before the nearest start. */
#define LOOK_BACK 16

void n1_ranges_add(struct n1_ranges *ranges, uint64_t start, uint64_t end, size_t thing)
{
    if (end <= start)
        return;
    if (ranges->count == ranges->room) {
        ranges->room = ranges->room ? ranges->room * 2 : 64;
        ranges->range = g_renew(struct n1_range, ranges->range, ranges->room);
    }
    ranges->range[ranges->count++] = (struct n1_range){.start = start, .end = end, .thing = thing};
}

/* By start, then the longer one first, then as added: the narrowest range is met first when searching backwards. */
static int compare(const void *a, const void *b)
{
    const struct n1_range *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end != y->end)
        return x->end > y->end ? -1 : 1;
    return (x->thing > y->thing) - (x->thing < y->thing);
}

void n1_ranges_sort(struct n1_ranges *ranges)
{
    if (ranges->count > 1)
        qsort(ranges->range, ranges->count, sizeof *ranges->range, compare);
}

const struct n1_range *n1_ranges_find(const struct n1_ranges *ranges, uint64_t address)
{
    size_t low = 0, high = ranges->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ranges->range[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t tried = 0; low > 0 && tried < LOOK_BACK; tried++) {
        const struct n1_range *r = &ranges->range[--low];
        if (address < r->end)
            return r;
    }
    return NULL;
}

void n1_ranges_release(struct n1_ranges *ranges)
{
    g_free(ranges->range);
    *ranges = (struct n1_ranges){0};
}
