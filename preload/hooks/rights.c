/* chroot, setuid and its kin: after them the recording's directory may be out of reach, so a process that has not begun to record
 * does so before. (What is open stays open; place.h.) A child that such a process forks later cannot make files of its own: its
 * statements are counted as lost. */
#include <dlfcn.h>
#include <errno.h>
#include <unistd.h>

#include "preload/base/process.h"
#include "preload/recorder/generation.h"

int chroot(const char *path);
int setuid(uid_t user);
int setreuid(uid_t real, uid_t effective);
int setresuid(uid_t real, uid_t effective, uid_t saved);

static void begin(void)
{
    if (!n1_process.is_off && geteuid() == 0)
        n1_generation_start();
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

N1_EXPORT int setreuid(uid_t real_user, uid_t effective)
{
    NEXT(setreuid, real_user, effective);
}

N1_EXPORT int setresuid(uid_t real_user, uid_t effective, uid_t saved)
{
    NEXT(setresuid, real_user, effective, saved);
}
