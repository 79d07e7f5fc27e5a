#include "preload/recorder/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload/base/clock.h"
#include "preload/base/dictionary.h"
#include "preload/base/memory.h"
#include "preload/base/place.h"
#include "preload/base/stream.h"
#include "preload/recorder/thread.h"

enum { LIVENESS_CHECKS = 8 }; /* owners looked at before a new slot is made */

static struct {
    struct n1_lock lock;
    struct n1_held file;
    struct n1_ring_header *header;
    uint32_t count;   /* slots made */
    uint32_t checked; /* where the next look at owners starts */
    struct n1_slot *slot[N1_SLOTS_MAX];
} ring;

/* Allocated blocks, so that a store into the mapping never meets a full disk. File systems without fallocate get zeros
 * written. */
static int allocate(int fd, off_t offset, off_t size)
{
    static const char zeros[N1_PAGE_BYTES];
    if (fallocate(fd, 0, offset, size) == 0)
        return 0;
    if (errno != EOPNOTSUPP && errno != ENOSYS)
        return -1;
    for (off_t at = offset; at < offset + size; at += (off_t)sizeof zeros)
        if (pwrite(fd, zeros, sizeof zeros, at) != (ssize_t)sizeof zeros)
            return -1;
    return 0;
}

static const char *ring_name(char name[96])
{
    snprintf(name, 96, "%s.ring", n1_process.stream_name);
    return name;
}

/* The held file, or the same one opened again. */
static int ring_file(void)
{
    struct stat status;
    char name[96];
    int fd = n1_held_get(&ring.file);
    if (fd >= 0)
        return fd;
    fd = n1_place_open(ring_name(name), O_RDWR);
    if (fd >= 0 && fstat(fd, &status) == 0 && status.st_dev == ring.file.device && status.st_ino == ring.file.inode)
        return n1_held_set(&ring.file, fd);
    if (fd >= 0)
        close(fd);
    return -1;
}

static void *map_part(off_t offset, size_t size)
{
    struct n1_file_guard guard;
    void *part = MAP_FAILED;
    n1_file_guard_begin(&guard);
    const int fd = ring_file();
    if (fd >= 0 && allocate(fd, offset, (off_t)size) == 0)
        part = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
    if (part == MAP_FAILED)
        n1_keep_error(errno);
    n1_file_guard_end(&guard);
    return part == MAP_FAILED ? NULL : part;
}

int n1_ring_open(void)
{
    struct n1_file_guard guard;
    char name[96];
    n1_held_close(&ring.file); /* the parent's */
    n1_file_guard_begin(&guard);
    const int fd = n1_held_set(&ring.file, n1_place_open(ring_name(name), O_RDWR | O_CREAT | O_EXCL));
    if (fd < 0)
        n1_keep_error(errno);
    n1_file_guard_end(&guard);
    struct n1_ring_header *header = fd < 0 ? NULL : map_part(0, N1_PAGE_BYTES);
    if (!header) {
        n1_file_guard_begin(&guard);
        n1_held_close(&ring.file);
        n1_place_remove(ring_name(name)); /* made anew when it is tried again */
        n1_file_guard_end(&guard);
        return -1;
    }
    header->version = N1_FORMAT_VERSION;
    header->slot_stride_bytes = N1_SLOT_STRIDE;
    header->pid = n1_process.pid;
    __atomic_store_n(&header->magic, N1_MAGIC_RING, __ATOMIC_RELEASE);
    ring.header = header;
    return 0;
}

/* The parent's slots are the parent's: their mappings go, their private memory serves the child. */
void n1_ring_after_fork(void)
{
    atomic_flag_clear(&ring.lock.is_held);
    for (uint32_t i = 0; i < ring.count; i++) {
        struct n1_slot *slot = ring.slot[i];
        if (slot->header)
            munmap(slot->header, N1_SLOT_STRIDE);
        slot->header = NULL;
        slot->statements = 0;
        atomic_flag_clear(&slot->lock.is_held);
        for (int k = 0; k < N1_STAGES; k++) {
            atomic_store(&slot->stage[k].owner, NULL);
            n1_window_forget(&slot->stage[k].window);
        }
        atomic_store(&slot->owner, 0);
    }
    if (ring.header)
        munmap(ring.header, N1_PAGE_BYTES);
    ring.header = NULL;
}

void n1_ring_clock(void)
{
    uint8_t bytes[32];
    struct n1_payload out = {.at = bytes, .end = bytes + sizeof bytes};
    const uint64_t tick = n1_clock_tick();
    const uint64_t ns = n1_clock_monotonic_ns();
    n1_put_varint(&out, tick);
    n1_put_varint(&out, ns);
    n1_dictionary_write(N1_CHUNK_CLOCK, bytes, (size_t)(out.at - bytes));
    __atomic_store_n(&ring.header->clock_tick, tick, __ATOMIC_RELAXED);
    __atomic_store_n(&ring.header->clock_ns, ns, __ATOMIC_RELAXED);
}

