#include "preload/stacks/stack.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "preload/base/process.h"
#include "preload/stacks/stack_cold.h"
#include "preload/stacks/stack_entry.h"

enum { CHECK_EVERY = 4096 }; /* captures of a thread between two looks at the objects of the process */

_Thread_local struct n1_stack_thread n1_stack_thread __attribute__((tls_model("initial-exec")));
#define self n1_stack_thread

uint32_t n1_stack_at_entry(void *a, void *b, void *c, const struct n1_unwind_entry *entry)
    __attribute__((used, visibility("hidden")));
__asm__(".hidden n1_stack_capture");
N1_STACK_ENTRY(n1_stack_capture, n1_stack_at_entry);

/* The paths may be used from now on, if there are any. */
static void free_paths(void)
{
    self.high = self.bounds.high;
    atomic_signal_fence(memory_order_seq_cst);
    self.reach_bytes = self.paths ? self.bounds.high - self.bounds.low : 0;
}

void n1_stack_adopt(struct n1_stack_home *home)
{
    self.reach_bytes = 0;
    atomic_signal_fence(memory_order_seq_cst);
    self.home = (struct n1_paths **)&home->paths;
    self.paths = *self.home;
    free_paths();
    n1_frames_adopt(&home->scripts);
}

static N1_COLD uint32_t go_long_way(const struct n1_unwind_entry *entry)
{
    if (self.is_cold) {
        n1_count(N1_LOST_STACKS, 1);
        return 0;
    }
    const bool is_free = self.reach_bytes || !self.paths || !self.bounds.high;
    self.is_cold = true;
    self.reach_bytes = 0;
    atomic_signal_fence(memory_order_seq_cst);
    n1_stack_bounds_reach(&self.bounds, (uintptr_t)entry);
    const uint32_t stack = n1_stack_cold(entry, self.bounds, is_free ? &self.paths : NULL);
    if (self.home)
        *self.home = self.paths;
    if (is_free)
        free_paths();
    self.is_cold = false;
    return stack;
}

static N1_COLD void check_objects(void)
{
    self.captures_to_check = CHECK_EVERY;
    if (self.is_cold)
        return;
    self.is_cold = true;
    n1_stack_recheck();
    self.is_cold = false;
}

N1_COLD uint32_t n1_stack_at_unknown(const struct n1_unwind_entry *entry)
{
    if (self.captures_to_check < 0) {
        check_objects();
        const uint32_t stack = n1_stack_find(entry, true);
        if (stack)
            return stack;
    }
    return go_long_way(entry);
}

uint32_t n1_stack_at_entry(void *a, void *b, void *c, const struct n1_unwind_entry *entry)
{
    (void)a;
    (void)b;
    (void)c;
    const uint32_t stack = n1_stack_find(entry, true);
    return N1_LIKELY(stack) ? stack : n1_stack_at_unknown(entry);
}
