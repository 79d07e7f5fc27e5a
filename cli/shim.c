#include "cli/shim.h"

#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHIM_FILE    "libn1prof_preload.so"
#define AUDITOR_FILE "libn1prof_audit.so"

static char *beside_ourselves(void)
{
    char *self = g_file_read_link("/proc/self/exe", NULL);
    if (!self)
        return NULL;
    char *bin = g_path_get_dirname(self), *prefix = g_path_get_dirname(bin);
    char *path = g_build_filename(prefix, N1_SHIM_DIR, SHIM_FILE, NULL);
    g_free(self);
    g_free(bin);
    g_free(prefix);
    return path;
}

char *n1_shim_path(struct n1_error *err)
{
    const char *chosen = g_getenv("N1PROF_PRELOAD");
    char *path = chosen && *chosen ? realpath(chosen, NULL) : beside_ourselves();
    if (!path || access(path, R_OK) != 0) {
        const char *named = chosen && *chosen ? chosen : path ? path : SHIM_FILE;
        n1_error_set(err, N1_ERROR_SYSTEM, named,
                     "%s: cannot read n1prof's shim (%s); install n1prof again, or name the file with N1PROF_PRELOAD",
                     named, g_strerror(errno));
    } else if (strpbrk(path, " \t\n:")) {
        n1_error_set(err, N1_ERROR_SYSTEM, path,
                     "%s: the dynamic linker cannot preload a file with blanks or colons in its path; install n1prof "
                     "elsewhere, or name a copy of the file with N1PROF_PRELOAD",
                     path);
    } else {
        return path;
    }
    free(path);
    return NULL;
}

static gboolean is_sanitizer(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    return g_str_has_prefix(name, "libasan.") || g_str_has_prefix(name, "libclang_rt.asan") ||
           g_str_has_prefix(name, "libtsan.") || g_str_has_prefix(name, "libclang_rt.tsan");
}

char *n1_shim_preload(const char *shim, const char *existing, const char *sanitizer)
{
    GString *first = g_string_new(NULL), *then = g_string_new(shim);
    char **part = g_strsplit_set(existing ? existing : "", " :", -1);
    for (char **p = part; *p; p++) {
        if (!**p)
            continue;
        if (is_sanitizer(*p)) {
            g_string_append_printf(first, "%s:", *p);
            sanitizer = NULL;
        } else {
            g_string_append_printf(then, ":%s", *p);
        }
    }
    g_strfreev(part);
    if (sanitizer)
        g_string_append_printf(first, "%s:", sanitizer);
    g_string_append(first, then->str);
    g_string_free(then, TRUE);
    return g_string_free(first, FALSE);
}

char *n1_shim_tunables(const char *existing)
{
    static const char reserve[] = "glibc.rtld.optional_static_tls";
    enum { RESERVE_BYTES = 512 + 4096 }; /* glibc's own, and ours: it is part of every thread's stack */
    if (!existing || !*existing)
        return g_strdup_printf("%s=%d", reserve, RESERVE_BYTES);
    if (strstr(existing, reserve))
        return g_strdup(existing);
    return g_strdup_printf("%s:%s=%d", existing, reserve, RESERVE_BYTES);
}

char *n1_shim_audit(const char *shim, const char *existing, const char *sanitizer)
{
    /* 56 KB and 770 KB of thread-local storage. */
    if (sanitizer && (g_str_has_prefix(sanitizer, "libtsan.") || g_str_has_prefix(sanitizer, "liblsan.")))
        return NULL;
    if (g_strcmp0(g_getenv("N1PROF_AUDIT"), "off") == 0)
        return NULL;
    char *folder = g_path_get_dirname(shim);
    char *auditor = g_build_filename(folder, AUDITOR_FILE, NULL);
    if (access(auditor, R_OK) != 0) {
        g_free(auditor);
        auditor = NULL;
    } else if (existing && *existing) {
        char *alone = auditor;
        auditor = g_strconcat(alone, ":", existing, NULL);
        g_free(alone);
    }
    g_free(folder);
    return auditor;
}
