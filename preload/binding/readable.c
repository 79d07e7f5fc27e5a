#include "preload/binding/readable.h"

#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "trace/format.h"

#define PROBE_PAGES 32U

static long kernel(long number, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

/* process_vm_readv wants a thread of the target: ours. Never cached: a child made by clone() has another number. */
static long read_self(const struct iovec *local, const struct iovec *remote, size_t remote_count)
{
    const long self = kernel(SYS_gettid, 0, 0, 0, 0, 0, 0);
    return kernel(SYS_process_vm_readv, self, (long)local, 1, (long)remote, (long)remote_count, 0);
}

int n1_stack_read(uintptr_t from, void *to, size_t size_bytes)
{
    const struct iovec local = {.iov_base = to, .iov_len = size_bytes};
    const struct iovec remote = {.iov_base = (void *)from, .iov_len = size_bytes};
    return read_self(&local, &remote, 1) == (long)size_bytes ? 0 : -1;
}

void n1_stack_pause(void)
{
    kernel(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
}

/* ---- bounds ------------------------------------------------------------------------------------------------------ */

/* The first page of [from, to) that cannot be read, or `to`. */
static uintptr_t first_unreadable(uintptr_t from, uintptr_t to)
{
    char bytes[PROBE_PAGES];
    struct iovec remote[PROBE_PAGES];
    uintptr_t at = from & ~(uintptr_t)(N1_PAGE_BYTES - 1);
    while (at < to) {
        size_t count = 0;
        for (uintptr_t page = at; page < to && count < PROBE_PAGES; page += N1_PAGE_BYTES)
            remote[count++] = (struct iovec){.iov_base = (void *)page, .iov_len = 1};
        const struct iovec local = {.iov_base = bytes, .iov_len = count};
        const long got = read_self(&local, remote, count);
        if (got < (long)count)
            return at + (got > 0 ? (uintptr_t)got : 0) * N1_PAGE_BYTES;
        at += count * N1_PAGE_BYTES;
    }
    return to;
}

static bool try_end(struct n1_stack_bounds *bounds, uintptr_t sp, uintptr_t end)
{
    if (sp >= end || end - sp > N1_STACK_REACH_MAX)
        return false;
    const uintptr_t known = bounds->high == end ? bounds->low : end;
    const uintptr_t gap = sp < known ? first_unreadable(sp, known) : known;
    if (gap < known) {
        if (gap > bounds->foreign_below)
            bounds->foreign_below = gap;
        return false;
    }
    bounds->low = sp & ~(uintptr_t)(N1_PAGE_BYTES - 1);
    bounds->high = end;
    bounds->foreign_below = 0;
    return true;
}

bool n1_stack_bounds_reach(struct n1_stack_bounds *bounds, uintptr_t sp)
{
    if (bounds->high && sp >= bounds->low && sp < bounds->high)
        return true;
    if (bounds->high)
        return sp >= bounds->foreign_below && try_end(bounds, sp, bounds->high);
    return sp >= bounds->foreign_below && (try_end(bounds, sp, (uintptr_t)__builtin_thread_pointer()) ||
                                           try_end(bounds, sp, (uintptr_t)getauxval(AT_RANDOM) & ~(uintptr_t)7));
}

/* ---- paths ------------------------------------------------------------------------------------------------------- */

/* A line of /proc/self/maps: "start-end perms offset dev inode   path". Returns the path when the line covers address. */
static const char *path_in_line(const char *line, const char *end, uintptr_t address)
{
    uintptr_t bound[2] = {0, 0};
    const char *at = line;
    for (int i = 0; i < 2; i++, at++)
        for (; at < end && *at != '-' && *at != ' '; at++)
            bound[i] = bound[i] << 4 | (uintptr_t)(*at <= '9' ? *at - '0' : *at - 'a' + 10);
    if (address < bound[0] || address >= bound[1])
        return NULL;
    const char *path = memchr(at, '/', (size_t)(end - at));
    return path ? path : end;
}

static size_t path_from_kernel(uintptr_t address, char *path)
{
    static char buffer[N1_STACK_PATH_MAX + 256]; /* under the stack lock */
    size_t kept = 0;
    const long fd = kernel(SYS_openat, AT_FDCWD, (long)"/proc/self/maps", O_RDONLY | O_CLOEXEC, 0, 0, 0);
    if (fd < 0)
        return 0;
    size_t found = 0;
    for (bool is_done = false; !is_done;) {
        const long got = kernel(SYS_read, fd, (long)(buffer + kept), (long)(sizeof buffer - kept), 0, 0, 0);
        if (got <= 0)
            break;
        kept += (size_t)got;
        char *line = buffer;
        for (char *end; !is_done && (end = memchr(line, '\n', kept - (size_t)(line - buffer))); line = end + 1) {
            const char *name = path_in_line(line, end, address);
            if (!name)
                continue;
            found = (size_t)(end - name) < N1_STACK_PATH_MAX ? (size_t)(end - name) : N1_STACK_PATH_MAX;
            memcpy(path, name, found);
            is_done = true;
        }
        kept -= (size_t)(line - buffer);
        memmove(buffer, line, kept);
        if (kept == sizeof buffer)
            break;
    }
    kernel(SYS_close, fd, 0, 0, 0, 0, 0);
    return found;
}

size_t n1_stack_path_of(const char *name, uintptr_t address, char *path)
{
    size_t size_bytes = strlen(name);
    if (name[0] != '/') {
        const size_t from_kernel = path_from_kernel(address, path);
        if (from_kernel)
            return from_kernel;
    }
    if (size_bytes > N1_STACK_PATH_MAX)
        size_bytes = N1_STACK_PATH_MAX;
    memcpy(path, name, size_bytes);
    return size_bytes;
}
