/* What a capture costs, printed and not judged: nanoseconds of the thread's own processor time for stacks of 8, 24 and 60
 * frames, with 1, 16 and 1000 call paths in rotation, beside libunwind's unw_backtrace and glibc's backtrace. The paths have
 * the same stack pointer and the same innermost caller and differ in three frames further out. The cost of calling down
 * to the place of the capture is measured and taken off.
 *
 *     bench_stack [CALLS]
 */
#define UNW_LOCAL_ONLY
#include <dlfcn.h>
#include <libunwind.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "preload/stacks/stack.h"

typedef uint32_t capture(void);

static capture *volatile current;
static int (*glibc_backtrace)(void **, int);

static uint32_t nothing(void)
{
    return 1;
}
static uint32_t by_libunwind(void)
{
    void *ips[128];
    return (uint32_t)unw_backtrace(ips, 128);
}
static uint32_t by_glibc(void)
{
    void *ips[128];
    return (uint32_t)glibc_backtrace(ips, 128);
}

#define NOINLINE __attribute__((noinline, noclone))
#define STAY     __asm__ volatile("" ::: "memory")

static volatile uint64_t sink;

static NOINLINE void bottom(void)
{
    sink += current();
}

static NOINLINE void fill(uint32_t depth)
{
    if (depth == 0)
        bottom();
    else
        fill(depth - 1);
    STAY;
}

/* One of ten places to call from. */
#define PLACE(n)                                                                                                       \
    case n:                                                                                                            \
        next(path / 10, depth);                                                                                        \
        __asm__ volatile("# " #n ::: "memory");                                                                        \
        break;
#define FORK(name, following)                                                                                          \
    static NOINLINE void name(uint32_t path, uint32_t depth)                                                           \
    {                                                                                                                  \
        void (*volatile next)(uint32_t, uint32_t) = following;                                                         \
        switch (path % 10) {                                                                                           \
            PLACE(0) PLACE(1) PLACE(2) PLACE(3) PLACE(4) PLACE(5) PLACE(6) PLACE(7) PLACE(8) PLACE(9)                  \
        }                                                                                                              \
        STAY;                                                                                                          \
    }

static NOINLINE void inner(uint32_t path, uint32_t depth)
{
    (void)path;
    fill(depth);
    STAY;
}
FORK(fork_c, inner)
FORK(fork_b, fork_c)
FORK(fork_a, fork_b)

static NOINLINE void outer(uint32_t path, uint32_t depth, uint32_t above)
{
    if (above)
        outer(path, depth, above - 1);
    else
        fork_a(path, depth);
    STAY;
}

static double run(capture *how, uint32_t frames, uint32_t paths, uint32_t calls)
{
    struct timespec start, end;
    const uint32_t rest = frames > 12 ? frames - 12 : 0; /* main, its callers, the forks, inner, bottom */
    current = how;
    for (uint32_t round = 0; round < 2; round++) {
        const uint32_t n = round ? calls : calls / 10 + paths * 2;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
        for (uint32_t i = 0; i < n; i++)
            outer(i % paths, rest / 2, rest - rest / 2);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    }
    return ((double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec)) / calls;
}

static double least(capture *how, uint32_t frames, uint32_t paths, uint32_t calls)
{
    double least_ns = run(how, frames, paths, calls);
    for (int i = 0; i < 4; i++) {
        const double ns = run(how, frames, paths, calls);
        least_ns = ns < least_ns ? ns : least_ns;
    }
    return least_ns;
}

int main(int argc, char **argv)
{
    static const uint32_t depths[] = {8, 24, 60}, rotations[] = {1, 16, 1000};
    const uint32_t calls = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 200000;
    void *libc = dlopen("libc.so.6", RTLD_LAZY); /* libunwind exports a backtrace of its own */
    glibc_backtrace = (int (*)(void **, int))dlsym(libc, "backtrace");
    printf("frames paths   n1_stack_capture   unw_backtrace   glibc backtrace  (ns)\n");
    for (int d = 0; d < 3; d++)
        for (int p = 0; p < 3; p++) {
            const double base = least(nothing, depths[d], rotations[p], calls);
            printf("%6u %5u %12.1f %16.1f %16.1f\n", depths[d] < 12 ? 12 : depths[d], rotations[p],
                   least(n1_stack_capture, depths[d], rotations[p], calls) - base,
                   least(by_libunwind, depths[d], rotations[p], calls) - base,
                   least(by_glibc, depths[d], rotations[p], calls / 10) - base);
        }
    return 0;
}
