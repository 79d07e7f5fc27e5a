/* Functions that SQLite lacks, as tables; each answers NULL to NULL. */
#ifndef ORM_SQLITE_FUNCTIONS_H
#define ORM_SQLITE_FUNCTIONS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

struct orm_sqlite_function {
    const char *name;
    int n_args;
    void (*call)(sqlite3_context *context, int n, sqlite3_value **args); /* the step of an aggregate */
    void (*final)(sqlite3_context *context);                             /* NULL: no aggregate */
    bool is_random;
    double (*of_one)(double); /* what call computes, for functions of doubles */
    double (*of_two)(double, double);
};

/* f stays in use as long as the connection. */
bool orm_sqlite_add(void *sqlite3_handle, const struct orm_sqlite_function *f, size_t n);
bool orm_sqlite_add_moments(void *sqlite3_handle); /* sqlite_moments.c */
bool orm_sqlite_add_math(void *sqlite3_handle);    /* sqlite_math.c */

#endif
