/* A capture in the middle of the hook that begins most executions: what n1_stack_capture does (stack.h), without a call. What
 * it costs is above all how much code it is: a look-up in a database fills the instruction cache as it is, and each line
 * of ours throws one of its out.
 *
 *     N1_STACK_AROUND(step, "11", begins, ended);   int step(a, b, c): leaves its caller's registers on the stack, calls begins,
 *                                             the function whose address that returned, and ended, whose result is its own
 *     function *begins(a, b, c, struct n1_stack_around *around) { … e->stack = n1_stack_at(&around->entry); … }
 *     int ended(int rc, struct n1_stack_around *around);
 *     N1_STACK_ENTRY(capture, capture_at);    the entry alone: capture_at(a, b, c, entry)
 *
 * The walk starts at the caller of step (of the hook, where that jumps to step), and each register has an address that can be
 * compared later. Nothing is restored because the callees keep them. The call in the middle has one frame of ours above it and no
 * second one: a processor remembers some tens of return addresses, a database nests deep, and each frame that does not fit any
 * more costs a program that returns as far one misprediction, 8 ns.
 *
 * Thread rule: as n1_stack_capture, and the caller is busy (thread.h), so that no signal's handler captures meanwhile.
 */
#ifndef N1_PRELOAD_STACK_ENTRY_H
#define N1_PRELOAD_STACK_ENTRY_H

#include "preload/script/frames.h"
#include "preload/stacks/stack_paths.h"

/* What a thread knows. Zero in a new thread. */
struct n1_stack_thread {
    /* For finding: what bounds and paths say, while nobody uses the paths; else `reach_bytes` is 0, for a signal handler must not
     * touch them then. */
    uintptr_t high, reach_bytes;
    struct n1_paths *paths;
    int32_t captures_to_check; /* until the objects of the process are looked at again */
    bool is_cold;              /* on the long way: a signal handler must not go there */
    struct n1_stack_bounds bounds;
    struct n1_paths **home; /* where paths is kept when the thread ends; NULL: nowhere */
};
extern N1_HIDDEN _Thread_local struct n1_stack_thread n1_stack_thread __attribute__((tls_model("initial-exec")));

/* The path is not known, or its objects are to be looked at again. */
uint32_t n1_stack_at_unknown(const struct n1_unwind_entry *entry);

/* The id of a path that this thread knows, or 0. */
static inline uint32_t n1_stack_find(const struct n1_unwind_entry *entry, bool is_interruptible)
{
    struct n1_stack_thread *own = &n1_stack_thread;
    const uint64_t script = n1_frames_sign();
    const uintptr_t base = (uintptr_t)entry, reach_bytes = own->reach_bytes, left_bytes = own->high - base;
    if (N1_UNLIKELY(--own->captures_to_check < 0 || left_bytes - 1 >= reach_bytes))
        return 0;
    if (is_interruptible) {
        own->reach_bytes = 0;
        atomic_signal_fence(memory_order_seq_cst);
    }
    const uint32_t stack = n1_paths_find(own->paths, base, left_bytes, script);
    if (is_interruptible) {
        atomic_signal_fence(memory_order_seq_cst);
        own->reach_bytes = reach_bytes;
    }
    return stack;
}

static inline uint32_t n1_stack_at(const struct n1_unwind_entry *entry)
{
    const uint32_t stack = n1_stack_find(entry, false);
    return N1_LIKELY(stack) ? stack : n1_stack_at_unknown(entry);
}

/* What stands on the stack during a call that N1_STACK_AROUND makes: `kept` is the hook's own; its first word goes to the
 * function that is called. */
struct n1_stack_around {
    const void *kept[3];
    struct n1_unwind_entry entry;
};

#define N1_STACK_TEXT(x) #x
#define N1_STACK_BEGIN(name, section)                                                                                  \
    ".section " section ", \"ax\", @progbits\n"                                                                        \
    ".p2align 4\n"                                                                                                     \
    ".globl " name "\n"                                                                                                \
    ".type " name ", @function\n" name ":\n"                                                                           \
    "    .cfi_startproc\n"                                                                                             \
    "    endbr64\n"                                                                                                    \
    "    pushq %rbp\n"                                                                                                 \
    "    pushq %r15\n"                                                                                                 \
    "    pushq %r14\n"                                                                                                 \
    "    pushq %r13\n"                                                                                                 \
    "    pushq %r12\n"                                                                                                 \
    "    pushq %rbx\n"                                                                                                 \
    "    .cfi_adjust_cfa_offset 48\n"
#define N1_STACK_END(name)                                                                                             \
    "    ret\n"                                                                                                        \
    "    .cfi_endproc\n"                                                                                               \
    "    .size " name ", . - " name "\n"                                                                               \
    ".text\n"

#define N1_STACK_ENTRY(name, body)                                                                                     \
    __asm__(                                                                                                           \
        N1_STACK_BEGIN(N1_STACK_TEXT(name),                                                                            \
                       ".text.hot") "    movq %rsp, %rcx\n"                                                            \
                                    "    subq $8, %rsp\n"                                                              \
                                    "    .cfi_adjust_cfa_offset 8\n"                                                   \
                                    "    call " N1_STACK_TEXT(body) "\n"                                               \
                                                                    "    addq $56, %rsp\n"                             \
                                                                    "    .cfi_adjust_cfa_offset -56\n" N1_STACK_END(   \
                                                                        N1_STACK_TEXT(name)))

#define N1_STACK_AROUND(name, place, begin, end)                                                                       \
    __asm__(N1_STACK_BEGIN(N1_STACK_TEXT(name),                                                                        \
                           N1_WAY_SECTION(place)) "    subq $24, %rsp\n"                                               \
                                                  "    .cfi_adjust_cfa_offset 24\n"                                    \
                                                  "    movq %rsp, %rcx\n"                                              \
                                                  "    call " N1_STACK_TEXT(                                           \
                                                      begin) "\n"                                                      \
                                                             "    movq (%rsp), %rdi\n"                                 \
                                                             "    call *%rax\n"                                        \
                                                             "    movl %eax, %edi\n"                                   \
                                                             "    movq %rsp, %rsi\n"                                   \
                                                             "    call " N1_STACK_TEXT(                                \
                                                                 end) "\n"                                             \
                                                                      "    addq $72, %rsp\n"                           \
                                                                      "    .cfi_adjust_cfa_offset -72\n" N1_STACK_END( \
                                                                          N1_STACK_TEXT(name)))

#endif
