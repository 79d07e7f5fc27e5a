#include "preload/base/clock.h"

#include <cpuid.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CLOCKSOURCE   "/sys/devices/system/clocksource/clocksource0/current_clocksource"
#define POWER_LEAF    0x80000007U
#define INVARIANT_BIT (1U << 8) /* of EDX: constant and non-stop (AMD manual 3, Intel SDM 3B 18.17.1) */

enum n1_clock n1_clock_kind = N1_CLOCK_MONOTONIC_NS;

uint64_t n1_clock_monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static bool kernel_uses_tsc(void)
{
    char name[8] = "";
    const int fd = open(CLOCKSOURCE, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    const ssize_t got = read(fd, name, sizeof name - 1);
    close(fd);
    return got >= 4 && memcmp(name, "tsc\n", 4) == 0;
}

void n1_clock_init(void)
{
    static bool is_decided;
    unsigned a, b, c, d;
    if (is_decided)
        return;
    is_decided = true;
    if (__get_cpuid(POWER_LEAF, &a, &b, &c, &d) && (d & INVARIANT_BIT) && kernel_uses_tsc())
        n1_clock_kind = N1_CLOCK_TSC;
}
