#include "cli/anatomy.h"

#include <elf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const char *const n1_client_names[N1_CLIENTS] = {"SQLite", "libpq"};
static const char *const probes[N1_CLIENTS] = {"sqlite3_step", "PQexec"};

struct image {
    const char *bytes;
    gsize size;
};

static const void *at(const struct image *image, guint64 offset, guint64 size)
{
    return offset <= image->size && size <= image->size - offset ? image->bytes + offset : NULL;
}

static const char *string_at(const struct image *image, guint64 offset, guint64 end)
{
    return offset < end && end <= image->size && memchr(image->bytes + offset, '\0', end - offset)
               ? image->bytes + offset
               : NULL;
}

static void read_symbol(struct n1_anatomy *anatomy, const char *name, gboolean is_defined)
{
    for (int i = 0; i < N1_CLIENTS; i++)
        if (strcmp(name, probes[i]) == 0)
            *(is_defined ? &anatomy->defines[i] : &anatomy->imports[i]) = TRUE;
    static const char *const prefixes[N1_CLIENTS] = {"sqlite3_", "PQ"};
    for (int i = 0; i < N1_CLIENTS; i++) /* a program may prepare in one file and step in another */
        if (!is_defined && g_str_has_prefix(name, prefixes[i]))
            anatomy->imports[i] = TRUE;
    static const char *const starters[] = {"fork",   "vfork",  "posix_spawn", "posix_spawnp", "system", "popen",
                                           "execve", "execvp", "execv",       "execl",        "execlp"};
    if (!is_defined && (strcmp(name, "dlopen") == 0 || strcmp(name, "dlsym") == 0))
        anatomy->can_load = TRUE;
    for (size_t i = 0; i < G_N_ELEMENTS(starters); i++)
        if (!is_defined && strcmp(name, starters[i]) == 0)
            anatomy->imports_exec = TRUE;
}

/* Is there a slot for the function that the linker would fill with somebody else's of the same name? */
static gboolean is_bound_outside(const struct image *image, const Elf64_Ehdr *header, guint64 symbol)
{
    for (unsigned i = 0; i < header->e_shnum; i++) {
        const Elf64_Shdr *section = at(image, header->e_shoff + (guint64)i * sizeof *section, sizeof *section);
        if (!section || section->sh_type != SHT_RELA)
            continue;
        guint64 count = section->sh_size / sizeof(Elf64_Rela);
        const Elf64_Rela *slot = at(image, section->sh_offset, count * sizeof *slot);
        for (guint64 k = 0; slot && k < count; k++)
            if (ELF64_R_SYM(slot[k].r_info) == symbol && (ELF64_R_TYPE(slot[k].r_info) == R_X86_64_JUMP_SLOT ||
                                                          ELF64_R_TYPE(slot[k].r_info) == R_X86_64_GLOB_DAT))
                return TRUE;
    }
    return FALSE;
}

static void read_symbols(struct n1_anatomy *anatomy, const struct image *image, const Elf64_Ehdr *header)
{
    for (unsigned i = 0; i < header->e_shnum; i++) {
        const Elf64_Shdr *section = at(image, header->e_shoff + (guint64)i * sizeof *section, sizeof *section);
        if (!section || section->sh_type != SHT_DYNSYM || section->sh_entsize != sizeof(Elf64_Sym))
            continue;
        const Elf64_Shdr *names = at(image, header->e_shoff + (guint64)section->sh_link * sizeof *names, sizeof *names);
        guint64 count = section->sh_size / sizeof(Elf64_Sym);
        const Elf64_Sym *symbol = at(image, section->sh_offset, count * sizeof *symbol);
        for (guint64 k = 0; names && symbol && k < count; k++) {
            const char *name =
                string_at(image, names->sh_offset + symbol[k].st_name, names->sh_offset + names->sh_size);
            if (name)
                read_symbol(anatomy, name, symbol[k].st_shndx != SHN_UNDEF);
            if (name && strcmp(name, probes[N1_CLIENT_SQLITE]) == 0)
                anatomy->steps_itself = is_bound_outside(image, header, k);
        }
    }
}

