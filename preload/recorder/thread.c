#include "preload/recorder/thread.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload/recorder/clock.h"
#include "preload/recorder/dictionary.h"
#include "preload/recorder/ring.h"
#include "preload/stacks/stack.h"

_Thread_local struct n1_thread n1_thread_self __attribute__((tls_model("initial-exec")));

/* The scope that the environment names: every thread enters it before its first record, and never leaves. */
static void enter_scope(struct n1_thread *self)
{
    const uint32_t name = n1_dictionary_name(n1_process.scope);
    if (!name)
        return;
    uint8_t *p = n1_slot_room(self->slot, N1_ENCODE_SMALL_BOUND);
    n1_slot_commit(self->slot, n1_encode_scope(&self->slot->encoder, p, n1_clock_tick(), N1_SCOPE_ENTER, name));
}

struct n1_thread *n1_thread_enter_first(void)
{
    struct n1_thread *self = &n1_thread_self;
    if (self->is_busy)
        return NULL;
    if (n1_process.is_off && atomic_load_explicit(&n1_live.generation, memory_order_relaxed) == 0)
        return NULL;
    self->is_busy = 1;
    atomic_signal_fence(memory_order_seq_cst);
    const uint32_t generation = n1_process_start();
    if (generation == 0) {
        n1_thread_leave(self);
        return NULL;
    }
    if (self->generation != generation) {
        const int saved = errno;
        self->tid = (uint32_t)syscall(SYS_gettid);
        errno = saved;
        self->last_statement = NULL;
        self->slot = n1_slot_take(self->tid);
        if (self->slot)
            n1_stack_adopt(&self->slot->stacks);
        self->generation = generation;
        if (N1_UNLIKELY(n1_process.scope != NULL) && self->slot)
            enter_scope(self);
    }
    return self;
}