static int place_in_ring(struct n1_slot *slot, uint32_t tid)
{
    struct n1_slot_header *header =
        map_part((off_t)(N1_PAGE_BYTES + (uint64_t)slot->index * N1_SLOT_STRIDE), N1_SLOT_STRIDE);
    if (!header)
        return -1;
    slot->header = header;
    slot->bytes = (uint8_t *)header + N1_PAGE_BYTES;
    slot->used = 0;
    header->tid = tid;
    header->tick = n1_clock_tick();
    n1_encoder_reset(&slot->encoder, header->tick);
    slot->encoder.has_values = n1_process.has_values;
    __atomic_store_n(&header->magic, N1_MAGIC_SLOT, __ATOMIC_RELEASE);
    uint32_t slots = __atomic_load_n(&ring.header->slots, __ATOMIC_RELAXED);
    while (slots < slot->index + 1 && !__atomic_compare_exchange_n(&ring.header->slots, &slots, slot->index + 1, false,
                                                                   __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        continue; /* two threads may be at it; the reader must see the higher number */
    return 0;
}

static int is_gone(uint32_t owner, uint32_t tid)
{
    return owner == tid || (syscall(SYS_tgkill, n1_process.pid, owner, 0) != 0 && errno == ESRCH);
}

/* A slot that nobody owns any more, or NULL. The caller holds the lock. */
static struct n1_slot *find_free(uint32_t tid, uint32_t checks)
{
    for (uint32_t i = 0; i < ring.count; i++)
        if (atomic_load(&ring.slot[i]->owner) == 0)
            return ring.slot[i];
    for (uint32_t i = 0; i < checks && i < ring.count; i++) {
        struct n1_slot *slot = ring.slot[ring.checked++ % ring.count];
        if (is_gone(atomic_load(&slot->owner), tid)) {
            N1_TSAN_ACQUIRE(slot);
            return slot;
        }
    }
    return NULL;
}

static struct n1_slot *make(void)
{
    if (ring.count == N1_SLOTS_MAX)
        return NULL;
    struct n1_slot *slot = n1_memory_map(sizeof *slot);
    if (!slot)
        return NULL;
    slot->index = ring.count;
    for (int i = 0; i < N1_STAGES; i++) {
        slot->stage[i].cell = slot->staged_cell[i];
        slot->stage[i].text = slot->staged_text[i];
        slot->stage[i].window.room = &slot->window_room[i];
    }
    ring.slot[ring.count++] = slot;
    return slot;
}

struct n1_slot *n1_slot_take(uint32_t tid)
{
    const int saved = errno;
    n1_lock_take(&ring.lock);
    struct n1_slot *slot = find_free(tid, LIVENESS_CHECKS);
    if (!slot)
        slot = make();
    if (!slot)
        slot = find_free(tid, ring.count);
    if (slot)
        atomic_store(&slot->owner, tid);
    n1_lock_give(&ring.lock);
    if (slot && !slot->header && place_in_ring(slot, tid) != 0) {
        atomic_store(&slot->owner, 0);
        slot = NULL;
    }
    errno = saved;
    return slot;
}

void n1_slot_rename(struct n1_slot *slot, uint32_t tid)
{
    n1_slot_drain(slot);
    slot->header->tid = tid;
}

void n1_slot_drain(struct n1_slot *slot)
{
    struct n1_slot_header *header = slot->header;
    struct n1_chunk chunk = {.kind = N1_CHUNK_EVENTS,
                             .slot = (uint16_t)slot->index,
                             .position = header->base,
                             .tick = header->tick,
                             .tid = header->tid};
    if (slot->used > 0 && (n1_dictionary_settle() != 0 || n1_stream_append(&chunk, slot->bytes, slot->used) != 0)) {
        n1_count(N1_LOST_CHUNKS, 1);
        n1_count(N1_LOST_CHUNK_BYTES, slot->used);
        n1_count(N1_LOST_EVENTS, slot->statements);
    }
    __atomic_store_n(&header->base, header->committed, __ATOMIC_RELEASE);
    slot->used = 0;
    const uint64_t tick = n1_clock_tick();
    __atomic_store_n(&header->tick, tick, __ATOMIC_RELEASE);
    n1_encoder_reset(&slot->encoder, tick);
    __atomic_fetch_add(&ring.header->statements, slot->statements, __ATOMIC_RELAXED);
    slot->statements = 0;
    n1_ring_clock();
}
