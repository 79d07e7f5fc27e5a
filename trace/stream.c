#include "trace/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/encode.h"

static int open_file(const char *path, bool may_miss, int *fd, uint64_t *size_bytes, struct n1_error *err)
{
    struct stat st;
    *size_bytes = 0;
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0 && errno == ENOENT && may_miss)
        return 0;
    if (*fd < 0 || fstat(*fd, &st) != 0)
        return n1_error_set(err, N1_ERROR_SYSTEM, path, "%s: %s", path, g_strerror(errno));
    *size_bytes = (uint64_t)st.st_size;
    return 0;
}

static int load_file(struct n1_stream *stream, const char *path, struct n1_error *err)
{
    int fd;
    uint64_t size;
    int rc = open_file(path, false, &fd, &size, err);
    int error = rc == 0 ? n1_piece_load(&stream->file, fd, 0, size) : 0;
    if (error != 0)
        rc = n1_error_set(err, N1_ERROR_SYSTEM, path, "%s: %s", path, g_strerror(error));
    if (fd >= 0)
        close(fd);
    return rc;
}

static int check_header(struct n1_stream *stream, const char *path, struct n1_error *err)
{
    struct n1_stream_header *h = &stream->header;
    if (stream->file.size_bytes < sizeof *h) { /* killed between creating and writing: an empty process */
        stream->damaged_bytes += stream->file.size_bytes;
        memset(h, 0, sizeof *h);
        return 0;
    }
    memcpy(h, stream->file.at, sizeof *h);
    if (h->magic != N1_MAGIC_STREAM)
        return n1_error_set(err, N1_ERROR_FORMAT, path, "%s: not a stream of n1prof's (its first bytes are foreign)",
                            path);
    if (h->version > N1_FORMAT_VERSION)
        return n1_error_set(
            err, N1_ERROR_VERSION, path,
            "%s: recorded by a newer n1prof (format version %u, this one reads up to %d); report it with that one",
            path, h->version, N1_FORMAT_VERSION);
    if (h->header_bytes < sizeof *h || h->header_bytes > stream->file.size_bytes)
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
    while (at < stream->file.size_bytes) {
        const uint8_t *hit = memmem(stream->file.at + at, stream->file.size_bytes - at, &magic, sizeof magic);
        return hit ? (size_t)(hit - stream->file.at) : stream->file.size_bytes;
    }
    return stream->file.size_bytes;
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
    size_t left = stream->file.size_bytes - at;
    if (c->magic != N1_MAGIC_CHUNK || c->size_bytes > N1_CHUNK_MAX_BYTES || c->size_bytes > left - sizeof *c)
        return false;
    size_t next = at + sizeof *c + c->size_bytes;
    uint32_t magic = N1_MAGIC_CHUNK;
    if (next + sizeof magic <= stream->file.size_bytes)
        memcpy(&magic, stream->file.at + next, sizeof magic);
    return magic == N1_MAGIC_CHUNK || n1_encode_check(stream->file.at + at + sizeof *c, c->size_bytes) == c->check;
}

/* Walking over the chunks' headers brings in pages around each of them. */
enum { FORGET_EVERY = 8 * 1024 * 1024 };

