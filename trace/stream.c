#include "trace/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/encode.h"

/* Maps a whole file. A missing or empty file is 0 bytes and no error when may_miss. */
static int map_file(const char *path, bool may_miss, uint8_t **map, size_t *size_bytes, struct n1_error *err)
{
    *map = NULL;
    *size_bytes = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT && may_miss
                   ? 0
                   : n1_error_set(err, N1_ERROR_SYSTEM, path, "%s: %s", path, g_strerror(errno));
    struct stat st;
    int rc = 0;
    if (fstat(fd, &st) != 0) {
        rc = n1_error_set(err, N1_ERROR_SYSTEM, path, "%s: %s", path, g_strerror(errno));
    } else if (st.st_size > 0) {
        void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (at == MAP_FAILED) {
            rc = n1_error_set(err, N1_ERROR_SYSTEM, path, "%s: %s", path, g_strerror(errno));
        } else {
            *map = at;
            *size_bytes = (size_t)st.st_size;
        }
    }
    close(fd);
    return rc;
}

static int check_header(struct n1_stream *stream, const char *path, struct n1_error *err)
{
    struct n1_stream_header *h = &stream->header;
    if (stream->map_bytes < sizeof *h) { /* killed between creating and writing: an empty process */
        stream->damaged_bytes += stream->map_bytes;
        memset(h, 0, sizeof *h);
        return 0;
    }
    memcpy(h, stream->map, sizeof *h);
    if (h->magic != N1_MAGIC_STREAM)
        return n1_error_set(err, N1_ERROR_FORMAT, path, "%s: not a stream of n1prof's (its first bytes are foreign)",
                            path);
    if (h->version > N1_FORMAT_VERSION)
        return n1_error_set(
            err, N1_ERROR_VERSION, path,
            "%s: recorded by a newer n1prof (format version %u, this one reads up to %d); report it with that one",
            path, h->version, N1_FORMAT_VERSION);
    if (h->header_bytes < sizeof *h || h->header_bytes > stream->map_bytes)
        return n1_error_set(err, N1_ERROR_FORMAT, path, "%s: its header is damaged", path);
    return 0;
}

/* Events that were being drained when the process was killed. */
struct torn_chunk {
    uint32_t slot;
    uint64_t position;
    uint64_t bytes; /* counted as damaged */
};

/* The next place at or behind `at` where a chunk could start. */
static size_t find_magic(const struct n1_stream *stream, size_t at)
{
    const uint32_t magic = N1_MAGIC_CHUNK;
    while (at < stream->map_bytes) {
        const uint8_t *hit = memmem(stream->map + at, stream->map_bytes - at, &magic, sizeof magic);
        return hit ? (size_t)(hit - stream->map) : stream->map_bytes;
    }
    return stream->map_bytes;
}

static bool take_chunk(struct n1_stream *stream, const struct n1_chunk *c, const uint8_t *payload)
{
    if (c->kind == N1_CHUNK_EVENTS) { /* their check is made when they are read: it touches every byte */
        struct n1_event_chunk chunk = {c->slot, c->tid, c->position, c->tick, payload, c->size_bytes, c->check, true};
        g_array_append_val(stream->chunks, chunk);
        return true;
    }
    return n1_encode_check(payload, c->size_bytes) == c->check &&
           n1_dictionary_add(stream->dictionary, c->kind, payload, c->size_bytes);
}

/* Whether the whole chunk is there. A write that SIGKILL cut short may have another thread's chunk behind it, inside the size
 * that its header claims: then what follows is no chunk, and only the check tells. */
static bool is_whole(const struct n1_stream *stream, size_t at, const struct n1_chunk *c)
{
    size_t left = stream->map_bytes - at;
    if (c->magic != N1_MAGIC_CHUNK || c->size_bytes > N1_CHUNK_MAX_BYTES || c->size_bytes > left - sizeof *c)
        return false;
    size_t next = at + sizeof *c + c->size_bytes;
    uint32_t magic = N1_MAGIC_CHUNK;
    if (next + sizeof magic <= stream->map_bytes)
        memcpy(&magic, stream->map + next, sizeof magic);
    return magic == N1_MAGIC_CHUNK || n1_encode_check(stream->map + at + sizeof *c, c->size_bytes) == c->check;
}

static void walk_chunks(struct n1_stream *stream, GArray *torn)
{
    size_t at = stream->header.header_bytes;
    while (at < stream->map_bytes) {
        struct n1_chunk c = {0};
        if (stream->map_bytes - at >= sizeof c)
            memcpy(&c, stream->map + at, sizeof c);
        if (is_whole(stream, at, &c) && take_chunk(stream, &c, stream->map + at + sizeof c)) {
            at += sizeof c + c.size_bytes;
            continue;
        }
        size_t next = find_magic(stream, at + 1);
        stream->damaged_bytes += next - at;
        if (c.magic == N1_MAGIC_CHUNK && c.kind == N1_CHUNK_EVENTS) {
            struct torn_chunk t = {c.slot, c.position, next - at};
            g_array_append_val(torn, t);
        }
        at = next;
    }
}

