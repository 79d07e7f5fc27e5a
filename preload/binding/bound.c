#include "preload/binding/bound.h"

#include <stdatomic.h>
#include <stddef.h>

static struct {
    _Atomic(const void *) dynamic; /* of the object; NULL: empty */
    _Atomic(const void *) function[N1_DIALECT_POSTGRES + 1];
} bound[N1_BOUND_OBJECTS];

void n1_bound_note(enum n1_dialect dialect, const void *dynamic, const void *function)
{
    for (int i = 0; i < N1_BOUND_OBJECTS; i++) {
        const void *at = NULL;
        if (!atomic_compare_exchange_strong(&bound[i].dynamic, &at, dynamic) && at != dynamic)
            continue;
        atomic_store(&bound[i].function[dialect], function);
        return;
    }
}

const void *n1_bound_function(enum n1_dialect dialect, const void *dynamic)
{
    for (int i = 0; dynamic && i < N1_BOUND_OBJECTS; i++) {
        const void *at = atomic_load(&bound[i].dynamic);
        if (at == dynamic)
            return atomic_load(&bound[i].function[dialect]);
        if (!at)
            break;
    }
    return NULL;
}
