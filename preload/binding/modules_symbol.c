#include <elf.h>
#include <link.h>
#include <string.h>

#include "preload/binding/modules.h"

/* What a dynamic section says about the symbol table. */
struct symbol_table {
    const ElfW(Sym) * symbols;
    const char *names;
    const uint32_t *gnu_hash;
    const uint32_t *sysv_hash;
};

/* glibc writes run-time addresses into the dynamic section, musl and the kernel's vdso leave file addresses. */
static uintptr_t pointer_of(const struct n1_module *module, const ElfW(Dyn) * entry)
{
    const uintptr_t value = entry->d_un.d_ptr;
    return value < module->start ? value + module->bias : value;
}

static struct symbol_table symbol_table_of(const struct n1_module *module)
{
    struct symbol_table table = {0};
    for (const ElfW(Dyn) *entry = module->dynamic; entry && entry->d_tag != DT_NULL; entry++) {
        switch (entry->d_tag) {
        case DT_SYMTAB: table.symbols = (const ElfW(Sym) *)pointer_of(module, entry); break;
        case DT_STRTAB: table.names = (const char *)pointer_of(module, entry); break;
        case DT_GNU_HASH: table.gnu_hash = (const uint32_t *)pointer_of(module, entry); break;
        case DT_HASH: table.sysv_hash = (const uint32_t *)pointer_of(module, entry); break;
        default: break;
        }
    }
    return table;
}

static const ElfW(Sym) * match(const struct symbol_table *table, uint32_t index, const char *name)
{
    const ElfW(Sym) *symbol = &table->symbols[index];
    if (symbol->st_shndx == SHN_UNDEF || symbol->st_value == 0)
        return NULL;
    return strcmp(table->names + symbol->st_name, name) == 0 ? symbol : NULL;
}

/* The layout of DT_GNU_HASH: buckets, first hashed symbol, Bloom filter words, its shift; then filter, buckets, chains. */
static const ElfW(Sym) * find_gnu(const struct symbol_table *table, const char *name)
{
    const uint32_t buckets = table->gnu_hash[0], first = table->gnu_hash[1], words = table->gnu_hash[2];
    const uint32_t *bucket = table->gnu_hash + 4 + words * (sizeof(ElfW(Addr)) / 4);
    const uint32_t *chain = bucket + buckets;
    uint32_t hash = 5381;
    for (const char *c = name; *c; c++)
        hash = hash * 33 + (unsigned char)*c;
    if (buckets == 0 || bucket[hash % buckets] < first)
        return NULL;
    for (uint32_t i = bucket[hash % buckets];; i++) {
        const uint32_t link = chain[i - first];
        if ((link | 1) == (hash | 1)) {
            const ElfW(Sym) *symbol = match(table, i, name);
            if (symbol)
                return symbol;
        }
        if (link & 1)
            return NULL;
    }
}

/* The layout of DT_HASH (System V gABI): buckets, chains, then the buckets and the chains. */
static const ElfW(Sym) * find_sysv(const struct symbol_table *table, const char *name)
{
    const uint32_t buckets = table->sysv_hash[0], chains = table->sysv_hash[1];
    const uint32_t *bucket = table->sysv_hash + 2, *chain = bucket + buckets;
    uint32_t hash = 0;
    for (const char *c = name; *c; c++) {
        hash = (hash << 4) + (unsigned char)*c;
        hash ^= (hash >> 24) & 0xf0;
        hash &= 0x0fffffff;
    }
    if (buckets == 0)
        return NULL;
    for (uint32_t i = bucket[hash % buckets], steps = 0; i != STN_UNDEF && i < chains && steps < chains;
         i = chain[i], steps++) {
        const ElfW(Sym) *symbol = match(table, i, name);
        if (symbol)
            return symbol;
    }
    return NULL;
}

uintptr_t n1_module_symbol(const struct n1_module *module, const char *name, size_t *size)
{
    const struct symbol_table table = symbol_table_of(module);
    const ElfW(Sym) *symbol = NULL;
    if (!table.symbols || !table.names)
        return 0;
    if (table.gnu_hash)
        symbol = find_gnu(&table, name);
    else if (table.sysv_hash)
        symbol = find_sysv(&table, name);
    if (!symbol)
        return 0;
    if (size)
        *size = symbol->st_size;
    return module->bias + symbol->st_value;
}
