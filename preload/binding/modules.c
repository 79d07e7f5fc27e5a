#include "preload/binding/modules.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/auxv.h>

#include "preload/base/dictionary.h"
#include "preload/base/memory.h"
#include "preload/base/process.h"
#include "preload/binding/readable.h"
#include "trace/encode.h"

#define MODULE_ENTRY_BYTES (N1_STACK_PATH_MAX + 256U)

/* Where an address was found: what the loader says. */
struct place {
    uintptr_t start, end, bias;
    const void *link_map, *dynamic;
    const uint8_t *unwind_table;
    const char *path;
};

typedef int find_object(void *address, struct dl_find_object *result);

struct n1_module *n1_module_table; /* [0] stays empty: N1_MODULE_NONE */
static _Atomic uint32_t module_count;
static uint32_t last_serial;
static find_object *loader_find;
static bool is_loader_known;

/* ---- asking the loader ------------------------------------------------------------------------------------------- */

/* The program headers of the image that is mapped at start; NULL unless an ELF header lies there. */
static const ElfW(Phdr) * headers_of(uintptr_t start, size_t *count)
{
    ElfW(Ehdr) elf;
    if (n1_stack_read(start, &elf, sizeof elf) || memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 ||
        elf.e_phentsize != sizeof(ElfW(Phdr)))
        return NULL;
    const ElfW(Phdr) *header = (const ElfW(Phdr) *)(start + elf.e_phoff);
    char last;
    *count = elf.e_phnum;
    return *count && n1_stack_read((uintptr_t)(header + *count) - 1, &last, 1) == 0 ? header : NULL;
}

/* Objects loaded and unloaded since the program started, as one number. */
static int count_changes(struct dl_phdr_info *info, size_t size, void *closure)
{
    uint64_t *changes = closure;
    if (size >= offsetof(struct dl_phdr_info, dlpi_subs) + sizeof info->dlpi_subs)
        *changes = (uint64_t)info->dlpi_adds + (uint64_t)info->dlpi_subs;
    return 1;
}

struct search {
    uintptr_t address;
    struct place place;
};

static int search_object(struct dl_phdr_info *info, size_t size, void *closure)
{
    struct search *search = closure;
    const void *dynamic = NULL, *unwind_table = NULL;
    uintptr_t low = UINTPTR_MAX, high = 0;
    (void)size;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        const uintptr_t start = info->dlpi_addr + header->p_vaddr;
        if (header->p_type == PT_DYNAMIC)
            dynamic = (const void *)start;
        if (header->p_type == PT_GNU_EH_FRAME)
            unwind_table = (const void *)start;
        if (header->p_type != PT_LOAD)
            continue;
        low = start < low ? start : low;
        high = start + header->p_memsz > high ? start + header->p_memsz : high;
    }
    if (search->address < low || search->address >= high)
        return 0;
    search->place = (struct place){.start = low & ~(uintptr_t)(N1_PAGE_BYTES - 1),
                                   .end = high,
                                   .bias = info->dlpi_addr,
                                   .link_map = info->dlpi_phdr,
                                   .dynamic = dynamic,
                                   .unwind_table = unwind_table,
                                   .path = info->dlpi_name};
    return 1;
}

/* _dl_find_object, by name in the C library: a reference to it would tie the shim to glibc 2.35. */
static find_object *find_in_libc(void)
{
    struct search libc = {.address = (uintptr_t)&getauxval};
    if (!dl_iterate_phdr(search_object, &libc))
        return NULL;
    const struct n1_module module = {.start = libc.place.start, .bias = libc.place.bias, .dynamic = libc.place.dynamic};
    return (find_object *)n1_module_symbol(&module, "_dl_find_object", NULL);
}

static bool ask_loader(uintptr_t address, struct place *place)
{
    if (!is_loader_known) {
        loader_find = find_in_libc();
        is_loader_known = true;
    }
    if (loader_find) {
        struct dl_find_object found;
        if (loader_find((void *)address, &found) != 0 || !found.dlfo_link_map)
            return false;
        *place = (struct place){.start = (uintptr_t)found.dlfo_map_start,
                                .end = (uintptr_t)found.dlfo_map_end,
                                .bias = found.dlfo_link_map->l_addr,
                                .link_map = found.dlfo_link_map,
                                .dynamic = found.dlfo_link_map->l_ld,
                                .unwind_table = found.dlfo_eh_frame,
                                .path = found.dlfo_link_map->l_name};
        return true;
    }
    struct search search = {.address = address};
    if (!dl_iterate_phdr(search_object, &search))
        return false;
    *place = search.place;
    return true;
}

