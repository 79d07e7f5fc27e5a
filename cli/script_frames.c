#include "cli/script_frames.h"

#include <stdlib.h>
#include <string.h>

/* As in preload/script. name: what stands before the version in the name of the program or library. */
static const struct {
    const char *name, *language;
    int major, oldest, newest; /* newest: 0: no end */
    char
        threaded; /* behind the version: the build without the interpreter lock, whose objects are laid out otherwise */
} readers[] = {
    {"python", "Python", 3, 9, 13, 't'}, {"libpython", "Python", 3, 9, 13, 't'},  {"ruby", "Ruby", 3, 0, 4, '\0'},
    {"libruby-", "Ruby", 3, 0, 4, '\0'}, {"libperl.so.", "Perl", 5, 24, 0, '\0'}, {"perl", "Perl", 5, 24, 0, '\0'},
    {"php", "PHP", 8, 0, 0, '\0'},       {"libphp", "PHP", 8, 0, 0, '\0'},
};

/* "3.11" at the text's beginning. False: there is no version. */
static gboolean read_version(const char *text, int *major, int *minor, const char **behind)
{
    char *end;
    if (!g_ascii_isdigit(*text))
        return FALSE;
    *major = (int)strtol(text, &end, 10);
    if (*end != '.' || !g_ascii_isdigit(end[1]))
        return FALSE;
    *minor = (int)strtol(end + 1, &end, 10);
    *behind = end;
    return TRUE;
}

char *n1_script_frames_of(const char *path)
{
    char *real = realpath(path, NULL), *base = g_path_get_basename(real ? real : path), *said = NULL;
    free(real);
    for (size_t i = 0; i < G_N_ELEMENTS(readers) && !said; i++) {
        int major, minor;
        const char *behind;
        if (!g_str_has_prefix(base, readers[i].name) ||
            !read_version(base + strlen(readers[i].name), &major, &minor, &behind))
            continue;
        const gboolean is_threaded = readers[i].threaded && *behind == readers[i].threaded;
        const gboolean is_read = major == readers[i].major && minor >= readers[i].oldest &&
                                 (!readers[i].newest || minor <= readers[i].newest) && !is_threaded;
        char *newest = readers[i].newest ? g_strdup_printf(" to %d.%d", readers[i].major, readers[i].newest)
                                         : g_strdup(" and later");
        said =
            is_read
                ? g_strdup_printf("%s %d.%d: read", readers[i].language, major, minor)
                : g_strdup_printf("%s %d.%d%s: not read (%d.%d%s are): places are native frames, not lines of scripts",
                                  readers[i].language, major, minor, is_threaded ? " without the interpreter lock" : "",
                                  readers[i].major, readers[i].oldest, newest);
        g_free(newest);
    }
    g_free(base);
    return said;
}
