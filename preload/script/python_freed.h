/* Notices that CPython frees a code object, so that addresses within code need not be doubted at every capture.
 *
 * What is changed in the host: one word, PyCode_Type.tp_dealloc, through which every code object is destroyed. It is stored
 * once, atomically, and leads to a function of ours that counts and jumps to the one that stood there. Code objects are
 * seen by nobody else, the type cannot be inherited from, and what the interpreter does stays the same. The word is replaced
 * only when the type is named "code", the word leads into the interpreter's own instructions and lies in memory that its
 * program headers call writable; else, and when somebody else has put another function there since, n1_python_freed() is 0
 * and every frame is read at every capture.
 */
#ifndef N1_PRELOAD_PYTHON_FREED_H
#define N1_PRELOAD_PYTHON_FREED_H

#include <stdatomic.h>
#include <stdint.h>

#include "preload/base/process.h"
#include "preload/binding/modules.h"

typedef void n1_python_destructor(void *object);
typedef _Atomic(n1_python_destructor *) n1_python_slot;

extern N1_HIDDEN struct n1_python_freed {
    n1_python_slot *slot;   /* PyCode_Type.tp_dealloc; NULL: it is not ours to watch */
    _Atomic uint64_t count; /* of code objects that were freed, and 1 */
} n1_python_freed_state;

void n1_python_count_freed(void *code) N1_HIDDEN;

/* Begins to watch. Under the stack lock, once for each interpreter that is loaded. */
void n1_python_freed_watch(const struct n1_module *interpreter, uintptr_t code_type);

/* What this was before is what it was: while the number stays the same, no code object was freed. 0: not known. */
static inline uint64_t n1_python_freed(void)
{
    const struct n1_python_freed *state = &n1_python_freed_state;
    if (N1_UNLIKELY(!state->slot || atomic_load_explicit(state->slot, memory_order_relaxed) != n1_python_count_freed))
        return 0;
    return atomic_load_explicit(&state->count, memory_order_acquire);
}

#endif
