#include "preload/hooks/redirect.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>

#include "preload/base/process.h"
#include "preload/binding/audit.h"
#include "preload/binding/bound.h"
#include "preload/binding/modules.h"
#include "preload/binding/real.h"
#include "preload/hooks/libpq.h"
#include "preload/recorder/thread.h"
#include "preload/script/frames.h"

N1_EXPORT struct n1_audit_door n1prof_audit_door;

/* ---- doors: functions that make handles, one for each copy ---------------------------------------------------------- */
// clang-format off
#define MAKERS(X) \
    X(sqlite3_open, int, (const char *name, sqlite3 **out), (name, out)) \
    X(sqlite3_open_v2, int, (const char *name, sqlite3 **out, int flags, const char *vfs), (name, out, flags, vfs)) \
    X(sqlite3_open16, int, (const void *name, sqlite3 **out), (name, out)) \
    X(PQconnectdb, PGconn *, (const char *info), (info)) \
    X(PQconnectdbParams, PGconn *, (const char *const *keywords, const char *const *values, int expand), \
      (keywords, values, expand)) \
    X(PQsetdbLogin, PGconn *, (const char *host, const char *port, const char *options, const char *tty, \
      const char *database, const char *login, const char *password), \
      (host, port, options, tty, database, login, password)) \
    X(PQconnectStart, PGconn *, (const char *info), (info)) \
    X(PQconnectStartParams, PGconn *, (const char *const *keywords, const char *const *values, int expand), \
      (keywords, values, expand))
#define EIGHT(X, ...) \
    X(0, __VA_ARGS__) X(1, __VA_ARGS__) X(2, __VA_ARGS__) X(3, __VA_ARGS__) \
    X(4, __VA_ARGS__) X(5, __VA_ARGS__) X(6, __VA_ARGS__) X(7, __VA_ARGS__)
// clang-format on

enum {
#define ENUMERATE(name, ...) MAKER_##name,
    MAKERS(ENUMERATE) N_MAKERS
#undef ENUMERATE
};

static _Atomic(void *) meant[N_MAKERS][N1_REDIRECT_DOORS]; /* the real function behind each door; NULL: free */

#define DOOR(k, name, type, parameters, arguments)                                                                     \
    static type name##_door_##k parameters                                                                             \
    {                                                                                                                  \
        n1_thread_self.meant_for = atomic_load_explicit(&meant[MAKER_##name][k], memory_order_relaxed);                \
        return name arguments;                                                                                         \
    }
#define DOORS(...) EIGHT(DOOR, __VA_ARGS__)
MAKERS(DOORS)

typedef void (*function)(void);
_Static_assert(N1_REDIRECT_DOORS == 8, "EIGHT makes as many");
static const function doors[N_MAKERS][N1_REDIRECT_DOORS] = {
#define ENTRY(k, name, ...) (function) name##_door_##k,
#define ROW(name, ...)      [MAKER_##name] = {EIGHT(ENTRY, name)},
    MAKERS(ROW)};

static void *door_of(int maker, void *real)
{
    for (int k = 0; k < N1_REDIRECT_DOORS; k++) {
        void *at = NULL;
        if (atomic_compare_exchange_strong(&meant[maker][k], &at, real) || at == real)
            return (void *)(uintptr_t)doors[maker][k];
    }
    return NULL;
}

/* ---- the decision --------------------------------------------------------------------------------------------------- */
static const struct {
    const char *name;
    function hook;
    enum n1_dialect dialect;
    int maker; /* −1: none */
} hooks[] = {
#define HOOK_SQLITE(fn)  {#fn, (function)fn, N1_DIALECT_SQLITE, -1},
#define MAKER_SQLITE(fn) {#fn, (function)fn, N1_DIALECT_SQLITE, MAKER_##fn},
#define HOOK_LIBPQ(fn)   {#fn, (function)fn, N1_DIALECT_POSTGRES, -1},
#define MAKER_LIBPQ(fn)  {#fn, (function)fn, N1_DIALECT_POSTGRES, MAKER_##fn},
    N1_SQLITE_MAKERS(MAKER_SQLITE) N1_SQLITE_HOOKED(HOOK_SQLITE) N1_LIBPQ_MAKERS(MAKER_LIBPQ)
        N1_LIBPQ_HOOKED(HOOK_LIBPQ) N1_LIBPQ_AUDITED(HOOK_LIBPQ)};

static void *bind(const char *name, void *real, const struct link_map *referrer, const struct link_map *definer)
{
    const bool is_sqlite = strncmp(name, "sqlite3_", 8) == 0;
    if (!is_sqlite && strncmp(name, "PQ", 2) != 0)
        return NULL;
    size_t i = 0;
    while (i < sizeof hooks / sizeof *hooks && strcmp(hooks[i].name, name) != 0)
        i++;
    if (i == sizeof hooks / sizeof *hooks)
        return NULL;
    if (referrer != definer) {
        const struct n1_module from = {.start = referrer->l_addr, .bias = referrer->l_addr, .dynamic = referrer->l_ld};
        if (n1_module_symbol(&from, name, NULL))
            return NULL;
    }
    n1_bound_note(hooks[i].dialect, referrer->l_ld, real);
    void *door = hooks[i].maker >= 0 ? door_of(hooks[i].maker, real) : NULL;
    return door ? door : (void *)(uintptr_t)hooks[i].hook;
}

void n1_redirect_open(void)
{
    __atomic_store_n(&n1prof_audit_door.closed, n1_frames_closed, __ATOMIC_RELEASE);
    __atomic_store_n(&n1prof_audit_door.bind, bind, __ATOMIC_RELEASE);
}
