#include "reports/path.h"

#include <string.h>

const char *n1_report_path(const char *folder, const char *file)
{
    size_t n = folder ? strlen(folder) : 0;
    while (n > 0 && folder[n - 1] == '/')
        n--;
    if (!file || n == 0 || strncmp(file, folder, n) != 0 || file[n] != '/' || file[n + 1] == '\0')
        return file;
    return file + n + 1;
}
