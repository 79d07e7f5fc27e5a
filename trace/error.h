/* What went wrong, for a person: filled by libraries, printed only by cli/. */
#ifndef N1_TRACE_ERROR_H
#define N1_TRACE_ERROR_H

#include <stdint.h>

enum n1_error_code { N1_OK = 0, N1_ERROR_SYSTEM, N1_ERROR_FORMAT, N1_ERROR_VERSION, N1_ERROR_EMPTY, N1_ERROR_USAGE };

struct n1_error {
    enum n1_error_code code;
    int system_errno;  /* N1_ERROR_SYSTEM */
    uint64_t offset;   /* of the damage in the file, bytes; 0 when it does not apply */
    char file[512];    /* the thing, cut when longer; "" when it is no file */
    char message[512]; /* one line without a newline: the thing, the place, the way out */
};

/* Fills err (which may be NULL) and returns −code, so that `return n1_error_set(…)` ends a function. */
int n1_error_set(struct n1_error *err, enum n1_error_code code, const char *file, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