/* ---- the image --------------------------------------------------------------------------------------------------- */

static void read_notes(struct n1_module *module, const uint8_t *at, size_t size_bytes)
{
    const uint8_t *end = at + size_bytes;
    while (at + sizeof(ElfW(Nhdr)) <= end) {
        ElfW(Nhdr) note;
        memcpy(&note, at, sizeof note);
        const uint8_t *name = at + sizeof note;
        const uint8_t *body = name + ((note.n_namesz + 3U) & ~3U);
        if (body > end || note.n_descsz > (size_t)(end - body))
            return;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(name, "GNU", 4) == 0) {
            module->build_id = body;
            module->build_id_bytes = note.n_descsz <= 64 ? note.n_descsz : 64;
            return;
        }
        at = body + ((note.n_descsz + 3U) & ~3U);
    }
}

static void read_image(struct n1_module *module)
{
    static const struct n1_key plain;
    size_t count = 0;
    const ElfW(Phdr) *header = headers_of(module->start, &count);
    for (size_t i = 0; header && i < count; i++) {
        const uintptr_t at = module->bias + header[i].p_vaddr;
        if (at < module->start || at + header[i].p_memsz > module->end)
            continue;
        if (header[i].p_type == PT_NOTE && !module->build_id)
            read_notes(module, (const uint8_t *)at, header[i].p_memsz);
    }
    module->fingerprint = n1_hash_bytes(&plain, module->path, strlen(module->path)) * 31 +
                          n1_hash_bytes(&plain, module->build_id ? module->build_id : (const uint8_t *)"",
                                        module->build_id ? module->build_id_bytes : 0);
}

enum n1_module_access n1_module_access(const struct n1_module *module, uintptr_t address, size_t size_bytes)
{
    enum n1_module_access access = N1_MODULE_NOTHING;
    size_t count = 0;
    const ElfW(Phdr) *header = headers_of(module->start, &count);
    for (size_t i = 0; header && i < count; i++) {
        const uintptr_t start = module->bias + header[i].p_vaddr, end = start + header[i].p_memsz;
        const bool is_within = address >= start && address + size_bytes <= end;
        if (header[i].p_type == PT_LOAD && is_within)
            access = header[i].p_flags & PF_X   ? N1_MODULE_EXECUTABLE
                     : header[i].p_flags & PF_W ? N1_MODULE_WRITABLE
                                                : N1_MODULE_READABLE;
        else if (header[i].p_type == PT_GNU_RELRO && address < end && address + size_bytes > start)
            return N1_MODULE_READABLE;
    }
    return access;
}

static struct n1_module describe(const struct place *place)
{
    struct n1_module module = {.start = place->start,
                               .end = place->end,
                               .bias = place->bias,
                               .link_map = place->link_map,
                               .dynamic = place->dynamic,
                               .unwind_table = place->unwind_table,
                               .path = place->path ? place->path : "",
                               .is_alive = true};
    const uintptr_t own = (uintptr_t)&n1_module_find;
    module.is_shim = own >= module.start && own < module.end && module.path[0];
    read_image(&module);
    return module;
}

