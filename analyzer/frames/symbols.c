#include "analyzer/frames/symbols.h"

#include <glib.h>

#include "analyzer/frames/ranges.h"

struct n1_symbols {
    Dwfl_Module *module;
    struct n1_ranges ranges; /* thing: index in the symbol table */
};

struct n1_symbols *n1_symbols_new(Dwfl_Module *module)
{
    struct n1_symbols *symbols = g_new0(struct n1_symbols, 1);
    symbols->module = module;
    int n = dwfl_module_getsymtab(module);
    for (int i = 1; i < n; i++) {
        GElf_Sym symbol;
        GElf_Addr address;
        GElf_Word section;
        const char *name = dwfl_module_getsym_info(module, i, &symbol, &address, &section, NULL, NULL);
        int type = GELF_ST_TYPE(symbol.st_info);
        if (!name || !*name || section == SHN_UNDEF)
            continue;
        if (type == STT_FUNC || type == STT_GNU_IFUNC)
            n1_ranges_add(&symbols->ranges, address, address + symbol.st_size, (size_t)i);
    }
    n1_ranges_sort(&symbols->ranges);
    return symbols;
}

const char *n1_symbols_find(const struct n1_symbols *symbols, uint64_t address)
{
    const struct n1_range *range = n1_ranges_find(&symbols->ranges, address);
    GElf_Sym symbol;
    GElf_Addr value;
    return range ? dwfl_module_getsym_info(symbols->module, (int)range->thing, &symbol, &value, NULL, NULL, NULL)
                 : NULL;
}

void n1_symbols_free(struct n1_symbols *symbols)
{
    if (!symbols)
        return;
    n1_ranges_release(&symbols->ranges);
    g_free(symbols);
}
