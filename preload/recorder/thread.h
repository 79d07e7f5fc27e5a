/* One thread's part of the recorder: who it is, which slot it writes to, whether it is inside the recorder already.
 *
 * The struct lies in initial-exec TLS: no allocation, no lock, no destructor. What must outlive the thread (staged cells,
 * the encoder, caches) lies in its slot (ring.h), which the next thread takes over once this one is dead.
 *
 * Every hook:
 *     struct n1_thread *self = n1_thread_enter();        NULL: not recording, or we are in our own code already
 *     if (self) { … n1_thread_leave(self); }             (a signal handler that queries while we record: counted as lost)
 */
#ifndef N1_PRELOAD_THREAD_H
#define N1_PRELOAD_THREAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/base/process.h"

struct n1_slot;
struct n1_statement;

struct n1_thread {
    uint32_t generation; /* of n1_live when the slot was taken; another one while there is none to be had */
    uint32_t asked;      /* of n1_live when it was first asked for */
    uint32_t is_busy;    /* inside the recorder: hooks pass through */
    uint32_t depth;      /* real library functions that are running below us on this thread */
    uint32_t tid;
    uint32_t script_depth; /* depth inside the sqlite3_exec or PQexec whose inner calls are to be recorded; 0: none */
    uint32_t script_seen;  /* such calls, since that function was entered */
    const void
        *script_statement;  /* what the library prepared in that function last; it is finalized out of our sight */
    uint32_t lost;          /* executions that found no room since the last LOST record */
    uint64_t scan;          /* a number that no other thread or generation has; 0: none yet (execution.h) */
    const void *call_frame; /* of the hook that went from depth 0 to 1 */
    const void *meant_for;  /* the real function that a door (redirect.h) was made for; taken by n1_call_maker */
    struct n1_slot *slot;   /* NULL: none to be had */
    struct n1_statement
        *last_statement; /* shortcuts of the statement map; valid while the handle is the one looked … */
    struct n1_statement *other_statement; /* … for; never NULL. The one used before the last: a cursor and its child */
};

extern N1_HIDDEN _Thread_local struct n1_thread n1_thread_self __attribute__((tls_model("initial-exec")));

/* First call of a thread in a generation: gets a tid and a slot. Without a slot every call is one: it is looked for again
 * when that is due (retry.h), and the caller counts what is lost until then. */
struct n1_thread *n1_thread_enter_first(void);

static inline struct n1_thread *n1_thread_enter(void)
{
    struct n1_thread *self = &n1_thread_self;
    const uint32_t generation = atomic_load_explicit(&n1_live.generation, memory_order_acquire);
    if (N1_UNLIKELY(generation == 0 || self->generation != generation || self->is_busy))
        return n1_thread_enter_first();
    self->is_busy = 1;
    atomic_signal_fence(memory_order_seq_cst);
    return self;
}

/* A slot goes to another thread once the kernel says that its owner is gone (ring.c). The kernel's own order makes that right, and
 * ThreadSanitizer cannot see it: it is told. */
#ifdef __SANITIZE_THREAD__
void __tsan_release(void *address);
void __tsan_acquire(void *address);
#    define N1_TSAN_RELEASE(address) __tsan_release(address)
#    define N1_TSAN_ACQUIRE(address) __tsan_acquire(address)
#else
#    define N1_TSAN_RELEASE(address) (void)(address)
#    define N1_TSAN_ACQUIRE(address) (void)(address)
#endif

/* It has a slot of this process, or nobody records. */
static inline bool n1_thread_is_recording(const struct n1_thread *self)
{
    return self->generation == atomic_load_explicit(&n1_live.generation, memory_order_acquire);
}

static inline void n1_thread_leave(struct n1_thread *self)
{
    N1_TSAN_RELEASE(self->slot);
    atomic_signal_fence(memory_order_seq_cst);
    self->is_busy = 0;
}

/* Neither inside the recorder nor in a real function below one of our hooks; both words at once. */
static inline bool n1_thread_is_outside(const struct n1_thread *self)
{
    uint64_t both;
    _Static_assert(offsetof(struct n1_thread, depth) == offsetof(struct n1_thread, is_busy) + 4, "neighbours");
    __builtin_memcpy(&both, &self->is_busy, sizeof both);
    return both == 0;
}

/* An execution of this thread's that is not recorded: counted, and said where the thread's events go on. */
static inline void n1_thread_lose(struct n1_thread *self)
{
    n1_count(N1_LOST_EVENTS, 1);
    self->lost++;
}

/* A call of the program's at `frame` is not below one that began at the same place of the stack or further in: that one was
 * left by a longjmp. */
static inline void n1_thread_forget_left(struct n1_thread *self, const void *frame)
{
    if (self->depth && (uintptr_t)frame >= (uintptr_t)self->call_frame)
        self->depth = self->script_depth = 0;
}

/* Around a call of the real library: its own calls come back into our hooks. A longjmp may leave in between, so the depth of
 * before is restored, not counted down, and the frame of the outermost call tells a stale depth.
 *     const uint32_t depth = n1_thread_call(self);
 *     rc = real(…);
 *     n1_thread_return(self, depth);
 */
static inline uint32_t n1_thread_call_at(struct n1_thread *self, const void *frame)
{
    const uint32_t depth = self->depth;
    if (depth == 0)
        self->call_frame = frame;
    self->depth = depth + 1;
    n1_thread_leave(self);
    return depth;
}

static inline uint32_t n1_thread_call(struct n1_thread *self)
{
    return n1_thread_call_at(self, __builtin_frame_address(0));
}

static inline void n1_thread_return(struct n1_thread *self, uint32_t depth)
{
    self->is_busy = 1;
    atomic_signal_fence(memory_order_seq_cst);
    self->depth = depth;
}

/* Inside a call of the real library that is still under way: a callback of the program's. */
static inline bool n1_thread_is_nested(const struct n1_thread *self)
{
    return self->depth > 0 && (uintptr_t)__builtin_frame_address(0) < (uintptr_t)self->call_frame;
}

#endif
