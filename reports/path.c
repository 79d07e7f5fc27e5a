#include "reports/path.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* Length without the slashes at the end; 0 when the folder says nothing. */
static size_t folder_length(const char *folder)
{
    size_t n = folder && folder[0] == '/' ? strlen(folder) : 0;
    while (n > 0 && folder[n - 1] == '/')
        n--;
    return n;
}

const char *n1_report_path(const char *folder, const char *file)
{
    size_t n = folder_length(folder);
    if (!file || n == 0 || strncmp(file, folder, n) != 0 || file[n] != '/' || file[n + 1] == '\0')
        return file;
    return file + n + 1;
}

char *n1_report_path_in_text(const char *folder, const char *text)
{
    size_t n = folder_length(folder);
    if (!text || n == 0)
        return g_strdup(text);
    GString *out = g_string_new(NULL);
    for (const char *p = text; *p;) {
        bool begins_path = p == text || strchr(" \t\n\"'(`", p[-1]) != NULL;
        if (begins_path && strncmp(p, folder, n) == 0 && p[n] == '/' && p[n + 1] != '\0' && p[n + 1] != ' ')
            p += n + 1;
        else
            g_string_append_c(out, *p++);
    }
    return g_string_free(out, FALSE);
}
