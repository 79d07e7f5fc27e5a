/* The floor: the calls of a look-up are interposed and passed on, and nothing else. Preloaded by side_by_side.py. */
#include <dlfcn.h>
#include <sqlite3.h>

#define EXPORT __attribute__((visibility("default")))

/* NULL until the constructor; the load calls nothing before. */
static __typeof__(&sqlite3_step) real_step;
static __typeof__(&sqlite3_reset) real_reset;
static __typeof__(&sqlite3_bind_int64) real_bind;

__attribute__((constructor)) static void find(void)
{
    real_step = (__typeof__(real_step))dlsym(RTLD_NEXT, "sqlite3_step");
    real_reset = (__typeof__(real_reset))dlsym(RTLD_NEXT, "sqlite3_reset");
    real_bind = (__typeof__(real_bind))dlsym(RTLD_NEXT, "sqlite3_bind_int64");
}

EXPORT int sqlite3_step(sqlite3_stmt *statement)
{
    const int rc = real_step(statement);
    __asm__ volatile("" ::: "memory"); /* a call, not a jump: something would come behind it */
    return rc;
}

EXPORT int sqlite3_reset(sqlite3_stmt *statement)
{
    const int rc = real_reset(statement);
    __asm__ volatile("" ::: "memory");
    return rc;
}

EXPORT int sqlite3_bind_int64(sqlite3_stmt *statement, int i, sqlite3_int64 value)
{
    const int rc = real_bind(statement, i, value);
    __asm__ volatile("" ::: "memory");
    return rc;
}
