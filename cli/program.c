#include "cli/program.h"

#include <elf.h>
#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* 0 when path can be executed, else errno. */
static int executable(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return errno;
    if (S_ISDIR(st.st_mode))
        return EISDIR;
    return access(path, X_OK) == 0 ? 0 : errno;
}

static char *search_path(const char *name, int *why)
{
    const char *path = g_getenv("PATH");
    char **folder = g_strsplit(path ? path : "/bin:/usr/bin", ":", -1), *found = NULL;
    *why = ENOENT;
    for (char **f = folder; *f && !found; f++) {
        char *candidate = g_build_filename(**f ? *f : ".", name, NULL);
        int error = executable(candidate);
        if (error == 0)
            found = g_steal_pointer(&candidate);
        else if (error == EACCES)
            *why = EACCES;
        g_free(candidate);
    }
    g_strfreev(folder);
    return found;
}

/* The mapped file and a checked look into it. */
struct image {
    const char *bytes;
    gsize size;
};

static const void *at(const struct image *image, uint64_t offset, uint64_t size)
{
    return offset <= image->size && size <= image->size - offset ? image->bytes + offset : NULL;
}

static uint64_t file_offset(const struct image *image, const Elf64_Ehdr *header, uint64_t address)
{
    for (unsigned i = 0; i < header->e_phnum; i++) {
        const Elf64_Phdr *p = at(image, header->e_phoff + (uint64_t)i * sizeof *p, sizeof *p);
        if (p && p->p_type == PT_LOAD && address >= p->p_vaddr && address - p->p_vaddr < p->p_filesz)
            return address - p->p_vaddr + p->p_offset;
    }
    return UINT64_MAX;
}

static void read_needed(struct n1_program *program, const struct image *image, const Elf64_Ehdr *header,
                        const Elf64_Phdr *dynamic)
{
    uint64_t names = UINT64_MAX;
    size_t n = dynamic->p_filesz / sizeof(Elf64_Dyn);
    const Elf64_Dyn *entry = at(image, dynamic->p_offset, n * sizeof *entry);
    for (size_t i = 0; entry && i < n; i++)
        if (entry[i].d_tag == DT_STRTAB)
            names = file_offset(image, header, entry[i].d_un.d_ptr);
    for (size_t i = 0; entry && names != UINT64_MAX && i < n && entry[i].d_tag != DT_NULL; i++) {
        uint64_t offset = names + entry[i].d_un.d_val;
        const char *name = entry[i].d_tag == DT_NEEDED ? at(image, offset, 1) : NULL;
        if (!name || !memchr(name, '\0', image->size - offset))
            continue;
        if (g_str_has_prefix(name, "libasan.") || g_str_has_prefix(name, "libtsan.") ||
            g_str_has_prefix(name, "liblsan.")) {
            g_free(program->sanitizer);
            program->sanitizer = g_strdup(name);
        }
    }
}

static void examine_elf(struct n1_program *program, const struct image *image, const char *path)
{
    const Elf64_Ehdr *header = at(image, 0, sizeof *header);
    const Elf64_Ehdr *own = (const void *)at(image, 0, EI_NIDENT);
    static const unsigned char our_class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    if (own && own->e_ident[EI_CLASS] != our_class) {
        program->obstacle = g_strdup_printf("%s is a %d-bit program and n1prof's shim is not", path,
                                            own->e_ident[EI_CLASS] == ELFCLASS32 ? 32 : 64);
        program->cannot_preload = 1;
        return;
    }
    if (!header || our_class != ELFCLASS64)
        return;
    if (header->e_machine != EM_X86_64) {
        program->obstacle =
            g_strdup_printf("%s is a program for another machine and n1prof's shim is for x86-64", path);
        program->cannot_preload = 1;
        return;
    }
    gboolean is_dynamic = FALSE;
    for (unsigned i = 0; i < header->e_phnum; i++) {
        const Elf64_Phdr *p = at(image, header->e_phoff + (uint64_t)i * sizeof *p, sizeof *p);
        if (!p)
            return; /* a torn header: the kernel will refuse it */
        is_dynamic |= p->p_type == PT_INTERP;
        if (p->p_type == PT_DYNAMIC)
            read_needed(program, image, header, p);
    }
    if (!is_dynamic)
        program->obstacle = g_strdup_printf("%s is statically linked", path);
}

static void examine(struct n1_program *program, const char *path, int depth)
{
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return;
    gboolean changes_user = ((st.st_mode & S_ISUID) && st.st_uid != getuid()) ||
                            ((st.st_mode & S_ISGID) && (st.st_mode & S_IXGRP) && st.st_gid != getgid());
    GMappedFile *file = g_mapped_file_new(path, FALSE, NULL);
    if (!file) {
        if (changes_user)
            program->obstacle = g_strdup_printf("%s runs as another user (setuid or setgid)", path);
        return;
    }
    struct image image = {g_mapped_file_get_contents(file), g_mapped_file_get_length(file)};
    if (at(&image, 0, SELFMAG) && memcmp(image.bytes, ELFMAG, SELFMAG) == 0) {
        if (changes_user)
            program->obstacle = g_strdup_printf("%s runs as another user (setuid or setgid)", path);
        else if (getuid() != 0 && getxattr(path, "security.capability", NULL, 0) > 0)
            program->obstacle = g_strdup_printf("%s gets capabilities from its file", path);
        else
            examine_elf(program, &image, path);
    } else if (at(&image, 0, 2) && image.bytes[0] == '#' && image.bytes[1] == '!' && depth < 4) {
        gsize most = MIN(image.size - 2, (gsize)255);
        char *line = g_strndup(image.bytes + 2, most);
        line[strcspn(line, "\n")] = '\0';
        char *start = g_strstrip(line);
        start[strcspn(start, " \t")] = '\0';
        if (*start == '/')
            examine(program, start, depth + 1);
        g_free(line);
    }
    g_mapped_file_unref(file);
}

int n1_program_find(struct n1_program *program, const char *name)
{
    int why = 0;
    memset(program, 0, sizeof *program);
    if (strchr(name, '/')) {
        why = executable(name);
        program->path = g_strdup(name);
    } else {
        program->path = *name ? search_path(name, &why) : NULL;
        why = program->path ? 0 : *name ? why : ENOENT;
    }
    if (why != 0) {
        n1_program_release(program);
        errno = why;
        return why == ENOENT || why == ENOTDIR ? 127 : 126;
    }
    examine(program, program->path, 0);
    return 0;
}

void n1_program_release(struct n1_program *program)
{
    g_free(program->path);
    g_free(program->obstacle);
    g_free(program->sanitizer);
    memset(program, 0, sizeof *program);
}
