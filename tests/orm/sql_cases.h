/* Steps and the SQL behind FROM that Django 3.2 writes for them (parity notes 1.1 to 1.6), placeholders for values.
 * pg NULL: the same text, with $1, $2 ... for each ?. */
#ifndef SQL_CASES_H
#define SQL_CASES_H

#include <stddef.h>

struct sql_case {
    const char *model, *step, *text, *sqlite, *pg;
};

#define A " FROM \"blog_author\""
#define P " FROM \"blog_post\""

static const struct sql_case sql_cases[] = {
#include "sql_cases.inc"
};

#endif