/* What a slot holds beyond the last drain. */
static void take_tail(struct n1_stream *stream, uint32_t slot, const uint8_t *page, size_t room)
{
    struct n1_slot_header h;
    memcpy(&h, page, sizeof h);
    if (h.magic == 0 || (h.magic == N1_MAGIC_SLOT && h.committed == h.base))
        return; /* never used, or all drained */
    if (h.magic != N1_MAGIC_SLOT || h.committed < h.base || h.committed - h.base > room) {
        stream->damaged_bytes += room;
        return;
    }
    struct n1_event_chunk chunk = {slot, h.tid, h.base, h.tick, page + N1_PAGE_BYTES, (uint32_t)(h.committed - h.base),
                                   0,    false};
    g_array_append_val(stream->chunks, chunk);
}

/* Every process has a ring from its start on, so one that is gone or cut is damage, of at least its header page. */
static void walk_ring(struct n1_stream *stream)
{
    struct n1_ring_header h = {0};
    if (stream->ring_bytes >= N1_PAGE_BYTES)
        memcpy(&h, stream->ring, sizeof h);
    if (h.magic != N1_MAGIC_RING || h.version > N1_FORMAT_VERSION || h.slot_stride_bytes < 2 * N1_PAGE_BYTES) {
        stream->damaged_bytes += N1_PAGE_BYTES;
        return;
    }
    stream->ring_clock = (struct n1_clock_pair){h.clock_tick, h.clock_ns};
    stream->statements = h.statements;
    for (uint32_t slot = 0; slot < N1_SLOTS_MAX; slot++) {
        size_t at = N1_PAGE_BYTES + (size_t)slot * h.slot_stride_bytes;
        if (at + h.slot_stride_bytes > stream->ring_bytes) {
            if (slot < h.slots)
                stream->damaged_bytes += h.slot_stride_bytes;
            break;
        }
        take_tail(stream, slot, stream->ring + at, h.slot_stride_bytes - N1_PAGE_BYTES);
    }
}

static gint by_slot_and_position(gconstpointer a, gconstpointer b)
{
    const struct n1_event_chunk *x = a, *y = b;
    if (x->slot != y->slot)
        return x->slot < y->slot ? -1 : 1;
    if (x->position != y->position)
        return x->position < y->position ? -1 : 1;
    return x->has_check == y->has_check ? 0 : x->has_check ? 1 : -1;
}

/* A drain that was cut short has lost nothing: the slot still holds its bytes. */
static void forgive_torn(struct n1_stream *stream, const GArray *torn)
{
    for (guint i = 0; i < torn->len; i++) {
        const struct torn_chunk *t = &g_array_index(torn, struct torn_chunk, i);
        for (guint j = 0; j < stream->chunks->len; j++) {
            const struct n1_event_chunk *c = &g_array_index(stream->chunks, struct n1_event_chunk, j);
            if (!c->has_check && c->slot == t->slot && c->position == t->position)
                stream->damaged_bytes -= t->bytes;
        }
    }
}

/* A process that died between the write and the store of `base` left a chunk in both files: what the slot holds stays. */
static void drop_doubles(struct n1_stream *stream)
{
    g_array_sort(stream->chunks, by_slot_and_position);
    guint kept = 0;
    for (guint i = 0; i < stream->chunks->len; i++) {
        struct n1_event_chunk c = g_array_index(stream->chunks, struct n1_event_chunk, i);
        if (kept > 0) {
            const struct n1_event_chunk *last = &g_array_index(stream->chunks, struct n1_event_chunk, kept - 1);
            if (last->slot == c.slot && c.position < last->position + last->size_bytes)
                continue;
        }
        g_array_index(stream->chunks, struct n1_event_chunk, kept++) = c;
    }
    g_array_set_size(stream->chunks, kept);
}

int n1_stream_load(struct n1_stream *stream, const char *directory, const char *name, struct n1_error *err)
{
    memset(stream, 0, sizeof *stream);
    stream->name = g_strdup(name);
    stream->dictionary = n1_dictionary_new();
    stream->chunks = g_array_new(FALSE, FALSE, sizeof(struct n1_event_chunk));
    g_autofree char *path = g_strdup_printf("%s/%s.n1", directory, name);
    g_autofree char *ring_path = g_strdup_printf("%s/%s.ring", directory, name);
    int rc = map_file(path, false, &stream->map, &stream->map_bytes, err);
    if (rc == 0)
        rc = check_header(stream, path, err);
    if (rc == 0)
        rc = map_file(ring_path, true, &stream->ring, &stream->ring_bytes, err);
    if (rc != 0)
        return rc;
    GArray *torn = g_array_new(FALSE, FALSE, sizeof(struct torn_chunk));
    if (stream->header.magic == N1_MAGIC_STREAM)
        walk_chunks(stream, torn);
    if (g_file_test(ring_path, G_FILE_TEST_EXISTS))
        walk_ring(stream);
    forgive_torn(stream, torn);
    g_array_free(torn, TRUE);
    drop_doubles(stream);
    return 0;
}

void n1_stream_release(struct n1_stream *stream)
{
    n1_dictionary_free(stream->dictionary);
    if (stream->chunks)
        g_array_free(stream->chunks, TRUE);
    if (stream->map)
        munmap(stream->map, stream->map_bytes);
    if (stream->ring)
        munmap(stream->ring, stream->ring_bytes);
    g_free(stream->name);
    memset(stream, 0, sizeof *stream);
}
