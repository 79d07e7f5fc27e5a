/* A capture in the middle of the hook that begins most executions: what n1_stack_capture does (stack.h), without a call. What
 * it costs is above all how much code it is: a look-up in a database fills the instruction cache as it is, and each line
 * of ours throws one of its out.
 *
 *     N1_STACK_ENTRY(step, step_at);          int step(a, b, c): leaves its caller's registers on the stack, and goes on:
 *     int step_at(a, b, c, const struct n1_unwind_entry *entry) { … e->stack = n1_stack_at(entry); … }
 *
 * The walk starts at the caller of step (of the hook, where that jumps to step), and each register has an address that can be
 * compared later. Nothing is restored because the callee keeps them.
 *
 * Thread rule: as n1_stack_capture, and the caller is busy (thread.h), so that no signal's handler captures meanwhile.
 */
#ifndef N1_PRELOAD_STACK_ENTRY_H
#define N1_PRELOAD_STACK_ENTRY_H

#include "preload/script/frames.h"
#include "preload/stacks/stack_paths.h"

/* What a thread knows. Zero in a new thread. */
struct n1_stack_thread {
    struct n1_stack_bounds bounds;
    struct n1_paths *paths;
    struct n1_paths
        *free_paths;        /* the same while nobody uses them: a signal handler must not touch them then; else NULL */
    struct n1_paths **home; /* where paths is kept when the thread ends; NULL: nowhere */
    int32_t captures_to_check; /* until the objects of the process are looked at again */
    bool is_cold;              /* on the long way: a signal handler must not go there */
};
extern N1_HIDDEN _Thread_local struct n1_stack_thread n1_stack_thread __attribute__((tls_model("initial-exec")));

/* The path is not known, or its objects are to be looked at again. */
uint32_t n1_stack_at_unknown(const struct n1_unwind_entry *entry);

/* The id of a path that this thread knows, or 0. */
static inline uint32_t n1_stack_find(const struct n1_unwind_entry *entry, bool is_interruptible)
{
    struct n1_stack_thread *own = &n1_stack_thread;
    const uintptr_t base = (uintptr_t)entry;
    const uint64_t script = n1_frames_sign();
    struct n1_paths *paths = own->free_paths;
    if (N1_UNLIKELY(--own->captures_to_check < 0 || !paths || base < own->bounds.low || base >= own->bounds.high))
        return 0;
    if (is_interruptible) {
        own->free_paths = NULL;
        atomic_signal_fence(memory_order_seq_cst);
    }
    const uint32_t stack = n1_paths_find(paths, base, own->bounds.high, script);
    if (is_interruptible) {
        atomic_signal_fence(memory_order_seq_cst);
        own->free_paths = paths;
    }
    return stack;
}

static inline uint32_t n1_stack_at(const struct n1_unwind_entry *entry)
{
    const uint32_t stack = n1_stack_find(entry, false);
    return N1_LIKELY(stack) ? stack : n1_stack_at_unknown(entry);
}

#define N1_STACK_TEXT(x) #x
#define N1_STACK_ENTRY(name, body)                                                                                     \
    __asm__(".section .text.hot, \"ax\", @progbits\n"                                                                  \
            ".p2align 4\n"                                                                                             \
            ".globl " N1_STACK_TEXT(name) "\n"                                                                         \
                                          ".type " N1_STACK_TEXT(name) ", @function\n" N1_STACK_TEXT(                  \
                                              name) ":\n"                                                              \
                                                    "    .cfi_startproc\n"                                             \
                                                    "    endbr64\n"                                                    \
                                                    "    pushq %rbp\n"                                                 \
                                                    "    pushq %r15\n"                                                 \
                                                    "    pushq %r14\n"                                                 \
                                                    "    pushq %r13\n"                                                 \
                                                    "    pushq %r12\n"                                                 \
                                                    "    pushq %rbx\n"                                                 \
                                                    "    .cfi_adjust_cfa_offset 48\n"                                  \
                                                    "    movq %rsp, %rcx\n"                                            \
                                                    "    subq $8, %rsp\n"                                              \
                                                    "    .cfi_adjust_cfa_offset 8\n"                                   \
                                                    "    call " N1_STACK_TEXT(                                         \
                                                        body) "\n"                                                     \
                                                              "    addq $56, %rsp\n"                                   \
                                                              "    .cfi_adjust_cfa_offset -56\n"                       \
                                                              "    ret\n"                                              \
                                                              "    .cfi_endproc\n"                                     \
                                                              "    .size " N1_STACK_TEXT(name) ", . - " N1_STACK_TEXT( \
                                                                  name) "\n"                                           \
                                                                        ".text\n")

#endif
