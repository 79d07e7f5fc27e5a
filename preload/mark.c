/* The recorder's end of mark.h: SCOPE events. */
#include "preload/mark.h"

#include "preload/base/clock.h"
#include "preload/base/dictionary.h"
#include "preload/recorder/ring.h"
#include "preload/recorder/thread.h"

static void mark(enum n1_scope_kind kind, const char *name)
{
    struct n1_thread *self = n1_thread_enter();
    if (!self)
        return;
    const uint32_t string = name && self->slot ? n1_dictionary_name(name) : 0;
    if (string) {
        uint8_t *p = n1_slot_room(self->slot, N1_ENCODE_SMALL_BOUND);
        n1_slot_commit(self->slot, n1_encode_scope(&self->slot->encoder, p, n1_clock_tick(), kind, string));
    }
    n1_thread_leave(self);
}

N1_EXPORT void n1prof_mark_enter(const char *name)
{
    mark(N1_SCOPE_ENTER, name);
}

N1_EXPORT void n1prof_mark_leave(const char *name)
{
    mark(N1_SCOPE_LEAVE, name);
}

N1_EXPORT void n1prof_mark_relation(const char *name)
{
    mark(N1_SCOPE_RELATION, name);
}
