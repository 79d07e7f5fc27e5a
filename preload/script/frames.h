/* Script frames: what an interpreter that runs on the calling thread is doing, as frames with a file, a line and a function.
 * An interpreter is a row of the table in frames.c: a struct n1_interpreter of functions. The mechanism around it
 * (recognising known paths, merging with native frames, ids and FRAME entries) knows no interpreter by name.
 *
 * The rules for a reader's functions
 *   - They run inside a database call of the program: whatever lock the interpreter has may not be held (CPython's GIL is
 *     not). So: no call into the interpreter that takes a lock, allocates, counts references or can raise; read memory of
 *     frames that belong to this thread, which stands still below us.
 *   - Nothing is trusted until it was checked: detect() says yes only to a layout that it knows; the first walk reads
 *     through n1_stack_read and makes sure of it. In doubt say no: then the native frames of the interpreter are shown.
 *   - No malloc, no errno, no printing. On the stack at most about 1 KiB.
 *
 * An interpreter's object may be unloaded. The auditor says so before (audit.h), and the interpreter is not asked from then on, until it
 * is detected anew. Without an auditor nobody says it: a program that unloads its interpreter and goes on with its queries fails.
 *
 * How one call path is made of two: script frames come in runs. A run is what one activation of the interpreter's loop (one
 * native frame) executes, innermost frame first; its last frame has ends_run and, where the interpreter can tell, an anchor:
 * an address within that native frame. The run replaces that native frame. Without an anchor a run replaces the next
 * native frame for which runs_in() says yes. Runs that find no place stand behind the outermost frame.
 */
#ifndef N1_PRELOAD_FRAMES_H
#define N1_PRELOAD_FRAMES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "preload/base/process.h"
#include "preload/binding/modules.h"
#include "trace/format.h"

#define N1_FRAMES_MAX       N1_STACK_MAX
#define N1_FRAME_NAME_BYTES 512U
#define N1_FRAME_FILE_BYTES 4096U
#define N1_INTERPRETERS_MAX 8U

struct n1_script_frame {
    uint64_t key;     /* equal keys: the same file, line and function for certain (a hash of what they are read from) */
    const void *code; /* the reader's own: what is executed … */
    uintptr_t at;     /* … and where in it … */
    uintptr_t detail; /* … more exactly, where that is not enough */
    uintptr_t anchor; /* with ends_run: an address on the native stack, or 0 */
    bool ends_run;
    uint8_t interpreter; /* row of the table; set by n1_frames_walk */
};

/* UTF-8. Names that do not fit are cut. */
struct n1_frame_text {
    uint64_t line; /* 0: unknown */
    uint32_t function_bytes, file_bytes;
    char function[N1_FRAME_NAME_BYTES];
    char file[N1_FRAME_FILE_BYTES];
};

struct n1_interpreter {
    const char *name;
    enum n1_language language;
    /* Is this object the interpreter, in a version that can be read? Called once for each object that shows up on a stack,
     * under the stack lock; keeps the addresses of the symbols it needs (n1_module_symbol), and forgets what an object before, which
     * is unloaded by now, had proved. */
    bool (*detect)(const struct n1_module *module);
    /* A 64-bit hash of the thread's script frames, run ends included, as walk() would give them; 0: none. Called for every
     * capture: at most about 2 ns a frame. At most N1_FRAMES_MAX frames count. */
    uint64_t (*sign)(void);
    /* The frames, innermost first; returns how many. Nothing has happened on the thread since sign(). */
    uint32_t (*walk)(struct n1_script_frame *frames, uint32_t room);
    /* The text of a frame that walk() just gave. Under the stack lock. */
    bool (*describe)(const struct n1_script_frame *frame, struct n1_frame_text *text);
    /* Is this return address in the interpreter's loop? May be NULL when all runs have anchors. */
    bool (*runs_in)(uintptr_t ip);
};

extern const struct n1_interpreter n1_python, n1_ruby, n1_php, n1_perl, n1_node;

/* Bits of the table's rows that were detected in this process. */
extern N1_HIDDEN _Atomic uint32_t n1_frames_detected;

uint64_t n1_frames_sign_detected(uint32_t detected);

/* The signature of the calling thread's script frames; 0 when no interpreter runs. */
static inline uint64_t n1_frames_sign(void)
{
    const uint32_t detected = atomic_load_explicit(&n1_frames_detected, memory_order_acquire);
    return detected ? n1_frames_sign_detected(detected) : 0;
}

/* What the calling thread remembers of its script frames (remembered.h) is kept in *home from now on (NULL there: nothing yet),
 * so that the next thread may take it over. Without a home the memory is lost with the thread. */
void n1_frames_adopt(void **home);

/* Shows an object to the readers, each object once. Under the stack lock. */
void n1_frames_examine(uint32_t module);

/* The object with this dynamic section is about to be unmapped. Any thread, without a lock. */
void n1_frames_closed(const void *dynamic);

/* All script frames of the thread, interpreter after interpreter; returns how many. */
uint32_t n1_frames_walk(struct n1_script_frame *frames, uint32_t room);

/* The id of a frame, its FRAME entry written; 0 when it has no text or no room is left. Under the stack lock. */
uint32_t n1_frames_id(const struct n1_script_frame *frame);

bool n1_frames_run_in(uint32_t interpreter, uintptr_t ip);

#endif
