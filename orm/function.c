#include "orm/function.h"

enum { ANY = 64 };

const struct orm_function orm_functions[ORM_N_FUNCTIONS] = {
    {"Count", ORM_F_COUNT, true, 1, 1, ORM_R_INT, "COUNT", false},
    {"Sum", ORM_F_SUM, true, 1, 1, ORM_R_FIRST, "SUM", true},
    {"Avg", ORM_F_AVG, true, 1, 1, ORM_R_AVERAGE, "AVG", true},
    {"Min", ORM_F_MIN, true, 1, 1, ORM_R_FIRST, "MIN", true},
    {"Max", ORM_F_MAX, true, 1, 1, ORM_R_FIRST, "MAX", true},
    {"Lower", ORM_F_LOWER, false, 1, 1, ORM_R_TEXT, "LOWER", false},
    {"Upper", ORM_F_UPPER, false, 1, 1, ORM_R_TEXT, "UPPER", false},
    {"Length", ORM_F_LENGTH, false, 1, 1, ORM_R_INT, "LENGTH", false},
    {"Coalesce", ORM_F_COALESCE, false, 2, ANY, ORM_R_FIRST, "COALESCE", false},
    {"Concat", ORM_F_CONCAT, false, 2, ANY, ORM_R_TEXT, "CONCAT", false},
    {"Abs", ORM_F_ABS, false, 1, 1, ORM_R_FIRST, "ABS", false},
    {"Greatest", ORM_F_GREATEST, false, 2, ANY, ORM_R_FIRST, "GREATEST", false},
    {"Least", ORM_F_LEAST, false, 2, ANY, ORM_R_FIRST, "LEAST", false},
    {"NullIf", ORM_F_NULLIF, false, 2, 2, ORM_R_FIRST, "NULLIF", false},
    {"Trim", ORM_F_TRIM, false, 1, 1, ORM_R_TEXT, "TRIM", false},
    {"LTrim", ORM_F_LTRIM, false, 1, 1, ORM_R_TEXT, "LTRIM", false},
    {"RTrim", ORM_F_RTRIM, false, 1, 1, ORM_R_TEXT, "RTRIM", false},
    {"Replace", ORM_F_REPLACE, false, 3, 3, ORM_R_TEXT, "REPLACE", false},
    {"Now", ORM_F_NOW, false, 0, 0, ORM_R_DATETIME, "CURRENT_TIMESTAMP", false},
};

const struct orm_function *orm_function_named(const char *name)
{
    for (size_t i = 0; i < ORM_N_FUNCTIONS; i++)
        if (strcmp(orm_functions[i].name, name) == 0)
            return &orm_functions[i];
    return NULL;
}
