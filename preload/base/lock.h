/* A lock for cold paths only: new threads, new texts, the pool, opened and closed statements. Held for tens of instructions,
 * never around a call of the program's or of the database library's. It cannot deadlock on itself: a thread inside the
 * recorder is busy (thread.h), so a signal handler of its own passes through. In a forked child every lock is set to zero.
 */
#ifndef N1_PRELOAD_LOCK_H
#define N1_PRELOAD_LOCK_H

#include <sched.h>
#include <stdatomic.h>

struct n1_lock {
    atomic_flag is_held;
};

/* glibc's word for "no thread was ever made" (2.32); elsewhere not there. Without a second thread a plain store will do, and a locked
 * instruction costs some 20 cycles. */
extern char __libc_single_threaded __attribute__((weak));

static inline void n1_lock_take(struct n1_lock *lock)
{
    if (&__libc_single_threaded && __libc_single_threaded) {
        *(volatile char *)lock = 1; /* what n1_lock_give takes back */
        return;
    }
    for (unsigned tries = 1; atomic_flag_test_and_set_explicit(&lock->is_held, memory_order_acquire); tries++) {
        if (tries % 64 == 0)
            sched_yield();
        else
            __builtin_ia32_pause();
    }
}

static inline void n1_lock_give(struct n1_lock *lock)
{
    atomic_flag_clear_explicit(&lock->is_held, memory_order_release);
}

#endif
