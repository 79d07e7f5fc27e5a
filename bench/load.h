/* What the benchmark's loads share: how deep and over which call paths the work is done, and the line with the figures.
 *
 * A load is `int work(void *context, long i)`, one statement. load_run() does it `count` times below 20 frames of ours (24
 * with main's and libc's), over `paths` call paths in rotation: 1 stays at the bottom; more descend anew for each
 * statement, going left or right at each of ten levels by the bits of the path's number, so that paths differ in
 * return addresses and not in stack pointers.
 *
 * Prints {"statements": n, "cpu_ns": n, "wall_ns": n, "peak_rss_kb": n} of the measured part (CPU time of this thread; the
 * first tenth again, not measured, goes before it to warm up).
 */
#ifndef N1_BENCH_LOAD_H
#define N1_BENCH_LOAD_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LOAD_DEPTH 20
#define LOAD_TURNS 10 /* levels at which paths part: 1024 paths at most */

struct load {
    int (*work)(void *context, long i);
    void *context;
    long first, count, step; /* statements first, first + step, … below first + count */
    long path;
};

/* Each frame has work left after the call, so that no call becomes a jump. */
#define LOAD_FRAME(name)                                                                                               \
    static int name(struct load *load, int level);                                                                     \
    static int (*volatile name##_at)(struct load * load, int level) = name;

LOAD_FRAME(load_left)
LOAD_FRAME(load_right)

static inline int load_below(struct load *load, int level)
{
    if (level < LOAD_DEPTH)
        return (load->path >> (level % LOAD_TURNS) & 1 && level < LOAD_TURNS ? load_right_at : load_left_at)(load,
                                                                                                             level + 1);
    int sum = 0;
    for (long i = load->first; i < load->first + load->count; i += load->step)
        sum += load->work(load->context, i);
    return sum;
}

__attribute__((noinline)) static int load_left(struct load *load, int level)
{
    return load_below(load, level) + 1;
}

__attribute__((noinline)) static int load_right(struct load *load, int level)
{
    return load_below(load, level) + 2;
}

static inline int load_go(struct load load, long count, long paths)
{
    int sum = 0;
    load.step = 1;
    if (paths <= 1) {
        load.count = count;
        return load_left(&load, 1);
    }
    load.count = 1;
    for (load.first = 0; load.first < count; load.first++) {
        load.path = load.first % paths;
        sum += load_left(&load, 1);
    }
    return sum;
}

static inline long long load_clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Not ru_maxrss: that one begins with what the process had before exec, a copy of the benchmark's interpreter. */
static inline long load_peak_rss_kb(void)
{
    char line[256];
    long kb = -1;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && kb < 0 && fgets(line, sizeof line, status))
        sscanf(line, "VmHWM: %ld", &kb);
    if (status)
        fclose(status);
    return kb;
}

static inline void load_run(int (*work)(void *context, long i), void *context, long count, long paths)
{
    struct load load = {.work = work, .context = context};
    int sum = load_go(load, count / 10, paths);
    long long cpu_ns = load_clock_ns(CLOCK_THREAD_CPUTIME_ID), wall_ns = load_clock_ns(CLOCK_MONOTONIC);
    sum += load_go(load, count, paths);
    cpu_ns = load_clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns;
    wall_ns = load_clock_ns(CLOCK_MONOTONIC) - wall_ns;
    printf("{\"statements\": %ld, \"cpu_ns\": %lld, \"wall_ns\": %lld, \"peak_rss_kb\": %ld, \"sum\": %d}\n", count,
           cpu_ns, wall_ns, load_peak_rss_kb(), sum);
}

#endif
