/* The door between libn1prof_audit.so and the shim.
 *
 * Preloading puts our hooks first in the global scope. Two ways of loading pass by it: an object opened with RTLD_DEEPBIND
 * looks into its own libraries first, and dlsym() with a handle asks one library only. The dynamic linker tells auditors
 * (rtld-audit(7)) of those bindings too. Our auditor, audit.c, is a library of its own that lives in a namespace of its own,
 * without a C library and without state but the address of this door; every decision is taken in the shim (hooks/redirect.c).
 *
 * They tell of objects that are closed too, before they are unmapped: what the shim knows of interpreters lies in such objects
 * (script/frames.h), and is asked for at every capture.
 *
 * The auditor finds the shim by the name of this variable. Its functions are NULL until the shim's constructor has run and when
 * nothing is recorded: then nothing is redirected. What is bound before goes to the shim anyway or is nobody's business.
 * Called by the dynamic linker, which may hold its locks: nothing behind the door waits for a lock.
 */
#ifndef N1_PRELOAD_AUDIT_H
#define N1_PRELOAD_AUDIT_H

#include <link.h>

#define N1_AUDIT_DOOR "n1prof_audit_door"

/* What `name`, found at `real` in `definer`, shall be for `referrer` instead; NULL: leave it. */
typedef void *n1_audit_bind(const char *name, void *real, const struct link_map *referrer,
                            const struct link_map *definer);
/* An object goes, after its destructors: the one with this dynamic section. */
typedef void n1_audit_closed(const void *dynamic);

struct n1_audit_door {
    n1_audit_bind *bind;
    n1_audit_closed *closed;
};
extern struct n1_audit_door n1prof_audit_door;

#endif
