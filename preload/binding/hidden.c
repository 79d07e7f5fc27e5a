#include "preload/binding/hidden.h"

#include <errno.h>
#include <link.h>
#include <string.h>

#include "preload/base/process.h"
#include "preload/binding/modules.h"

enum { SEARCHED_MAX = 64 << 20 }; /* bytes of one object's constants */

/* A message of sqlite3_bind_*(): the engine alone has it. The file format's header and the schema's names stand in programs
 * that read or describe database files, too (the sqlite3 shell, GDAL). */
static const char message[] = "bind on a busy prepared statement";

static const char *const left_out[] = {"libc.so", "ld-linux", "ld-musl", "libn1prof_", "linux-vdso"};

static bool is_left_out(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
        if (strncmp(name, left_out[i], strlen(left_out[i])) == 0)
            return true;
    return false;
}

static bool has(const void *bytes, size_t size)
{
    return memmem(bytes, size < SEARCHED_MAX ? size : SEARCHED_MAX, message, sizeof message - 1) != NULL;
}

static int look(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size;
    struct n1_module module = {.bias = info->dlpi_addr, .start = UINTPTR_MAX};
    bool *is_hidden = data, is_found = false;
    if (is_left_out(info->dlpi_name))
        return 0;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        const uintptr_t at = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_DYNAMIC)
            module.dynamic = (const void *)at;
        if (segment->p_type == PT_LOAD && at < module.start)
            module.start = at;
        /* Constants: alone, or together with the code in one segment. What the file does not fill holds none. */
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) || !(segment->p_flags & PF_R))
            continue;
        if ((segment->p_flags & PF_X) && info->dlpi_phnum > 1 && segment->p_vaddr != 0 && segment->p_offset != 0)
            continue; /* code in a segment of its own */
        is_found |= has((const void *)at, segment->p_filesz);
    }
    if (!is_found)
        return 0;
    const bool is_program = info->dlpi_name[0] == '\0';
    if (is_program || !module.dynamic || !n1_module_symbol(&module, "sqlite3_step", NULL)) {
        *is_hidden = true;
        return 1;
    }
    return 0;
}

bool n1_hidden_sqlite(void)
{
    const int saved = errno;
    bool is_hidden = false;
    dl_iterate_phdr(look, &is_hidden);
    errno = saved;
    return is_hidden;
}

__attribute__((destructor)) static void at_exit(void)
{
    if (!n1_process.is_off && n1_hidden_sqlite())
        n1_count(N1_UNSAFE_STATIC, 1);
}
