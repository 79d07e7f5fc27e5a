#include "preload/recorder/generation.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "preload/base/clock.h"
#include "preload/base/dictionary.h"
#include "preload/base/lock.h"
#include "preload/base/map.h"
#include "preload/base/memory.h"
#include "preload/base/process.h"
#include "preload/base/stream.h"
#include "preload/base/text.h"
#include "preload/binding/real.h"
#include "preload/recorder/ring.h"
#include "trace/encode.h"

enum { COMMAND_BYTES = 32 * 1024 }; /* of /proc/self/cmdline kept in the PROCESS entry */

static struct {
    _Atomic uint32_t starter_pid; /* a lock that names its holder, so that a child sees that it is not its own */
    uint32_t generations;
    struct n1_lock files; /* of making them; a generation's start needs none */
    bool has_stream, is_counted_out;
    char forked_from[sizeof n1_process.stream_name];
    _Atomic bool has_files;
} life;

/* The arguments as the kernel has them: NUL-terminated, one behind the other. */
static void put_command(struct n1_payload *out)
{
    char *words = n1_memory_map(COMMAND_BYTES);
    size_t n = 0;
    uint64_t count = 0;
    const int fd = words ? open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        ssize_t got;
        while (n < COMMAND_BYTES && (got = read(fd, words + n, COMMAND_BYTES - n)) > 0)
            n += (size_t)got;
        close(fd);
    }
    for (size_t i = 0; i < n; i++)
        count += words[i] == '\0' || i + 1 == n;
    n1_put_varint(out, count);
    for (size_t i = 0; i < n;) {
        const size_t length = strnlen(words + i, n - i);
        n1_put_bytes(out, words + i, length);
        i += length + 1;
    }
    n1_memory_unmap(words, COMMAND_BYTES);
}

static void put_link(struct n1_payload *out, const char *link)
{
    char path[PATH_MAX];
    const ssize_t length = readlink(link, path, sizeof path);
    n1_put_bytes(out, path, length > 0 ? (size_t)length : 0);
}

static void write_process(const char *forked_from)
{
    const size_t capacity = COMMAND_BYTES * 2 + 4 * PATH_MAX;
    static const enum n1_chunk_kind inherited[] = {N1_CHUNK_SQL, N1_CHUNK_FRAME, N1_CHUNK_STACK, N1_CHUNK_CONNECTION,
                                                   N1_CHUNK_STRING};
    struct timespec now;
    uint8_t *bytes = n1_memory_map(capacity);
    struct n1_payload out = {.at = bytes, .end = bytes + capacity};
    if (!bytes) {
        n1_count(N1_LOST_DICTIONARY, 1);
        return;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    n1_put_varint(&out, n1_process.pid);
    n1_put_varint(&out, (uint64_t)getppid());
    n1_put_varint(&out, n1_clock_kind);
    n1_put_varint(&out, n1_process.has_values ? N1_PROCESS_VALUES : 0);
    n1_put_varint(&out, n1_clock_tick());
    n1_put_varint(&out, (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec);
    put_link(&out, "/proc/self/exe");
    put_link(&out, "/proc/self/cwd");
    put_command(&out);
    n1_put_string(&out, forked_from);
    for (size_t i = 0; i < sizeof inherited / sizeof *inherited; i++)
        n1_put_varint(&out, *forked_from ? n1_dictionary_last_id(inherited[i]) : 0);
    n1_dictionary_write(N1_CHUNK_PROCESS, bytes, (size_t)(out.at - bytes));
    n1_memory_unmap(bytes, capacity);
}

static int make_files(void)
{
    n1_process_map_counters();
    if (!life.has_stream && n1_stream_open() == 0) {
        life.has_stream = true;
        write_process(life.forked_from);
    }
    if (!life.has_stream || n1_ring_open() != 0) {
        if (!life.is_counted_out)
            n1_count(N1_STOPPED_PROCESSES, 1);
        life.is_counted_out = true;
        return -1;
    }
    if (life.is_counted_out)
        n1_count(N1_STOPPED_PROCESSES, UINT64_MAX); /* one less */
    life.is_counted_out = false;
    n1_dictionary_settle();
    n1_ring_clock();
    n1_count(N1_PROCESSES, 1);
    return 0;
}

int n1_generation_open_files(void)
{
    if (atomic_load_explicit(&life.has_files, memory_order_acquire))
        return 0;
    n1_lock_take(&life.files);
    const bool has_files = atomic_load(&life.has_files) || make_files() == 0;
    atomic_store_explicit(&life.has_files, has_files, memory_order_release);
    n1_lock_give(&life.files);
    return has_files ? 0 : -1;
}

static uint32_t start_generation(uint32_t pid)
{
    if (life.generations > 0) { /* a forked child: locks may be held by threads that it has not */
        n1_pool_after_fork();
        n1_ring_after_fork();
        n1_text_after_fork();
        n1_dictionary_after_fork();
        n1_map_after_fork();
        n1_real_after_fork();
        atomic_flag_clear(&life.files.is_held);
    }
    memcpy(life.forked_from, n1_process.stream_name, sizeof life.forked_from);
    if (!life.has_stream)
        life.forked_from[0] = '\0';
    life.has_stream = life.is_counted_out = false;
    atomic_store(&life.has_files, false);
    n1_clock_init();
    n1_process.is_usual = n1_clock_kind == N1_CLOCK_TSC && n1_process.has_stacks && !n1_process.has_values;
    n1_process.pid = pid;
    n1_process.start_ns = n1_clock_monotonic_ns();
    snprintf(n1_process.stream_name, sizeof n1_process.stream_name, "%u-%llx", pid,
             (unsigned long long)n1_process.start_ns);
    n1_stream_leave();
    n1_generation_open_files();
    return ++life.generations;
}

/* False in a child by vfork, which runs in its parent's memory: what it began would be its parent's, in its own name. */
static bool is_own_memory(uint32_t pid)
{
    uint32_t owner = 0;
    return atomic_compare_exchange_strong(&n1_live.owner_pid, &owner, pid) || owner == pid;
}

uint32_t n1_generation_start(void)
{
    const int saved = errno;
    uint32_t generation = atomic_load_explicit(&n1_live.generation, memory_order_acquire);
    if (generation != 0)
        return generation;
    if (n1_process.is_off)
        return 0;
    const uint32_t pid = (uint32_t)getpid();
    if (!is_own_memory(pid))
        return 0;
    uint32_t starter = atomic_load(&life.starter_pid);
    do {
        while (starter == pid) { /* another thread of this process starts it */
            sched_yield();
            starter = atomic_load(&life.starter_pid);
        }
    } while (!atomic_compare_exchange_weak(&life.starter_pid, &starter, pid));

    generation = atomic_load_explicit(&n1_live.generation, memory_order_acquire);
    if (generation == 0) {
        generation = start_generation(pid);
        atomic_store_explicit(&n1_live.generation, generation, memory_order_release);
    }
    atomic_store(&life.starter_pid, 0);
    errno = saved;
    return generation;
}
