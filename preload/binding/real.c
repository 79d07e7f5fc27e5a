#include "preload/binding/real.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <string.h>

#include "preload/base/lock.h"
#include "preload/binding/bound.h"
#include "preload/binding/modules.h"

enum { OBJECTS_MAX = 1024, NEEDED_MAX = 64, CALLERS = 256 };

static const struct {
    const char *name;
    enum n1_dialect dialect;
} functions[N1_FUNCTIONS] = {
#define SQLITE(fn) [N1_FN_##fn] = {#fn, N1_DIALECT_SQLITE},
#define LIBPQ(fn)  [N1_FN_##fn] = {#fn, N1_DIALECT_POSTGRES},
    N1_SQLITE_FUNCTIONS(SQLITE) N1_LIBPQ_FUNCTIONS(LIBPQ)};

/* The function that tells whether an object is a copy of the library. */
static const char *probe_of(enum n1_dialect dialect)
{
    return functions[dialect == N1_DIALECT_SQLITE ? N1_FN_sqlite3_step : N1_FN_PQexec].name;
}

static struct {
    struct n1_lock lock;
    _Atomic uint32_t count;
    struct n1_provider provider[N1_PROVIDERS_MAX];
    _Atomic uint64_t unloads; /* dlpi_subs when the callers below were entered */
    struct caller {
        _Atomic(const void *) address;
        _Atomic(const struct n1_provider *) provider[N1_DIALECT_POSTGRES + 1];
    } caller[CALLERS];
} known;

void n1_real_shows_inside(const struct n1_provider *provider)
{
    atomic_store_explicit(&known.provider[provider - known.provider].shows_inside, true, memory_order_relaxed);
}

void n1_real_after_fork(void)
{
    atomic_flag_clear(&known.lock.is_held);
}

/* ---- the objects of the process ------------------------------------------------------------------------------------ */
struct object {
    struct n1_module module; /* start, bias, dynamic */
    uintptr_t code, code_end;
};
struct objects {
    uint32_t count;
    struct object object[OBJECTS_MAX];
};
static struct objects objects; /* under the lock */

static int note_object(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size;
    struct objects *all = data;
    if (all->count == OBJECTS_MAX)
        return 1;
    struct object *o = &all->object[all->count];
    *o = (struct object){.module = {.bias = info->dlpi_addr, .start = UINTPTR_MAX, .path = info->dlpi_name}};
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        const uintptr_t at = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_DYNAMIC)
            o->module.dynamic = (const void *)at;
        if (segment->p_type != PT_LOAD)
            continue;
        if (at < o->module.start)
            o->module.start = at;
        if (at + segment->p_memsz > o->module.end)
            o->module.end = at + segment->p_memsz;
        if (segment->p_flags & PF_X) {
            if (!o->code)
                o->code = at;
            o->code_end = at + segment->p_memsz;
        }
    }
    if (o->module.dynamic && o->code)
        all->count++;
    return 0;
}

static int note_unloads(struct dl_phdr_info *info, size_t size, void *data)
{
    if (size >= offsetof(struct dl_phdr_info, dlpi_subs) + sizeof info->dlpi_subs)
        *(uint64_t *)data = info->dlpi_subs;
    return 1;
}

static const struct object *object_of(const void *address)
{
    for (uint32_t i = 0; i < objects.count; i++)
        if ((uintptr_t)address >= objects.object[i].module.start && (uintptr_t)address < objects.object[i].module.end)
            return &objects.object[i];
    return NULL;
}

static void *defined_in(const struct object *o, const char *name)
{
    return (void *)n1_module_symbol(&o->module, name, NULL);
}

/* Strings of the dynamic section; addresses there are relocated by glibc and not by musl. */
static const char *names_of(const struct object *o)
{
    for (const ElfW(Dyn) *d = o->module.dynamic; d->d_tag != DT_NULL; d++)
        if (d->d_tag == DT_STRTAB)
            return (const char *)(d->d_un.d_ptr < o->module.start ? d->d_un.d_ptr + o->module.bias : d->d_un.d_ptr);
    return NULL;
}

static bool is_called(const struct object *o, const char *needed)
{
    const char *names = names_of(o);
    for (const ElfW(Dyn) *d = o->module.dynamic; names && d->d_tag != DT_NULL; d++)
        if (d->d_tag == DT_SONAME && strcmp(names + d->d_un.d_val, needed) == 0)
            return true;
    const char *slash = strrchr(o->module.path, '/');
    return strcmp(slash ? slash + 1 : o->module.path, needed) == 0;
}

static const struct object *search_scope(const struct object *root, const struct object *ours, const char *name)
{
    const struct object *queue[NEEDED_MAX] = {root};
    uint32_t n = 1;
    for (uint32_t i = 0; i < n; i++) {
        if (queue[i] != ours && defined_in(queue[i], name))
            return queue[i];
        const char *names = names_of(queue[i]);
        for (const ElfW(Dyn) *d = queue[i]->module.dynamic; names && d->d_tag != DT_NULL; d++) {
            if (d->d_tag != DT_NEEDED)
                continue;
            for (uint32_t k = 0; k < objects.count && n < NEEDED_MAX; k++) {
                bool is_queued = false;
                for (uint32_t q = 0; q < n; q++)
                    is_queued |= queue[q] == &objects.object[k];
                if (!is_queued && is_called(&objects.object[k], names + d->d_un.d_val))
                    queue[n++] = &objects.object[k];
            }
        }
    }
    return NULL;
}

