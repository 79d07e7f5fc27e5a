#include "preload/base/stream.h"

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

#include "preload/base/lock.h"
#include "preload/base/place.h"
#include "preload/base/process.h"
#include "trace/encode.h"

static struct {
    struct n1_lock lock; /* of opening again */
    struct n1_held file;
    char name[80];
} stream;

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

void n1_stream_leave(void)
{
    struct n1_file_guard guard;
    n1_file_guard_begin(&guard);
    atomic_flag_clear(&stream.lock.is_held);
    n1_held_close(&stream.file);
    stream.name[0] = '\0';
    n1_file_guard_end(&guard);
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
    int rc = -1;

    n1_file_guard_begin(&guard);
    snprintf(stream.name, sizeof stream.name, "%s.n1", n1_process.stream_name);
    const int fd = n1_place_open(stream.name, O_WRONLY | O_APPEND | O_CREAT | O_EXCL);
    if (fd < 0)
        goto out;
    if (write(fd, &header, sizeof header) != (ssize_t)sizeof header) {
        const int error = errno;
        close(fd);
        n1_place_remove(stream.name);
        errno = error;
        goto out;
    }
    rc = n1_held_set(&stream.file, fd) < 0 ? -1 : 0;
out:
    if (rc != 0)
        n1_keep_error(errno);
    n1_file_guard_end(&guard);
    return rc;
}

/* The program closed our descriptor, and may have another file under its number now. */
static int open_again(void)
{
    n1_lock_take(&stream.lock);
    int fd = n1_held_get(&stream.file);
    if (fd < 0 && stream.name[0]) {
        const struct n1_held before = {.device = stream.file.device, .inode = stream.file.inode};
        fd = n1_place_open(stream.name, O_WRONLY | O_APPEND);
        struct stat status;
        if (fd >= 0 && (fstat(fd, &status) != 0 || status.st_dev != before.device || status.st_ino != before.inode)) {
            close(fd);
            errno = ESTALE;
            fd = -1;
        }
        if (fd >= 0)
            fd = n1_held_set(&stream.file, fd);
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
    int fd = n1_held_get(&stream.file);
    if (fd < 0)
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
    if (rc != 0 && stream.name[0]) /* else its making has failed, and said why */
        n1_keep_error(errno);
    n1_file_guard_end(&guard);
    return rc;
}
