/* Ticks: the time-stamp counter where the kernel itself trusts it (current_clocksource is tsc and the CPU says that it runs at
 * one rate in every state), else CLOCK_MONOTONIC in nanoseconds. Readers turn ticks into nanoseconds with pairs of both
 * that the recorder writes at its start and at every drain.
 */
#ifndef N1_PRELOAD_CLOCK_H
#define N1_PRELOAD_CLOCK_H

#include <stdint.h>
#include <x86intrin.h>

#include "trace/format.h"

extern enum n1_clock n1_clock_kind;

/* Decides once; later calls keep the decision. */
void n1_clock_init(void);

uint64_t n1_clock_monotonic_ns(void);

static inline uint64_t n1_clock_tick(void)
{
    return n1_clock_kind == N1_CLOCK_TSC ? __rdtsc() : n1_clock_monotonic_ns();
}

#endif