/* ---- providers ------------------------------------------------------------------------------------------------------ */
/* dlsym finds the caller by its return address: never a tail call. A miss must not leave a dlerror() that the program sees. */
static __attribute__((noinline)) void *next_symbol(const char *name)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    if (!symbol)
        dlerror();
    __asm__ volatile("" : "+r"(symbol));
    return symbol;
}

static const struct n1_provider *provider_in(enum n1_dialect dialect, const struct object *o, bool is_global,
                                             bool is_embedded)
{
    struct n1_provider made = {.dialect = dialect,
                               .is_embedded = is_embedded,
                               .code = o->code,
                               .code_bytes = o->code_end - o->code,
                               .bias = o->module.bias};
    for (uint32_t i = 0; i < N1_FUNCTIONS; i++) {
        if (functions[i].dialect != dialect)
            continue;
        made.function[i] = is_global ? next_symbol(functions[i].name) : NULL;
        if (!made.function[i])
            made.function[i] = defined_in(o, functions[i].name);
    }
    const uint32_t n = atomic_load(&known.count);
    for (uint32_t i = 0; i < n; i++)
        if (memcmp(known.provider[i].function, made.function, sizeof made.function) == 0 &&
            known.provider[i].is_embedded == is_embedded)
            return &known.provider[i];
    if (n == N1_PROVIDERS_MAX)
        return NULL;
    known.provider[n] = made;
    atomic_store(&known.count, n + 1);
    return &known.provider[n];
}

/* The copy that the auditor saw: the object of `function`, if it still is one. */
static const struct object *seen_copy(const void *function, const char *probe)
{
    const struct object *o = function ? object_of(function) : NULL;
    return o && defined_in(o, probe) ? o : NULL;
}

static const struct n1_provider *resolve(enum n1_dialect dialect, const void *caller, bool is_function)
{
    const char *probe = probe_of(dialect);
    objects.count = 0;
    dl_iterate_phdr(note_object, &objects);
    const struct object *ours = object_of((const void *)&functions);
    const struct object *from = is_function ? NULL : object_of(caller);

    const void *bound = from ? n1_bound_function(dialect, from->module.dynamic) : NULL;
    const struct object *found = seen_copy(is_function ? caller : bound, probe);
    if (found)
        return provider_in(dialect, found, false, found == from);

    void *next = next_symbol(probe);
    found = next ? object_of(next) : NULL;
    const bool is_global = found && found != ours;
    if (!is_global)
        found = from && from != ours ? search_scope(from, ours, probe) : NULL;
    for (uint32_t i = 0; !found && i < objects.count; i++)
        if (&objects.object[i] != ours && defined_in(&objects.object[i], probe))
            found = &objects.object[i];
    return found ? provider_in(dialect, found, is_global, found == from) : NULL;
}

/* is_function: `caller` is no return address but the function that the call is meant for. */
static const struct n1_provider *provider_of(enum n1_dialect dialect, const void *caller, bool is_function)
{
    struct caller *entry = &known.caller[((uintptr_t)caller * 0x9e3779b97f4a7c15ULL) >> 56];
    const struct n1_provider *provider = NULL;
    if (atomic_load(&entry->address) == caller)
        provider = atomic_load(&entry->provider[dialect]);
    if (provider && atomic_load(&entry->address) == caller) /* still: the entry was not replaced in between */
        return provider;
    const int saved = errno;
    n1_lock_take(&known.lock);
    provider = resolve(dialect, caller, is_function);
    if (provider) {
        atomic_store(&entry->address, NULL);
        for (uint32_t d = 0; d <= N1_DIALECT_POSTGRES; d++)
            atomic_store(&entry->provider[d], d == dialect ? provider : NULL);
        atomic_store(&entry->address, caller);
    }
    n1_lock_give(&known.lock);
    errno = saved;
    return provider;
}

const struct n1_provider *n1_real_provider(enum n1_dialect dialect, const void *caller)
{
    return provider_of(dialect, caller, false);
}

const struct n1_provider *n1_real_maker(enum n1_dialect dialect, const void *caller, const void *meant_for)
{
    const int saved = errno;
    uint64_t unloads = 0;
    dl_iterate_phdr(note_unloads, &unloads);
    errno = saved;
    if (atomic_exchange(&known.unloads, unloads) != unloads)
        for (uint32_t i = 0; i < CALLERS; i++)
            atomic_store(&known.caller[i].address, NULL);
    /* A function's address is never a return address: it has a cache entry of its own. */
    return meant_for ? provider_of(dialect, meant_for, true) : provider_of(dialect, caller, false);
}
