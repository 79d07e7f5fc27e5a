#include "analyzer/frames/debug_info.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <glib.h>
#include <string.h>

#include "analyzer/frames/ranges.h"

/* A compilation unit; with split DWARF lines come from the skeleton and functions from the .dwo's unit. */
struct unit {
    Dwarf_Die skeleton, full;
    struct n1_ranges functions; /* thing: offset of the DIE */
    bool has_functions;
    const char *folder, *language;
};

struct n1_debug_info {
    Dwarf_Addr bias;         /* address in the file + bias − … : what dwfl adds to DWARF addresses */
    GArray *unit;            /* struct unit */
    struct n1_ranges ranges; /* thing: index in unit */
};

static const struct {
    int code;
    const char *name;
} languages[] = {
    {DW_LANG_C, "c"},
    {DW_LANG_C89, "c"},
    {DW_LANG_C99, "c"},
    {DW_LANG_C11, "c"},
    {DW_LANG_C_plus_plus, "c++"},
    {DW_LANG_C_plus_plus_03, "c++"},
    {DW_LANG_C_plus_plus_11, "c++"},
    {DW_LANG_C_plus_plus_14, "c++"},
    {DW_LANG_Rust, "rust"},
    {DW_LANG_Go, "go"},
    {DW_LANG_D, "d"},
    {DW_LANG_Fortran77, "fortran"},
    {DW_LANG_Fortran90, "fortran"},
    {DW_LANG_Fortran95, "fortran"},
    {DW_LANG_Fortran03, "fortran"},
    {DW_LANG_Fortran08, "fortran"},
    {DW_LANG_Ada83, "ada"},
    {DW_LANG_Ada95, "ada"},
    {DW_LANG_Pascal83, "pascal"},
    {DW_LANG_ObjC, "objective-c"},
    {DW_LANG_Swift, "swift"},
};

static const char *language_name(Dwarf_Die *die)
{
    int code = dwarf_srclang(die);
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++)
        if (languages[i].code == code)
            return languages[i].name;
    return "c";
}

static void add_ranges(struct n1_ranges *ranges, Dwarf_Die *die, size_t thing)
{
    Dwarf_Addr base, start, end;
    for (ptrdiff_t at = 0; (at = dwarf_ranges(die, at, &base, &start, &end)) > 0;)
        n1_ranges_add(ranges, start, end, thing);
}

struct n1_debug_info *n1_debug_info_new(Dwfl_Module *module)
{
    Dwarf_Addr bias = 0;
    if (!dwfl_module_getdwarf(module, &bias))
        return NULL;
    struct n1_debug_info *info = g_new0(struct n1_debug_info, 1);
    info->bias = bias;
    info->unit = g_array_new(FALSE, TRUE, sizeof(struct unit));
    /* Not .debug_aranges: clang leaves it out. */
    Dwarf_Die *die = NULL;
    for (Dwarf_Addr b; (die = dwfl_module_nextcu(module, die, &b)) != NULL;) {
        struct unit unit = {.skeleton = *die, .full = *die};
        Dwarf_Die sub;
        uint8_t kind = 0;
        if (dwarf_cu_info(die->cu, NULL, &kind, NULL, &sub, NULL, NULL, NULL) == 0 && kind == DW_UT_skeleton &&
            sub.addr != NULL)
            unit.full = sub;
        add_ranges(&info->ranges, die, info->unit->len);
        g_array_append_val(info->unit, unit);
    }
    n1_ranges_sort(&info->ranges);
    return info;
}

/* Functions with code stand in the unit itself or in its namespaces, modules and types. */
static void collect_functions(struct unit *unit, Dwarf_Die *parent, int depth)
{
    Dwarf_Die child;
    if (depth > 32 || dwarf_child(parent, &child) != 0)
        return;
    do {
        switch (dwarf_tag(&child)) {
        case DW_TAG_subprogram: add_ranges(&unit->functions, &child, (size_t)dwarf_dieoffset(&child)); break;
        case DW_TAG_namespace:
        case DW_TAG_module:
        case DW_TAG_class_type:
        case DW_TAG_structure_type: collect_functions(unit, &child, depth + 1); break;
        default: break;
        }
    } while (dwarf_siblingof(&child, &child) == 0);
}