static void walk_chunks(struct n1_stream *stream, GArray *torn)
{
    size_t at = stream->header.header_bytes, forgotten = 0;
    while (at < stream->file.size_bytes) {
        if (at - forgotten >= FORGET_EVERY) {
            n1_piece_forget(&stream->file, stream->file.at + forgotten, stream->file.at + at);
            forgotten = at;
        }
        struct n1_chunk c = {0};
        if (stream->file.size_bytes - at >= sizeof c)
            memcpy(&c, stream->file.at + at, sizeof c);
        if (is_whole(stream, at, &c) && take_chunk(stream, &c, stream->file.at + at + sizeof c)) {
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
static int take_tail(struct n1_stream *stream, uint32_t slot, int fd, uint64_t at, uint64_t room)
{
    struct n1_slot_header h = {0};
    ssize_t size = pread(fd, &h, sizeof h, (off_t)at);
    if (size < 0)
        return errno;
    if (h.magic == 0 || (h.magic == N1_MAGIC_SLOT && h.committed == h.base))
        return 0; /* never used, or all drained */
    if (h.magic != N1_MAGIC_SLOT || h.committed < h.base || h.committed - h.base > room) {
        stream->damaged_bytes += room;
        return 0;
    }
    struct n1_piece piece;
    int error = n1_piece_load(&piece, fd, at + N1_PAGE_BYTES, h.committed - h.base);
    g_array_append_val(stream->tails, piece);
    struct n1_event_chunk chunk = {slot, h.tid, h.base, h.tick, piece.at, (uint32_t)piece.size_bytes, 0, false};
    g_array_append_val(stream->chunks, chunk);
    return error;
}

/* Every process has a ring from its start on, so one that is gone or cut is damage, of at least its header page. */
static int walk_ring(struct n1_stream *stream, int fd, uint64_t ring_bytes)
{
    struct n1_ring_header h = {0};
    if (ring_bytes >= N1_PAGE_BYTES && pread(fd, &h, sizeof h, 0) != sizeof h)
        return errno;
    if (h.magic != N1_MAGIC_RING || h.version > N1_FORMAT_VERSION || h.slot_stride_bytes < 2 * N1_PAGE_BYTES) {
        stream->damaged_bytes += N1_PAGE_BYTES;
        return 0;
    }
    stream->ring_clock = (struct n1_clock_pair){h.clock_tick, h.clock_ns};
    stream->statements = h.statements;
    int error = 0;
    for (uint32_t slot = 0; slot < N1_SLOTS_MAX && error == 0; slot++) {
        uint64_t at = N1_PAGE_BYTES + (uint64_t)slot * h.slot_stride_bytes;
        if (at + h.slot_stride_bytes > ring_bytes) {
            if (slot < h.slots)
                stream->damaged_bytes += h.slot_stride_bytes;
            break;
        }
        error = take_tail(stream, slot, fd, at, h.slot_stride_bytes - N1_PAGE_BYTES);
    }
    return error;
}

static int load_ring(struct n1_stream *stream, const char *path, struct n1_error *err)
{
    int fd;
    uint64_t size;
    int rc = open_file(path, true, &fd, &size, err);
    int error = rc == 0 && fd >= 0 ? walk_ring(stream, fd, size) : 0;
    if (error != 0)
        rc = n1_error_set(err, N1_ERROR_SYSTEM, path, "%s: %s", path, g_strerror(error));
    if (fd >= 0)
        close(fd);
    return rc;
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
    stream->tails = g_array_new(FALSE, FALSE, sizeof(struct n1_piece));
    int rc = load_file(stream, path, err);
    if (rc == 0)
        rc = check_header(stream, path, err);
    if (rc != 0)
        return rc;
    GArray *torn = g_array_new(FALSE, FALSE, sizeof(struct torn_chunk));
    if (stream->header.magic == N1_MAGIC_STREAM)
        walk_chunks(stream, torn);
    rc = load_ring(stream, ring_path, err);
    forgive_torn(stream, torn);
    g_array_free(torn, TRUE);
    drop_doubles(stream);
    return rc;
}

/* Pages come from the file in groups: those before a chunk may have come back with its first ones. */
enum { FORGET_BEFORE = 128 * 1024 };

void n1_stream_forget(const struct n1_stream *stream, const struct n1_event_chunk *chunk)
{
    if (chunk->has_check) {
        size_t before = MIN((size_t)(chunk->payload - stream->file.at), (size_t)FORGET_BEFORE);
        n1_piece_forget(&stream->file, chunk->payload - before, chunk->payload + chunk->size_bytes);
    }
}

void n1_stream_release(struct n1_stream *stream)
{
    n1_dictionary_free(stream->dictionary);
    if (stream->chunks)
        g_array_free(stream->chunks, TRUE);
    for (guint i = 0; stream->tails && i < stream->tails->len; i++)
        n1_piece_release(&g_array_index(stream->tails, struct n1_piece, i));
    if (stream->tails)
        g_array_free(stream->tails, TRUE);
    n1_piece_release(&stream->file);
    g_free(stream->name);
    memset(stream, 0, sizeof *stream);
}
