/* The call path of the calling thread as one number: native frames, script frames merged in, innermost first.
 *
 * n1_stack_capture() costs a hash: every word of the stack that an earlier, full unwinding of the same path depended on
 * (return addresses, saved frame pointers that a frame address was computed from) is read again and hashed, about 0.3 ns a
 * frame, and so are script frames, about 1 ns a frame (stack_paths.h). When the hash is not known, the path is
 * unwound by rules cached for each return address (unwind.h), looked up among the paths written so far (stack_table.h) and
 * written to the dictionary if it is new.
 *
 *     void hook(…) { … exec.stack = n1_stack_capture(); … }
 *
 * The innermost frame reported is the caller of the hook: frames of the shim's own library are left out wherever they
 * stand. (When these rooms are linked into a program, in tests, only n1_stack_capture itself is left out.)
 *
 * Any thread, any stack (a signal's, a coroutine's: slower, because every read is checked). Never allocates, never blocks but
 * for another thread's writing of a new stack, keeps errno. Not reentrant: a capture from a signal handler that interrupts a
 * cold capture of the same thread returns 0 and is counted in N1_LOST_STACKS.
 */
#ifndef N1_PRELOAD_STACK_H
#define N1_PRELOAD_STACK_H

#include <stdint.h>

/* The process-wide id of the present call path; its STACK entry (and the MODULE and FRAME entries that it needs) is in the
 * dictionary. 0 when there is none: counted in N1_LOST_STACKS. */
uint32_t n1_stack_capture(void);

/* What the calling thread remembers is kept in *home from now on (NULL there: nothing yet), so that the next thread may take it
 * over. Without a home the memory (100 KiB, and 130 KiB of which a few are touched) is lost with the thread. */
struct n1_stack_home {
    void *paths;   /* call paths (stack_paths.h) */
    void *scripts; /* script frames (script/remembered.h) */
};
void n1_stack_adopt(struct n1_stack_home *home);

/* Call after an object was unloaded (dlclose): cached rules and paths are dropped. Without it a change is noticed when a
 * new path is seen, or after some thousand captures of a thread. Any thread, cheap. */
void n1_stack_modules_changed(void);

#endif
