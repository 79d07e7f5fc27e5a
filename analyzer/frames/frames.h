/* Call stacks as a person reads them: recorded return addresses become functions, files and lines; every frame is judged
 * to be the user's own code or somebody else's.
 *
 * Not an unwinder: it reads what the shim recorded. It never runs code of the recorded program and never uses the network.
 *
 * Native addresses are looked up offline in the module's file, when its build id is the recorded one, or in its separate
 * debug file (by build id under the debug directories, or by debug link). Inlined functions get frames of their own.
 * Without debug information the symbol table names the function; without that it is called "module+0x1234". Script frames
 * stay as the interpreter told them.
 *
 * Stacks are interned: equal frames give the same pointer, whichever process, thread or load address they came from, so
 * that "same call path" is a pointer comparison. Everything returned is owned by struct n1_frames and lives as long as it.
 * An address is looked up once; a stack is built once for each process and id. Bounded: n1_frames_cut(). One thread at a time.
 *
 *     struct n1_frames *frames = n1_frames_new(trace, NULL);
 *     const struct n1_stack *stack = n1_frames_stack(frames, ev.process, ev.stack);
 *     struct n1_location where = n1_stack_location(stack);
 *     …
 *     n1_frames_free(frames);
 */
#ifndef N1_ANALYZER_FRAMES_H
#define N1_ANALYZER_FRAMES_H

#include <stdint.h>

#include "analyzer/finding.h"
#include "trace/read.h"

/* Lists are NULL-terminated and may be NULL. A glob's '*' crosses '/'; it is matched against the source file, the same
 * relative to the recorded working directory, and the module's path. Globs overrule the built-in rules
 * (analyzer/frames/user_code.h), not_user_code overrules user_code. Borrowed: they outlive the struct n1_frames. */
struct n1_frames_options {
    const char *const *user_code;
    const char *const *not_user_code;
    const char *const *debug_directories; /* NULL: /usr/lib/debug */
};

/* trace and options are borrowed; options may be NULL. Never fails: a file that cannot be read only costs names. */
struct n1_frames *n1_frames_new(const struct n1_trace *trace, const struct n1_frames_options *options);

/* The stack of an event. NULL for id 0 and for an id whose entry was lost. */
const struct n1_stack *n1_frames_stack(struct n1_frames *frames, uint32_t process, uint32_t stack_id);

/* Stacks that are not shown whole: there were too many different ones (32,768). They keep their innermost frames up to the second of
 * the user's own; beyond 65,536 different ones of these, none. */
uint64_t n1_frames_cut(const struct n1_frames *frames);

/* NULL is allowed. */
void n1_frames_free(struct n1_frames *frames);

/* The innermost frame of the user's own code; all fields unknown when there is none or stack is NULL. */
struct n1_location n1_stack_location(const struct n1_stack *stack);

#endif