static void read_elf(struct n1_anatomy *anatomy, const struct image *image)
{
    const Elf64_Ehdr *header = at(image, 0, sizeof *header);
    anatomy->is_elf = TRUE;
    if (!header || header->e_ident[EI_CLASS] != ELFCLASS64)
        return;
    for (unsigned i = 0; i < header->e_phnum; i++) {
        const Elf64_Phdr *p = at(image, header->e_phoff + (guint64)i * sizeof *p, sizeof *p);
        const char *loader =
            p && p->p_type == PT_INTERP ? string_at(image, p->p_offset, p->p_offset + p->p_filesz) : NULL;
        if (loader && !anatomy->loader)
            anatomy->loader = g_strdup(loader);
    }
    read_symbols(anatomy, image, header);
    /* A message of sqlite3_bind_*(), which programs that only read or describe database files do not have (preload/binding/hidden.c).
     * Put together here, so that n1prof itself is not taken for a program with an SQLite inside. */
    char *message = g_strjoin(" ", "bind", "on", "a", "busy", "prepared", "statement", NULL);
    anatomy->has_sqlite = memmem(image->bytes, image->size, message, strlen(message)) != NULL;
    g_free(message);
}

/* `#!/usr/bin/env python3`, `#!/usr/bin/env -S python3 -u` and `#!/bin/sh -e`. */
static void read_interpreter(struct n1_anatomy *anatomy, const struct image *image)
{
    gsize length = MIN(image->size - 2, (gsize)255);
    char *line = g_strndup(image->bytes + 2, length);
    line[strcspn(line, "\n")] = '\0';
    char **word = g_strsplit_set(g_strstrip(line), " \t", -1), **w = word;
    if (*w && (g_str_has_suffix(*w, "/env")))
        for (w++; *w && (!**w || **w == '-' || strchr(*w, '=')); w++)
            continue;
    char *found = *w ? g_find_program_in_path(*w) : NULL;
    if (*w && **w)
        anatomy->interpreter = found ? g_steal_pointer(&found) : g_strdup(*w);
    g_free(found);
    g_strfreev(word);
    g_free(line);
}

gboolean n1_anatomy_read(struct n1_anatomy *anatomy, const char *path, char **error)
{
    GError *why = NULL;
    memset(anatomy, 0, sizeof *anatomy);
    GMappedFile *file = g_mapped_file_new(path, FALSE, &why);
    if (!file) {
        *error = g_strdup(why->message);
        g_error_free(why);
        return FALSE;
    }
    struct image image = {g_mapped_file_get_contents(file), g_mapped_file_get_length(file)};
    anatomy->is_text = image.size > 0 && memchr(image.bytes, '\0', MIN(image.size, (gsize)256)) == NULL;
    if (at(&image, 0, SELFMAG) && memcmp(image.bytes, ELFMAG, SELFMAG) == 0)
        read_elf(anatomy, &image);
    else if (at(&image, 0, 2) && image.bytes[0] == '#' && image.bytes[1] == '!')
        read_interpreter(anatomy, &image);
    g_mapped_file_unref(file);
    return TRUE;
}

void n1_anatomy_release(struct n1_anatomy *anatomy)
{
    g_free(anatomy->interpreter);
    g_free(anatomy->loader);
    memset(anatomy, 0, sizeof *anatomy);
}

char **n1_anatomy_libraries(const struct n1_anatomy *anatomy, const char *path)
{
    /* $ORIGIN is the folder of the file, not that of a link to it (/usr/bin/java); asked like this, the linker does not know. */
    char *real = realpath(path, NULL), *listing = NULL;
    char *argv[] = {anatomy->loader, (char *)(guintptr) "--list", real ? real : (char *)(guintptr)path, NULL};
    int status = 0;
    bool is_listed =
        anatomy->loader &&
        g_spawn_sync(NULL, argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &listing, NULL, &status, NULL) &&
        g_spawn_check_wait_status(status, NULL);
    free(real);
    if (!is_listed) {
        g_free(listing);
        return NULL;
    }
    GStrvBuilder *libraries = g_strv_builder_new();
    char **lines = g_strsplit(listing, "\n", -1);
    for (char **line = lines; *line; line++) { /* "	libc.so.6 => /lib/libc.so.6 (0x7f…)" */
        char *arrow = strstr(*line, "=> ");
        char *library = arrow ? arrow + 3 : g_strstrip(*line);
        char *end = strstr(library, " (0x");
        if (end)
            *end = '\0';
        if (*library == '/')
            g_strv_builder_add(libraries, library);
    }
    g_strfreev(lines);
    g_free(listing);
    char **found = g_strv_builder_end(libraries);
    g_strv_builder_unref(libraries);
    return found;
}
