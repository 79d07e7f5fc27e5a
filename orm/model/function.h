/* Database functions and aggregates by their Django names: one table. A dialect may spell one differently. */
#ifndef ORM_FUNCTION_H
#define ORM_FUNCTION_H

#include "orm/value/scalar.h"

enum orm_function_id {
    ORM_F_COUNT,
    ORM_F_SUM,
    ORM_F_AVG,
    ORM_F_MIN,
    ORM_F_MAX,
    ORM_F_STDDEV,
    ORM_F_VARIANCE,
    ORM_F_LOWER,
    ORM_F_UPPER,
    ORM_F_LENGTH,
    ORM_F_COALESCE,
    ORM_F_CONCAT,
    ORM_F_GREATEST,
    ORM_F_LEAST,
    ORM_F_NULLIF,
    ORM_F_TRIM,
    ORM_F_LTRIM,
    ORM_F_RTRIM,
    ORM_F_REPLACE,
    ORM_F_SUBSTR,
    ORM_F_LEFT,
    ORM_F_RIGHT,
    ORM_F_STRINDEX,
    ORM_F_LPAD,
    ORM_F_RPAD,
    ORM_F_REPEAT,
    ORM_F_REVERSE,
    ORM_F_CHR,
    ORM_F_ORD,

    ORM_F_ABS,
    ORM_F_CEIL,
    ORM_F_FLOOR,
    ORM_F_ROUND,
    ORM_F_SIGN,
    ORM_F_SQRT,
    ORM_F_EXP,
    ORM_F_LN,
    ORM_F_LOG,
    ORM_F_POWER,
    ORM_F_MOD,
    ORM_F_PI,
    ORM_F_SIN,
    ORM_F_COS,
    ORM_F_TAN,
    ORM_F_COT,
    ORM_F_ASIN,
    ORM_F_ACOS,
    ORM_F_ATAN,
    ORM_F_ATAN2,
    ORM_F_DEGREES,
    ORM_F_RADIANS,
    ORM_F_RANDOM,
    ORM_F_NOW,
    ORM_F_ROW_NUMBER, /* only inside Window() from here on */
    ORM_F_RANK,
    ORM_F_DENSE_RANK,
    ORM_F_PERCENT_RANK,
    ORM_F_CUME_DIST,
    ORM_F_NTILE,
    ORM_F_LAG,
    ORM_F_LEAD,
    ORM_F_FIRST_VALUE,
    ORM_F_LAST_VALUE,
    ORM_F_NTH_VALUE,
    ORM_N_FUNCTIONS
};

enum orm_result_type {
    ORM_R_FIRST, /* of the first argument, which the others must fit */
    ORM_R_INT,
    ORM_R_TEXT,
    ORM_R_NUMERIC, /* float; decimal when an argument is one */
    ORM_R_DATETIME,
    ORM_R_JSON
};

struct orm_function {
    const char *name; /* Django's */
    enum orm_function_id id;
    bool is_aggregate;
    size_t min_args, max_args;
    enum orm_result_type result;
    const char *sql;
    bool empty_is_null;   /* aggregate over no rows is NULL (Count is 0) */
    bool allows_distinct; /* aggregate */
    bool is_window;       /* only inside Window() */
    const char *keywords; /* names of the arguments that may be given by name, the first at position 0 */
};

extern const struct orm_function orm_functions[ORM_N_FUNCTIONS];
const struct orm_function *orm_function_named(const char *name);

#endif
