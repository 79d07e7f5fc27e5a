#include "preload/base/place.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "preload/base/process.h"

enum { HIGH_DESCRIPTOR = 4000, HIGH_MARGIN = 24 };

static struct n1_held directory;

int n1_place_move_high(int fd)
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

int n1_held_get(const struct n1_held *held)
{
    struct stat status;
    const int fd = atomic_load_explicit(&held->fd_and_one, memory_order_acquire) - 1;
    const bool is_ours =
        fd >= 0 && fstat(fd, &status) == 0 && status.st_dev == held->device && status.st_ino == held->inode;
    return is_ours ? fd : -1;
}

int n1_held_set(struct n1_held *held, int fd)
{
    struct stat status;
    fd = n1_place_move_high(fd);
    if (fd < 0 || fstat(fd, &status) != 0)
        return -1;
    held->device = status.st_dev;
    held->inode = status.st_ino;
    atomic_store_explicit(&held->fd_and_one, fd + 1, memory_order_release);
    return fd;
}

void n1_held_close(struct n1_held *held)
{
    const int fd = n1_held_get(held);
    atomic_store(&held->fd_and_one, 0);
    if (fd >= 0)
        close(fd);
}

/* Two threads may both open it: one of the descriptors is forgotten then, and stays open. */
static int directory_again(void)
{
    const int fd = open(n1_process.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat status;
    if (fd >= 0 && atomic_load(&directory.fd_and_one) != 0 &&
        (fstat(fd, &status) != 0 || status.st_dev != directory.device || status.st_ino != directory.inode)) {
        close(fd); /* another root directory has one of that name */
        return -1;
    }
    return n1_held_set(&directory, fd);
}

static int directory_now(void)
{
    const int at = n1_held_get(&directory);
    return at < 0 ? directory_again() : at;
}

void n1_place_remove(const char *name)
{
    const int at = directory_now();
    if (at >= 0)
        unlinkat(at, name, 0);
}

int n1_place_open(const char *name, int flags)
{
    const int at = directory_now();
    return at < 0 ? -1 : openat(at, name, flags | O_CLOEXEC, 0600);
}
