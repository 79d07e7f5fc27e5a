#include "cli/message.h"

#include <glib.h>
#include <stdio.h>

int n1_complain(int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *line = g_strdup_vprintf(format, args);
    va_end(args);
    for (char *p = line; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    fprintf(stderr, "n1prof: %s\n", line);
    g_free(line);
    return status;
}