static void load_functions(struct unit *unit)
{
    Dwarf_Attribute attribute;
    unit->has_functions = true;
    unit->folder = dwarf_formstring(dwarf_attr(&unit->skeleton, DW_AT_comp_dir, &attribute));
    unit->language = language_name(&unit->full);
    collect_functions(unit, &unit->full, 0);
    n1_ranges_sort(&unit->functions);
}

/* Puts the function at address and what is inlined there into chain, outermost first. */
static size_t nest(struct unit *unit, Dwarf_Addr address, Dwarf_Die chain[N1_INLINE_MAX])
{
    const struct n1_range *range = n1_ranges_find(&unit->functions, address);
    Dwarf *dwarf = dwarf_cu_getdwarf(unit->full.cu);
    if (!range || !dwarf_offdie(dwarf, range->thing, &chain[0]))
        return 0;
    size_t n = 1;
    Dwarf_Die at = chain[0], child;
    for (int depth = 0; depth < 256 && n < N1_INLINE_MAX; depth++) {
        bool found = false;
        if (dwarf_child(&at, &child) != 0)
            break;
        do {
            int tag = dwarf_tag(&child);
            if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_lexical_block && tag != DW_TAG_try_block &&
                tag != DW_TAG_catch_block)
                continue;
            found = dwarf_haspc(&child, address) == 1;
            if (found && tag == DW_TAG_inlined_subroutine)
                chain[n++] = child;
        } while (!found && dwarf_siblingof(&child, &child) == 0);
        if (!found)
            break;
        at = child;
    }
    return n;
}

static const char *text(Dwarf_Die *die, unsigned name)
{
    Dwarf_Attribute attribute;
    return dwarf_formstring(dwarf_attr_integrate(die, name, &attribute));
}

static Dwarf_Word number(Dwarf_Die *die, unsigned name)
{
    Dwarf_Attribute attribute;
    Dwarf_Word value = 0;
    return dwarf_formudata(dwarf_attr(die, name, &attribute), &value) == 0 ? value : 0;
}

/* Where an inlined function was called. */
static void call_place(struct unit *unit, Dwarf_Die *inlined, struct n1_source_place *place)
{
    Dwarf_Files *files;
    size_t n = 0;
    Dwarf_Word index = number(inlined, DW_AT_call_file);
    if (dwarf_getsrcfiles(&unit->full, &files, &n) == 0 && index < n)
        place->file = dwarf_filesrc(files, (size_t)index, NULL, NULL);
    place->line = (int)number(inlined, DW_AT_call_line);
}

size_t n1_debug_info_find(struct n1_debug_info *info, uint64_t address, struct n1_source_place place[N1_INLINE_MAX])
{
    Dwarf_Addr at = address - info->bias;
    const struct n1_range *range = n1_ranges_find(&info->ranges, at);
    if (!range)
        return 0;
    struct unit *unit = &g_array_index(info->unit, struct unit, range->thing);
    if (!unit->has_functions)
        load_functions(unit);

    struct n1_source_place where = {.folder = unit->folder, .language = unit->language};
    Dwarf_Line *line = dwarf_getsrc_die(&unit->skeleton, at);
    if (line) {
        where.file = dwarf_linesrc(line, NULL, NULL);
        dwarf_lineno(line, &where.line);
    }
    Dwarf_Die chain[N1_INLINE_MAX];
    size_t n = nest(unit, at, chain), out = 0;
    while (n-- > 0) {
        where.function = dwarf_diename(&chain[n]);
        where.linkage_name = text(&chain[n], DW_AT_linkage_name);
        /* __attribute__((artificial)): a wrapper that wants to be seen as its caller's own line. */
        bool is_transparent = n > 0 && dwarf_hasattr_integrate(&chain[n], DW_AT_artificial);
        if (!is_transparent)
            place[out++] = where;
        if (n > 0)
            call_place(unit, &chain[n], &where);
    }
    if (out == 0 && where.file)
        place[out++] = where;
    return out;
}

void n1_debug_info_free(struct n1_debug_info *info)
{
    if (!info)
        return;
    for (guint i = 0; i < info->unit->len; i++)
        n1_ranges_release(&g_array_index(info->unit, struct unit, i).functions);
    g_array_free(info->unit, TRUE);
    n1_ranges_release(&info->ranges);
    g_free(info);
}
