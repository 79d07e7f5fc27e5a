/* piece: a stretch of a file as memory. Small ones are read, large ones mapped: thousands of small processes take neither a
 * mapping each nor a page each, and a recording of gigabytes takes no memory of its own. What is mapped and has been read can be
 * forgotten; touching it again brings it back from the file. No descriptor stays open.
 */
#ifndef N1_TRACE_PIECE_H
#define N1_TRACE_PIECE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define N1_PIECE_READ_MAX (128U * 1024U) /* larger pieces are mapped */

struct n1_piece {
    uint8_t *at;
    size_t size_bytes;
    void *map; /* NULL: at is allocated */
    size_t map_bytes;
};

/* A piece that the file ends before is short. 0, or an errno. */
int n1_piece_load(struct n1_piece *piece, int fd, uint64_t offset, size_t size_bytes);
void n1_piece_release(struct n1_piece *piece);

/* The bytes from..to of the piece will not be needed soon. */
void n1_piece_forget(const struct n1_piece *piece, const uint8_t *from, const uint8_t *to);

#endif
