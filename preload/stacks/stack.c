#include "preload/stacks/stack.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "preload/recorder/process.h"
#include "preload/script/frames.h"
#include "preload/stacks/stack_cold.h"
#include "preload/stacks/stack_paths.h"

#define RECHECK_EVERY 4096U /* captures of a thread between two looks at the objects of the process */

/* What a thread knows. Zero in a new thread. */
struct thread_stack {
    struct n1_stack_bounds bounds;
    struct n1_paths *paths;
    struct n1_paths
        *free_paths;        /* the same while nobody uses them: a signal handler must not touch them then; else NULL */
    struct n1_paths **home; /* where paths is kept when the thread ends; NULL: nowhere */
    uint32_t captures;
    bool is_cold; /* on the long way: a signal handler must not go there */
};
static _Thread_local struct thread_stack self __attribute__((tls_model("initial-exec")));

/* The entry: leaves the callee-saved registers of its caller on the stack as a struct n1_unwind_entry, so that unwinding
 * starts outside of this library's compiled code and each register has an address that can be compared later. Nothing is
 * restored because the callee keeps them. */
__asm__(".text\n"
        ".p2align 4\n"
        ".globl n1_stack_capture\n"
        ".hidden n1_stack_capture\n"
        ".type n1_stack_capture, @function\n"
        "n1_stack_capture:\n"
        "    .cfi_startproc\n"
        "    endbr64\n"
        "    pushq %rbp\n"
        "    pushq %r15\n"
        "    pushq %r14\n"
        "    pushq %r13\n"
        "    pushq %r12\n"
        "    pushq %rbx\n"
        "    .cfi_adjust_cfa_offset 48\n"
        "    movq %rsp, %rdi\n"
        "    subq $8, %rsp\n"
        "    .cfi_adjust_cfa_offset 8\n"
        "    call n1_stack_at_entry\n"
        "    addq $56, %rsp\n"
        "    .cfi_adjust_cfa_offset -56\n"
        "    ret\n"
        "    .cfi_endproc\n"
        "    .size n1_stack_capture, . - n1_stack_capture\n");

uint32_t n1_stack_at_entry(const struct n1_unwind_entry *entry) __attribute__((used, visibility("hidden")));

void n1_stack_adopt(void **home)
{
    self.home = (struct n1_paths **)home;
    self.free_paths = self.paths = *self.home;
}

static N1_COLD uint32_t go_long_way(const struct n1_unwind_entry *entry)
{
    if (self.is_cold) {
        n1_count(N1_LOST_STACKS, 1);
        return 0;
    }
    const bool is_free = self.free_paths == self.paths;
    self.is_cold = true;
    self.free_paths = NULL;
    atomic_signal_fence(memory_order_seq_cst);
    n1_stack_bounds_reach(&self.bounds, (uintptr_t)entry);
    const uint32_t stack = n1_stack_cold(entry, self.bounds, is_free ? &self.paths : NULL);
    if (self.home)
        *self.home = self.paths;
    atomic_signal_fence(memory_order_seq_cst);
    if (is_free)
        self.free_paths = self.paths;
    self.is_cold = false;
    return stack;
}

static N1_COLD void recheck(void)
{
    if (self.is_cold)
        return;
    self.is_cold = true;
    n1_stack_recheck();
    self.is_cold = false;
}

uint32_t n1_stack_at_entry(const struct n1_unwind_entry *entry)
{
    const uintptr_t base = (uintptr_t)entry;
    const uint64_t script = n1_frames_sign();
    struct n1_paths *paths = self.free_paths;
    if (N1_UNLIKELY(++self.captures % RECHECK_EVERY == 0))
        recheck();
    if (N1_UNLIKELY(!paths || base < self.bounds.low || base >= self.bounds.high))
        return go_long_way(entry);
    self.free_paths = NULL;
    atomic_signal_fence(memory_order_seq_cst);
    const uint32_t stack = n1_paths_find(paths, base, self.bounds.high, script);
    atomic_signal_fence(memory_order_seq_cst);
    self.free_paths = paths;
    return N1_LIKELY(stack) ? stack : go_long_way(entry);
}
