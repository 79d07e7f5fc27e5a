/* Bindings that pass by the preloaded hooks, as the auditor (audit.h) reports them: each is turned to our hook, and which
 * copy of the library it was meant for is remembered.
 *
 * A hook usually knows the copy by the handle. Functions that make handles have none: a binding of one of them gets a door of
 * its own, which names the real function to the hook and goes on into it (n1_thread.meant_for). So a pointer from dlsym()
 * leads to the copy that it was asked of, whoever calls it. Calls of other functions on handles whose making was not seen
 * follow what the caller's object is bound to (bound.h).
 *
 * An object that defines the function itself and asks for the next one (another interposing library) is left alone.
 * At most N1_REDIRECT_DOORS copies for each function; what is beyond them goes to the hook and follows the rules for callers
 * (real.h). No lock: the dynamic linker holds its own. The outermost room of the shim: it names all hooks, and no other names it
 * but the constructor.
 */
#ifndef N1_PRELOAD_REDIRECT_H
#define N1_PRELOAD_REDIRECT_H

enum { N1_REDIRECT_DOORS = 8 };

/* Opens the audit door; by the shim's constructor when there is something to be recorded. */
void n1_redirect_open(void);

#endif
