/* The functions of one module by its symbol table, or by its exported names when it is stripped. Sorted at first use, because
 * libdwfl's own look-up walks the whole table for every address.
 */
#ifndef N1_ANALYZER_FRAMES_SYMBOLS_H
#define N1_ANALYZER_FRAMES_SYMBOLS_H

#include <elfutils/libdwfl.h>
#include <stdint.h>

struct n1_symbols *n1_symbols_new(Dwfl_Module *module);
/* The function that covers address (as in the file), as the compiler wrote it; borrowed. NULL when none does. */
const char *n1_symbols_find(const struct n1_symbols *symbols, uint64_t address);
void n1_symbols_free(struct n1_symbols *symbols);

#endif
