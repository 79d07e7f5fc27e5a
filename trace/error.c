#include "trace/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int n1_error_set(struct n1_error *err, enum n1_error_code code, const char *file, const char *format, ...)
{
    if (!err)
        return -(int)code;
    int saved = errno;
    memset(err, 0, sizeof *err);
    err->code = code;
    err->system_errno = code == N1_ERROR_SYSTEM ? saved : 0;
    snprintf(err->file, sizeof err->file, "%s", file ? file : "");
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return -(int)code;
}
