#include "preload/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "preload/lock.h"
#include "preload/process.h"
#include "trace/encode.h"

enum { HIGH_DESCRIPTOR = 4000, HIGH_MARGIN = 24 };

static struct {
    struct n1_lock lock; /* of opening again */
    _Atomic int fd;      /* -1: none */
    dev_t device;        /* what our file is */
    ino_t inode;
    char path[PATH_MAX + 80];
} stream = {.fd = -1};

_Static_assert(sizeof(sigset_t) <= sizeof((struct n1_file_guard){0}.mask), "room for a signal mask");

void n1_file_guard_begin(struct n1_file_guard *guard)
{
    struct rlimit limit;
    guard->saved_errno = errno;
    guard->is_blocked = getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY;
    if (!guard->is_blocked)
        return;
    sigset_t ours, pending, before;
    sigemptyset(&ours);
    sigaddset(&ours, SIGXFSZ);
    sigemptyset(&pending);
    sigpending(&pending);
    guard->was_pending = sigismember(&pending, SIGXFSZ) == 1;
    pthread_sigmask(SIG_BLOCK, &ours, &before);
    memcpy(guard->mask, &before, sizeof before);
}

void n1_file_guard_end(struct n1_file_guard *guard)
{
    if (guard->is_blocked) {
        sigset_t ours, before;
        const struct timespec at_once = {0, 0};
        sigemptyset(&ours);
        sigaddset(&ours, SIGXFSZ);
        if (!guard->was_pending)
            while (sigtimedwait(&ours, NULL, &at_once) == SIGXFSZ)
                continue;
        memcpy(&before, guard->mask, sizeof before);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    errno = guard->saved_errno;
}

int n1_file_move_high(int fd)
{
    struct rlimit limit;
    int floor = HIGH_DESCRIPTOR;
    if (fd < 0)
        return -1;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < HIGH_DESCRIPTOR + HIGH_MARGIN)
        floor = limit.rlim_cur > 2 * HIGH_MARGIN ? (int)limit.rlim_cur - HIGH_MARGIN : (int)limit.rlim_cur / 2;
    const int high = fcntl(fd, F_DUPFD_CLOEXEC, floor);
    if (high < 0)
        return fd; /* the high numbers are taken: better a low one than none */
    close(fd);
    return high;
}

static bool is_ours(int fd)
{
    struct stat status;
    return fd >= 0 && fstat(fd, &status) == 0 && status.st_dev == stream.device && status.st_ino == stream.inode;
}

int n1_stream_open(void)
{
    struct n1_file_guard guard;
    struct n1_stream_header header = {.magic = N1_MAGIC_STREAM,
                                      .version = N1_FORMAT_VERSION,
                                      .header_bytes = sizeof header,
                                      .pid = n1_process.pid,
                                      .ppid = (uint32_t)getppid(),
                                      .start_ns = n1_process.start_ns};
    struct stat status;
    int rc = -1;

    n1_file_guard_begin(&guard);
    atomic_flag_clear(&stream.lock.is_held);
    const int before = atomic_exchange(&stream.fd, -1);
    if (is_ours(before))
        close(before);
    snprintf(stream.path, sizeof stream.path, "%s/%s.n1", n1_process.directory, n1_process.stream_name);
    int fd = open(stream.path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        goto out;
    fd = n1_file_move_high(fd);
    if (fstat(fd, &status) != 0 || write(fd, &header, sizeof header) != (ssize_t)sizeof header) {
        const int error = errno;
        close(fd);
        unlink(stream.path);
        errno = error;
        goto out;
    }
    stream.device = status.st_dev;
    stream.inode = status.st_ino;
    atomic_store(&stream.fd, fd);
    rc = 0;
out:
    if (rc != 0)
        n1_count_failure(N1_LOST_CHUNKS, errno);
    n1_file_guard_end(&guard);
    return rc;
}

/* The program closed our descriptor, and may have another file under its number now. */
static int open_again(void)
{
    n1_lock_take(&stream.lock);
    int fd = atomic_load(&stream.fd);
    if (!is_ours(fd)) {
        fd = n1_file_move_high(open(stream.path, O_WRONLY | O_APPEND | O_CLOEXEC));
        if (fd >= 0 && !is_ours(fd)) {
            close(fd);
            errno = ESTALE;
            fd = -1;
        }
        atomic_store(&stream.fd, fd);
    }
    n1_lock_give(&stream.lock);
    return fd;
}

int n1_stream_append(struct n1_chunk *chunk, const void *payload, size_t size_bytes)
{
    struct n1_file_guard guard;
    int rc = -1;

    if (size_bytes > N1_CHUNK_MAX_BYTES)
        return -1;
    chunk->magic = N1_MAGIC_CHUNK;
    chunk->size_bytes = (uint32_t)size_bytes;
    chunk->check = n1_encode_check(payload, size_bytes);
    struct iovec parts[2] = {{chunk, sizeof *chunk}, {(void *)(uintptr_t)payload, size_bytes}};

    n1_file_guard_begin(&guard);
    int fd = atomic_load_explicit(&stream.fd, memory_order_acquire);
    if (!is_ours(fd))
        fd = open_again();
    if (fd >= 0) {
        ssize_t written;
        do
            written = writev(fd, parts, 2);
        while (written < 0 && errno == EINTR);
        rc = written == (ssize_t)(sizeof *chunk + size_bytes) ? 0 : -1;
        if (rc != 0 && written >= 0)
            errno = ENOSPC; /* a short write of a file: the reader skips the torn chunk */
    }
    if (rc != 0)
        __atomic_store_n(&n1_counters->value[N1_LAST_ERRNO], (uint64_t)errno, __ATOMIC_RELAXED);
    n1_file_guard_end(&guard);
    return rc;
}
