#include "preload/script/python_freed.h"

#include <string.h>

#include "preload/binding/readable.h"

/* PyTypeObject, the same in all these versions. */
enum { TYPE_NAME = 24, TYPE_DEALLOC = 48 };

struct n1_python_freed n1_python_freed_state = {.count = 1};

static n1_python_destructor *destroy; /* written before the slot leads here */

void n1_python_count_freed(void *code)
{
    atomic_fetch_add_explicit(&n1_python_freed_state.count, 1, memory_order_release);
    destroy(code);
}

static bool is_named_code(uintptr_t type)
{
    static const char wanted[] = "code";
    char name[sizeof wanted];
    const char *at;
    return n1_stack_read(type + TYPE_NAME, &at, sizeof at) == 0 &&
           n1_stack_read((uintptr_t)at, name, sizeof name) == 0 && memcmp(name, wanted, sizeof wanted) == 0;
}

void n1_python_freed_watch(const struct n1_module *interpreter, uintptr_t code_type)
{
    const uintptr_t at = code_type + TYPE_DEALLOC;
    n1_python_freed_state.slot = NULL; /* of an interpreter that was unloaded */
    atomic_fetch_add(&n1_python_freed_state.count, 1);
    if (at % sizeof(void *) || !is_named_code(code_type) ||
        n1_module_access(interpreter, at, sizeof(void *)) != N1_MODULE_WRITABLE)
        return;
    n1_python_slot *slot = (n1_python_slot *)at;
    destroy = atomic_load_explicit(slot, memory_order_relaxed);
    if (n1_module_access(interpreter, (uintptr_t)destroy, 1) != N1_MODULE_EXECUTABLE)
        return;
    atomic_store_explicit(slot, n1_python_count_freed, memory_order_release);
    n1_python_freed_state.slot = slot;
}
