/* DWARF of one module: an address → the functions that it lies in, inlined ones first, with file and line.
 * Tables of compilation units and of each unit's functions are made at first use. Offline; libdw only.
 */
#ifndef N1_ANALYZER_FRAMES_DEBUG_INFO_H
#define N1_ANALYZER_FRAMES_DEBUG_INFO_H

#include <elfutils/libdwfl.h>
#include <stdint.h>

#define N1_INLINE_MAX 32 /* functions inlined into one another at one address; deeper ones are left out */

/* One place in the source. Strings belong to the module, file may be relative to folder; NULL: unknown. */
struct n1_source_place {
    const char *function;
    const char *linkage_name; /* of the function, mangled; NULL in C */
    const char *folder;
    const char *file;
    int line;
    const char *language; /* "c", "c++", "rust" … */
};

/* NULL when the module has no debug information. */
struct n1_debug_info *n1_debug_info_new(Dwfl_Module *module);
/* Places at address (as in the file), innermost first: their number, 0 when nothing is known. A place may lack its function
 * (then the symbol table knows it). */
size_t n1_debug_info_find(struct n1_debug_info *info, uint64_t address, struct n1_source_place place[N1_INLINE_MAX]);
void n1_debug_info_free(struct n1_debug_info *info);

#endif
