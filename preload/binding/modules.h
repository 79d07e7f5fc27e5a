/* The ELF objects of this process, as far as they were seen on a stack: where they lie, what they are called, their unwind
 * tables and their exported symbols. Read straight from the mapped images.
 *
 * Finding: glibc's _dl_find_object (2.35 and later; takes no lock), itself found by its name in the C library so that nothing
 * is linked to it. For that, once, and where it is missing, always: dl_iterate_phdr, which takes the loader's lock. Only in
 * cold paths; a thread that holds that lock while it waits for another one's query would wait for ever, and no such program
 * is known.
 *
 * An object keeps its number while it stays mapped; numbers index n1_module_at(). An object that takes the place of
 * an unloaded one gets a new number and a new MODULE entry.
 *
 * Thread rule: registering happens under the stack lock (stack_table.h); reading an entry by number needs none.
 */
#ifndef N1_PRELOAD_MODULES_H
#define N1_PRELOAD_MODULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define N1_MODULES_MAX 1024U /* index bits of a cached rule; objects beyond are walked without a MODULE entry */
#define N1_MODULE_NONE 0U    /* "no object covers this address" */

struct n1_module {
    uintptr_t start, end;        /* of the whole mapping */
    uintptr_t bias;              /* run-time address minus address in the file */
    const uint8_t *unwind_table; /* .eh_frame_hdr; NULL: none */
    const void *dynamic;         /* its ElfW(Dyn) array; NULL: none */
    const void *link_map;        /* identity for the loader */
    const uint8_t *build_id;
    uint32_t build_id_bytes;
    uint64_t fingerprint; /* of path and build id */
    uint32_t serial;      /* never given twice, unlike numbers */
    uint32_t id;          /* of its newest MODULE entry; 0: none written */
    uint32_t generation;  /* of n1_live when that entry was written */
    bool is_alive;        /* false: unloaded, or its place was taken */
    bool is_doubtful;     /* to be compared with what is mapped there now before it is believed again */
    bool is_shim;         /* our own library */
    uint32_t shown;       /* the turn in which n1_module_is_new was asked last */
    const char *path;     /* as the loader has it: "" is the program itself */
};

/* The number of the object that covers an address, registering it when it is new; N1_MODULE_NONE if none does or the table
 * is full. */
uint32_t n1_module_find(uintptr_t address);

extern struct n1_module *n1_module_table; /* NULL before the first n1_module_find */
static inline const struct n1_module *n1_module_at(uint32_t number)
{
    return &n1_module_table[number];
}

/* True the first time it is asked about an object, in each turn. Under the stack lock. */
bool n1_module_is_new(uint32_t number);
/* A new turn begins. Any thread, without a lock. */
void n1_modules_show_again(void);

/* Writes the MODULE entry of an object unless this generation has it. Returns 0 or -1 (the dictionary refused). */
int n1_module_write(uint32_t number);

/* True when the loader has something else than before where an object known here lies: caches that depend on addresses are to
 * be dropped, and n1_modules_doubt is to be called. Looks only at the loader's answers: about 15 ns an object. */
bool n1_modules_changed(void);

/* Makes n1_module_find compare each object again with what is mapped: path and build id, not just the place. */
void n1_modules_doubt(void);

/* The address of a symbol that the object exports, and its size when size is not NULL; 0: not exported. Takes no lock. */
uintptr_t n1_module_symbol(const struct n1_module *module, const char *name, size_t *size);

/* What the program headers of the object allow with [address, address + size_bytes). */
enum n1_module_access { N1_MODULE_NOTHING, N1_MODULE_READABLE, N1_MODULE_WRITABLE, N1_MODULE_EXECUTABLE };
enum n1_module_access n1_module_access(const struct n1_module *module, uintptr_t address, size_t size_bytes);

#endif