static bool is_same(const struct n1_module *a, const struct n1_module *b)
{
    return a->start == b->start && a->end == b->end && a->bias == b->bias && a->unwind_table == b->unwind_table &&
           a->fingerprint == b->fingerprint;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

static _Atomic uint32_t turn = 1;

bool n1_module_is_new(uint32_t number)
{
    const uint32_t now = atomic_load(&turn);
    const bool is_new = n1_module_table[number].shown != now;
    n1_module_table[number].shown = now;
    return is_new;
}

void n1_modules_show_again(void)
{
    atomic_fetch_add(&turn, 1);
}

static uint32_t add(const struct n1_module *module)
{
    uint32_t count = atomic_load_explicit(&module_count, memory_order_relaxed), number = 0;
    for (uint32_t i = 1; i < count; i++)
        if (!n1_module_table[i].is_alive)
            number = i;
    if (count < N1_MODULES_MAX)
        number = count++;
    if (!number)
        return N1_MODULE_NONE;
    n1_module_table[number] = *module;
    n1_module_table[number].serial = ++last_serial;
    atomic_store_explicit(&module_count, count, memory_order_release);
    return number;
}

uint32_t n1_module_find(uintptr_t address)
{
    struct place place;
    if (!n1_module_table) {
        n1_module_table = n1_memory_map(N1_MODULES_MAX * sizeof *n1_module_table);
        if (!n1_module_table)
            return N1_MODULE_NONE;
        atomic_store_explicit(&module_count, 1, memory_order_release);
    }
    if (!ask_loader(address, &place))
        return N1_MODULE_NONE;
    const uint32_t count = atomic_load_explicit(&module_count, memory_order_relaxed);
    for (uint32_t i = 1; i < count; i++) {
        const struct n1_module *known = &n1_module_table[i];
        if (known->is_alive && !known->is_doubtful && known->start == place.start && known->link_map == place.link_map)
            return i;
    }
    const struct n1_module module = describe(&place);
    for (uint32_t i = 1; i < count; i++) {
        struct n1_module *known = &n1_module_table[i];
        if (!known->is_alive || known->start >= module.end || known->end <= module.start)
            continue;
        if (is_same(known, &module)) {
            known->link_map = module.link_map;
            known->path = module.path;
            known->is_doubtful = false;
            return i;
        }
        known->is_alive = false;
    }
    return add(&module);
}

bool n1_modules_changed(void)
{
    static uint64_t seen_changes; /* under the stack lock */
    const uint32_t count = atomic_load_explicit(&module_count, memory_order_relaxed);
    if (!loader_find) {
        const uint64_t before = seen_changes;
        dl_iterate_phdr(count_changes, &seen_changes);
        return before != seen_changes && before != 0;
    }
    for (uint32_t i = 1; i < count; i++) {
        const struct n1_module *known = &n1_module_table[i];
        struct dl_find_object found;
        if (known->is_alive && !known->is_doubtful &&
            (loader_find((void *)known->start, &found) != 0 || (uintptr_t)found.dlfo_map_start != known->start ||
             (uintptr_t)found.dlfo_map_end != known->end || found.dlfo_link_map != known->link_map))
            return true;
    }
    return false;
}

void n1_modules_doubt(void)
{
    const uint32_t count = atomic_load_explicit(&module_count, memory_order_relaxed);
    for (uint32_t i = 1; i < count; i++)
        n1_module_table[i].is_doubtful = true;
}

/* ---- the entry --------------------------------------------------------------------------------------------------- */

int n1_module_write(uint32_t number)
{
    static uint8_t bytes[MODULE_ENTRY_BYTES]; /* used under the stack lock */
    struct n1_module *module = &n1_module_table[number];
    const uint32_t generation = atomic_load_explicit(&n1_live.generation, memory_order_relaxed);
    if (module->id && module->generation == generation)
        return 0;
    struct n1_payload out = {.at = bytes, .end = bytes + sizeof bytes};
    static char path[N1_STACK_PATH_MAX];
    const size_t path_bytes = n1_stack_path_of(module->path, module->start, path);
    const uint32_t id = n1_dictionary_next_id(N1_CHUNK_MODULE);
    n1_put_varint(&out, id);
    n1_put_varint(&out, module->start);
    n1_put_varint(&out, module->end);
    n1_put_varint(&out, module->bias);
    n1_put_varint(&out, id); /* order of mapping: later objects take the place of earlier ones */
    n1_put_bytes(&out, module->build_id ? module->build_id : (const uint8_t *)"",
                 module->build_id ? module->build_id_bytes : 0);
    n1_put_bytes(&out, path, path_bytes);
    if (!id || out.is_over || n1_dictionary_write(N1_CHUNK_MODULE, bytes, (size_t)(out.at - bytes)))
        return -1;
    module->id = id;
    module->generation = generation;
    return 0;
}
