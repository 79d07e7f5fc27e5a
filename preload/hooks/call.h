/* Whose is this call? What every hook asks before it records: a library calls itself, and what it calls may call back. */
#ifndef N1_PRELOAD_CALL_H
#define N1_PRELOAD_CALL_H

#include "preload/binding/real.h"
#include "preload/recorder/thread.h"

/* The provider of a call that makes a handle. Takes what a door has said (redirect.h). */
static inline const struct n1_provider *n1_call_maker(enum n1_dialect dialect, const void *caller)
{
    const void *meant_for = n1_thread_self.meant_for;
    n1_thread_self.meant_for = NULL;
    return n1_real_maker(dialect, caller, meant_for);
}

/* True for a call that the library makes to itself and that is not to be recorded. */
static inline bool n1_call_is_inner(struct n1_thread *self, const struct n1_provider *provider, const void *caller)
{
    if (N1_LIKELY((uintptr_t)caller - provider->code >= provider->code_bytes))
        return false;
    n1_thread_forget_left(self, __builtin_frame_address(0));
    if (self->script_depth && self->script_depth == self->depth) {
        self->script_seen++;
        return false;
    }
    return self->depth > 0 || !provider->is_embedded;
}

/* True for a call that is only to be passed on: there is nothing to call, the recorder is off or busy (self is NULL), or the
 * library calls itself. Leaves the recorder then. */
static inline bool n1_call_is_passed_on(struct n1_thread *self, const struct n1_provider *provider, const void *caller)
{
    if (provider && self && !n1_call_is_inner(self, provider, caller))
        return false;
    if (self)
        n1_thread_leave(self);
    return true;
}

#endif
