/* The program's calls of hooked functions, observed. observed_calls.h, made of preload/shim.map by tests/unit/undisturbed.py, is
 * included before everything else (-include): it lists the functions, includes this, and puts a macro of the same name before each.
 * At exit each process prints a line for each function that it called:
 *     observed sqlite3_step: 6 calls, results 9c1a…, errno 0, masks changed 0
 * `results` is a sum over what the calls returned (of pointers whether there was one), so that threads may come in any order. Before
 * each call errno is a number that no call gives; "errno 0" says that it still was.
 */
#ifndef N1_TESTS_OBSERVED_H
#define N1_TESTS_OBSERVED_H

#include <errno.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef OBSERVED_FUNCTIONS
#    define OBSERVED_FUNCTIONS(X) X(sqlite3_step)
#endif

enum observed_function {
#define OBSERVED_NUMBER(name) OBSERVED_##name,
    OBSERVED_FUNCTIONS(OBSERVED_NUMBER) OBSERVED_COUNT
};
enum {
    OBSERVED_ERRNO = 250,
    OBSERVED_POINTER_CLASS = 5 /* __builtin_classify_type */,
    OBSERVED_MASK_BYTES = 8 /* that the kernel writes */
};

static struct observed {
    atomic_uint calls, masks_changed;
    atomic_ullong results;
    atomic_ullong errnos[4]; /* seen: a bit each */
} observed[OBSERVED_COUNT];

static inline void observed_begin(sigset_t *mask)
{
    pthread_sigmask(SIG_SETMASK, NULL, mask);
    errno = OBSERVED_ERRNO;
}

static inline void observed_end(enum observed_function function, const sigset_t *mask, const void *result, size_t bytes,
                                int class)
{
    const int after = errno;
    struct observed *o = &observed[function];
    const unsigned char is_there = class == OBSERVED_POINTER_CLASS && *(const void *const *)result != NULL;
    unsigned long long hash = 14695981039346656037ULL;
    sigset_t now;
    if (class == OBSERVED_POINTER_CLASS) {
        result = &is_there;
        bytes = 1;
    }
    for (size_t i = 0; i < bytes; i++)
        hash = (hash ^ ((const unsigned char *)result)[i]) * 1099511628211ULL;
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    atomic_fetch_add(&o->calls, 1);
    atomic_fetch_add(&o->masks_changed, memcmp(&now, mask, OBSERVED_MASK_BYTES) != 0);
    atomic_fetch_add(&o->results, hash);
    atomic_fetch_or(&o->errnos[(after & 255) / 64], 1ULL << (after & 63));
    errno = after;
}

static __attribute__((destructor)) void observed_print(void)
{
    static const char *const names[] = {
#define OBSERVED_NAME(name) #name,
        OBSERVED_FUNCTIONS(OBSERVED_NAME)};
    for (int i = 0; i < OBSERVED_COUNT; i++) {
        if (!observed[i].calls)
            continue;
        printf("observed %s: %u calls, results %llx, errno", names[i], observed[i].calls, observed[i].results);
        for (int number = 0; number < 256; number++)
            if (observed[i].errnos[number / 64] >> (number % 64) & 1)
                printf(" %d", number == OBSERVED_ERRNO ? 0 : number);
        printf(", masks changed %u\n", observed[i].masks_changed);
    }
    fflush(stdout);
}

#define OBSERVED(name, ...)                                                                                            \
    __extension__({                                                                                                    \
        sigset_t observed_mask;                                                                                        \
        observed_begin(&observed_mask);                                                                                \
        __auto_type observed_result = (name)(__VA_ARGS__);                                                             \
        observed_end(OBSERVED_##name, &observed_mask, &observed_result, sizeof observed_result,                        \
                     __builtin_classify_type(observed_result));                                                        \
        observed_result;                                                                                               \
    })
/* Of a function without a result. */
#define OBSERVED_VOID(name, ...)                                                                                       \
    do {                                                                                                               \
        sigset_t observed_mask;                                                                                        \
        observed_begin(&observed_mask);                                                                                \
        (name)(__VA_ARGS__);                                                                                           \
        observed_end(OBSERVED_##name, &observed_mask, "", 0, 0);                                                       \
    } while (0)

#endif
