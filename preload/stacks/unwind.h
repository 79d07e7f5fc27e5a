/* Walks the calling thread's native frames by the rules of .eh_frame, and notes every word of the stack that the walk
 * depended on, so that the next capture can tell by comparing those words that it would find the same frames.
 *
 * Two ways:
 *   fast  a rule for each return address, found once by running its call frame instructions and then kept in a table of
 *         the process: where the frame's end is (relative to the stack or frame pointer, or through one word), where the
 *         frame pointer was saved. About 7 ns a frame.
 *   full  all callee-saved registers, DWARF expressions and signal frames, rules worked out anew for every frame. Taken when
 *         some frame has no rule of the simple kind.
 * Both give the same frames. Code outside of all objects (just-in-time compiled), or in objects without unwind tables, is
 * taken to keep frame pointers as long as that leads to a near place on the same stack. An address that an object's tables do
 * not know ends the walk.
 *
 * The checks stand in the order in which the walk came to need them: the address of each is decided by the values of those
 * before it. That is what makes comparing them sound (stack_paths.h).
 *
 * Memory outside the thread's own stack is only read with n1_stack_read. Rules are read by all threads without a lock and
 * written under the stack lock. x86-64.
 */
#ifndef N1_PRELOAD_UNWIND_H
#define N1_PRELOAD_UNWIND_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/binding/readable.h"
#include "trace/format.h"

#define N1_UNWIND_FRAMES_MAX (N1_STACK_MAX + 16U) /* room for the shim's own */
#define N1_UNWIND_CHECKS_MAX (3U * N1_UNWIND_FRAMES_MAX)

/* What the entry (stack.c) left on the stack, lowest address first. Its address is the base that all offsets count
 * from. */
struct n1_unwind_entry {
    uint64_t rbx, r12, r13, r14, r15, rbp;
    uint64_t return_address;
};

struct n1_unwind_frame {
    uintptr_t ip;    /* return address, or for a frame that a signal interrupted the interrupted instruction + 1 */
    uintptr_t end;   /* the canonical frame address: the stack pointer of the caller */
    uint32_t module; /* n1_module_at */
};

/* One word of the stack. offset counts in words from the base. */
struct n1_unwind_check {
    uint64_t value; /* is_relative: minus the base */
    uint16_t offset;
    bool is_relative; /* the word is an address on the same stack */
};

struct n1_unwind {
    uintptr_t base;
    struct n1_stack_bounds bounds; /* of the thread's own stack */
    uint32_t n_frames, n_checks;
    bool is_broken;    /* not walked to the end, because the lock was not to be had: not to be used */
    bool is_cut;       /* there are more frames */
    bool is_checkable; /* the checks say it all: no read outside the own stack, above base, within 16-bit offsets */
    struct n1_unwind_frame frames[N1_UNWIND_FRAMES_MAX];
    struct n1_unwind_check checks[N1_UNWIND_CHECKS_MAX];
    uint64_t line[8];  /* the last block of foreign memory that was read … */
    uintptr_t line_at; /* … and where it stood */
};

/* Walks from the caller of n1_stack_capture outwards. Frame 0 is the one that called n1_stack_capture. */
void n1_unwind_walk(struct n1_unwind *walk, const struct n1_unwind_entry *entry, struct n1_stack_bounds bounds);

/* Drops all cached rules: objects came or went. Under the stack lock. */
void n1_unwind_forget(void);

#endif
