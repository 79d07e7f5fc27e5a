#include "trace/piece.h"

#include <errno.h>
#include <glib.h>
#include <sys/mman.h>
#include <unistd.h>

static int read_piece(struct n1_piece *piece, int fd, uint64_t offset, size_t size_bytes)
{
    piece->at = g_malloc(size_bytes + 1);
    while (piece->size_bytes < size_bytes) {
        ssize_t n = pread(fd, piece->at + piece->size_bytes, size_bytes - piece->size_bytes,
                          (off_t)(offset + piece->size_bytes));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        if (n == 0)
            break;
        piece->size_bytes += (size_t)n;
    }
    return 0;
}

int n1_piece_load(struct n1_piece *piece, int fd, uint64_t offset, size_t size_bytes)
{
    *piece = (struct n1_piece){0};
    if (size_bytes == 0)
        return 0;
    if (size_bytes <= N1_PIECE_READ_MAX)
        return read_piece(piece, fd, offset, size_bytes);
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), start = offset / page * page;
    size_t lead = (size_t)(offset - start);
    void *map = mmap(NULL, lead + size_bytes, PROT_READ, MAP_PRIVATE, fd, (off_t)start);
    if (map == MAP_FAILED)
        return errno;
    *piece = (struct n1_piece){(uint8_t *)map + lead, size_bytes, map, lead + size_bytes};
    return 0;
}

void n1_piece_release(struct n1_piece *piece)
{
    if (piece->map)
        munmap(piece->map, piece->map_bytes);
    else
        g_free(piece->at);
    *piece = (struct n1_piece){0};
}

void n1_piece_forget(const struct n1_piece *piece, const uint8_t *from, const uint8_t *to)
{
    if (!piece->map)
        return;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = (uintptr_t)from / page * page,
              end = (uintptr_t)to / page * page;
    uintptr_t first = (uintptr_t)piece->map;
    if (start < first)
        start = first;
    if (end > start)
        madvise((void *)start, end - start, MADV_DONTNEED);
}
