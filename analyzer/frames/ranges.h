/* Address ranges, each with a thing: filled, sorted once, then searched. For symbols, compilation units and functions of one
 * module. Plain memory; GLib only.
 */
#ifndef N1_ANALYZER_FRAMES_RANGES_H
#define N1_ANALYZER_FRAMES_RANGES_H

#include <stddef.h>
#include <stdint.h>

struct n1_range {
    uint64_t start, end; /* [start, end) */
    size_t thing;        /* the caller's: an index, an offset */
};

struct n1_ranges {
    struct n1_range *range;
    size_t count, room;
};

void n1_ranges_add(struct n1_ranges *ranges, uint64_t start, uint64_t end, size_t thing);
void n1_ranges_sort(struct n1_ranges *ranges);
/* The range that covers address, of several the one that starts last; NULL when there is none. */
const struct n1_range *n1_ranges_find(const struct n1_ranges *ranges, uint64_t address);
void n1_ranges_release(struct n1_ranges *ranges);

#endif
