/* Ticks: the time-stamp counter where the kernel itself trusts it (current_clocksource is tsc and the CPU says that it runs at
 * one rate in every state), else CLOCK_MONOTONIC in nanoseconds. Readers turn ticks into nanoseconds with pairs of both
 * that the recorder writes at its start and at every drain.
 */
#ifndef N1_PRELOAD_CLOCK_H
#define N1_PRELOAD_CLOCK_H

#include <stdint.h>
#include <x86intrin.h>

#include "preload/base/process.h"
#include "trace/format.h"

extern N1_HIDDEN enum n1_clock n1_clock_kind;

/* Decides once; later calls keep the decision. */
void n1_clock_init(void);

uint64_t n1_clock_monotonic_ns(void);

/* When n1_clock_kind is N1_CLOCK_TSC. */
static inline uint64_t n1_clock_tick_tsc(void)
{
    return __rdtsc();
}

static inline uint64_t n1_clock_tick(void)
{
    return N1_LIKELY(n1_clock_kind == N1_CLOCK_TSC) ? n1_clock_tick_tsc() : n1_clock_monotonic_ns();
}

#endif
