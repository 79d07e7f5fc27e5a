/* Database functions and aggregates by their Django names: one table. A dialect may spell one differently. */
#ifndef ORM_FUNCTION_H
#define ORM_FUNCTION_H

#include "orm/scalar.h"

enum orm_function_id {
    ORM_F_COUNT,
    ORM_F_SUM,
    ORM_F_AVG,
    ORM_F_MIN,
    ORM_F_MAX,
    ORM_F_LOWER,
    ORM_F_UPPER,
    ORM_F_LENGTH,
    ORM_F_COALESCE,
    ORM_F_CONCAT,
    ORM_F_ABS,
    ORM_F_GREATEST,
    ORM_F_LEAST,
    ORM_F_NULLIF,
    ORM_F_TRIM,
    ORM_F_LTRIM,
    ORM_F_RTRIM,
    ORM_F_REPLACE,
    ORM_F_NOW,
    ORM_N_FUNCTIONS
};

enum orm_result_type {
    ORM_R_FIRST, /* of the first argument that has a type */
    ORM_R_INT,
    ORM_R_TEXT,
    ORM_R_AVERAGE, /* float; of decimals decimal */
    ORM_R_DATETIME
};

struct orm_function {
    const char *name; /* Django's */
    enum orm_function_id id;
    bool is_aggregate;
    size_t min_args, max_args;
    enum orm_result_type result;
    const char *sql;
    bool empty_is_null; /* aggregate over no rows is NULL (Count is 0) */
};

extern const struct orm_function orm_functions[ORM_N_FUNCTIONS];
const struct orm_function *orm_function_named(const char *name);

#endif
