/* Functions that SQLite lacks, as tables; each answers NULL to NULL. */
#ifndef ORM_SQLITE_FUNCTIONS_H
#define ORM_SQLITE_FUNCTIONS_H

#include <sqlite3.h>
#include <stdbool.h>

struct orm_sqlite_function {
    const char *name; /* NULL: the end of a table */
    int n_args;
    void (*call)(sqlite3_context *context, int n, sqlite3_value **args); /* the step of an aggregate */
    void (*final)(sqlite3_context *context);                             /* NULL: no aggregate */
    bool is_random;
    double (*of_one)(double); /* what call computes, for functions of doubles */
    double (*of_two)(double, double);
};

/* Each ends with a NULL name, and stays in use as long as a connection that has its functions. */
extern const struct orm_sqlite_function orm_sqlite_moments[]; /* arithmetic with moments */
extern const struct orm_sqlite_function orm_sqlite_math[];    /* mathematics, texts, statistics */

#endif
