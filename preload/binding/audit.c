/* libn1prof_audit.so: see audit.h. No C library: a second one would be loaded for it. */
#include "preload/binding/audit.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "preload/binding/modules.h"

#define EXPORT __attribute__((visibility("default")))

/* Lists of one function that every copy of the library has. */
static const char *const probes[] = {"sqlite3_step", "PQexec"};
/* From this version of the interface on (glibc 2.35) auditing symbols costs calls nothing; before, every call was slowed. */
enum { FREE_OF_COST = 2 };

static const struct n1_audit_door *door; /* in the shim; NULL: it is not loaded */

int strcmp(const char *a, const char *b) /* modules_symbol.c's only need */
{
    for (; *a && *a == *b; a++, b++)
        continue;
    return (unsigned char)*a - (unsigned char)*b;
}

static uintptr_t symbol_in(const struct link_map *map, const char *name)
{
    const struct n1_module module = {.start = map->l_addr, .bias = map->l_addr, .dynamic = map->l_ld};
    return n1_module_symbol(&module, name, NULL);
}

EXPORT unsigned la_version(unsigned version)
{
    return version < FREE_OF_COST ? 0 : FREE_OF_COST;
}

/* Cookies are the address of the link map, with bit 0 for a copy of a client library; 0 for what is left alone: the shim, other
 * namespaces. The program's own definitions are no copy: whoever binds to them does so with and without us, and the
 * program's own calls of them cannot be seen. */
EXPORT unsigned la_objopen(struct link_map *map, Lmid_t namespace, uintptr_t *cookie)
{
    *cookie = 0;
    if (namespace != LM_ID_BASE || !map->l_ld)
        return 0;
    const uintptr_t found = symbol_in(map, N1_AUDIT_DOOR);
    if (found) {
        door = (const struct n1_audit_door *)found;
        return 0;
    }
    *cookie = (uintptr_t)map;
    const int is_program = !map->l_prev;
    for (size_t i = 0; !is_program && i < sizeof probes / sizeof *probes; i++)
        if (symbol_in(map, probes[i]))
            *cookie |= 1;
    return *cookie & 1 ? LA_FLG_BINDFROM | LA_FLG_BINDTO : LA_FLG_BINDFROM;
}

EXPORT unsigned la_objclose(uintptr_t *cookie)
{
    const struct link_map *map = (const struct link_map *)(*cookie & ~(uintptr_t)1);
    n1_audit_closed *const closed = map && door ? __atomic_load_n(&door->closed, __ATOMIC_ACQUIRE) : NULL;
    if (closed)
        closed(map->l_ld);
    return 0;
}

/* For dlsym() it is enough that one of the two objects asked to be told (glibc's dl-audit.c), so both cookies count. */
EXPORT uintptr_t la_symbind64(ElfW(Sym) * symbol, unsigned index, uintptr_t *referrer, uintptr_t *definer,
                              unsigned *flags, const char *name)
{
    (void)index;
    (void)flags;
    if (!(*definer & 1) || !*referrer || !door)
        return symbol->st_value;
    const struct link_map *from = (const struct link_map *)(*referrer & ~(uintptr_t)1);
    const struct link_map *in = (const struct link_map *)(*definer & ~(uintptr_t)1);
    n1_audit_bind *const bind = __atomic_load_n(&door->bind, __ATOMIC_ACQUIRE);
    void *instead = bind ? bind(name, (void *)symbol->st_value, from, in) : NULL;
    return instead ? (uintptr_t)instead : symbol->st_value;
}
