#include "failing.h"

#include <stdlib.h>

/* These run before a sanitizer is ready. */
#define EARLY __attribute__((no_sanitize("address", "undefined", "thread")))
/* Seen by the client libraries, whatever the build hides. */
#define EXPORTED EARLY __attribute__((visibility("default")))

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#    define REAL(f) __interceptor_##f
#else
#    define REAL(f) __libc_##f
#endif

extern void *REAL(malloc)(size_t);
extern void *REAL(calloc)(size_t, size_t);
extern void *REAL(realloc)(void *, size_t);

static struct {
    bool is_on, for_ever;
    unsigned long seen, at;
} plan;

void failing_start(unsigned long at, bool for_ever)
{
    plan.for_ever = for_ever;
    plan.seen = 0;
    plan.at = at;
    plan.is_on = true;
}

bool failing_stop(void)
{
    plan.is_on = false;
    return plan.seen >= plan.at;
}

EARLY static bool fails(void)
{
    if (!plan.is_on)
        return false;
    plan.seen++;
    return plan.for_ever ? plan.seen >= plan.at : plan.seen == plan.at;
}

EXPORTED void *malloc(size_t n)
{
    return fails() ? NULL : REAL(malloc)(n);
}

EXPORTED void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : REAL(calloc)(n, size);
}

EXPORTED void *realloc(void *p, size_t n)
{
    return fails() ? NULL : REAL(realloc)(p, n);
}
