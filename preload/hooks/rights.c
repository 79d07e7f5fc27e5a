/* chroot, setuid and its kin, for good or for a while: after them the recording's directory may be out of reach, so a process that
 * has not begun to record does so before. (What is open stays open; place.h.) A child that such a process forks later cannot make
 * files of its own: its statements are counted as lost. */
#include <dlfcn.h>
#include <errno.h>
#include <unistd.h>

#include "preload/base/process.h"
#include "preload/recorder/generation.h"
#include "preload/recorder/thread.h"

int chroot(const char *path);
int setuid(uid_t user);
int seteuid(uid_t effective);
int setreuid(uid_t real, uid_t effective);
int setresuid(uid_t real, uid_t effective, uid_t saved);

static void begin(void)
{
    struct n1_thread *self = &n1_thread_self;
    if (n1_process.is_off || self->is_busy || geteuid() != 0)
        return;
    self->is_busy = 1; /* a handler of a signal that comes meanwhile must not wait for us */
    atomic_signal_fence(memory_order_seq_cst);
    n1_generation_start();
    n1_thread_leave(self);
}

/* Looked up each time: such calls are rare. */
static void *next(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    if (!function)
        errno = ENOSYS;
    return function;
}
#define NEXT(name, ...)                                                                                                \
    do {                                                                                                               \
        begin();                                                                                                       \
        __typeof__(&name) real = (__typeof__(&name))(uintptr_t)next(#name);                                            \
        return real ? real(__VA_ARGS__) : -1;                                                                          \
    } while (0)

N1_EXPORT int chroot(const char *path)
{
    NEXT(chroot, path);
}

N1_EXPORT int setuid(uid_t user)
{
    NEXT(setuid, user);
}

N1_EXPORT int seteuid(uid_t effective)
{
    NEXT(seteuid, effective);
}

N1_EXPORT int setreuid(uid_t real_user, uid_t effective)
{
    NEXT(setreuid, real_user, effective);
}

N1_EXPORT int setresuid(uid_t real_user, uid_t effective, uid_t saved)
{
    NEXT(setresuid, real_user, effective, saved);
}
