#include "preload/recorder/thread.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload/base/clock.h"
#include "preload/base/dictionary.h"
#include "preload/base/retry.h"
#include "preload/recorder/generation.h"
#include "preload/recorder/ring.h"
#include "preload/recorder/statement.h"
#include "preload/stacks/stack.h"

struct n1_statement n1_no_statement = {.handle = N1_SQLITE_NO_HANDLE, .execution.scan = UINT64_MAX};
_Thread_local struct n1_thread n1_thread_self __attribute__((tls_model("initial-exec"))) = {
    .last_statement = &n1_no_statement, .other_statement = &n1_no_statement};

static _Atomic uint64_t last_scan;

/* The scope that the environment names: every thread enters it before its first record, and never leaves. */
static void enter_scope(struct n1_thread *self)
{
    const uint32_t name = n1_dictionary_name(n1_process.scope);
    if (!name)
        return;
    uint8_t *p = n1_slot_room(self->slot, N1_ENCODE_SMALL_BOUND);
    n1_slot_commit(self->slot, n1_encode_scope(&self->slot->encoder, p, n1_clock_tick(), N1_SCOPE_ENTER, name));
}

static struct n1_retry room; /* files and slots fail for the same reasons */

static struct n1_slot *find_slot(uint32_t tid)
{
    struct n1_slot *slot = n1_generation_open_files() == 0 ? n1_slot_take(tid) : NULL;
    n1_retry_note(&room, !slot);
    if (slot && slot->header->tid != tid) {
        n1_execution_suspend(slot);
        n1_slot_rename(slot, tid);
    }
    return slot;
}

static void begin(struct n1_thread *self, uint32_t generation)
{
    const int saved = errno;
    const bool is_new = self->asked != generation;
    if (is_new) {
        self->asked = generation;
        self->tid = (uint32_t)syscall(SYS_gettid);
        self->last_statement = self->other_statement = &n1_no_statement;
        self->scan = atomic_fetch_add_explicit(&last_scan, 1, memory_order_relaxed) + 1;
        self->slot = NULL; /* the parent's */
    }
    if (is_new || n1_retry_is_due(&room))
        self->slot = find_slot(self->tid);
    if (self->slot) {
        n1_stack_adopt(&self->slot->stacks);
        self->generation = generation;
        if (N1_UNLIKELY(n1_process.scope != NULL))
            enter_scope(self);
    }
    errno = saved;
}

struct n1_thread *n1_thread_enter_first(void)
{
    struct n1_thread *self = &n1_thread_self;
    if (self->is_busy)
        return NULL;
    if (n1_process.is_off)
        n1_process_init();
    if (n1_process.is_off)
        return NULL;
    self->is_busy = 1;
    atomic_signal_fence(memory_order_seq_cst);
    const uint32_t generation = n1_generation_start();
    if (generation == 0) {
        n1_thread_leave(self);
        return NULL;
    }
    if (self->generation != generation)
        begin(self, generation);
    return self;
}
