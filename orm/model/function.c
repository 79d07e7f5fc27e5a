#include "orm/model/function.h"

enum { ANY = 64 };

#define AGGREGATE(n, id, r, sql, null, distinct)                                                                       \
    {                                                                                                                  \
        n, id, true, 1, 1, r, sql, null, distinct, false, "expression"                                                 \
    }
#define PLAIN(n, id, min, max, r, sql, names)                                                                          \
    {                                                                                                                  \
        n, id, false, min, max, r, sql, false, false, false, names                                                     \
    }
#define WINDOW(n, id, min, max, r, sql, names)                                                                         \
    {                                                                                                                  \
        n, id, false, min, max, r, sql, false, false, true, names                                                      \
    }

const struct orm_function orm_functions[ORM_N_FUNCTIONS] = {
    AGGREGATE("Count", ORM_F_COUNT, ORM_R_INT, "COUNT", false, true),
    AGGREGATE("Sum", ORM_F_SUM, ORM_R_FIRST, "SUM", true, true),
    AGGREGATE("Avg", ORM_F_AVG, ORM_R_NUMERIC, "AVG", true, true),
    AGGREGATE("Min", ORM_F_MIN, ORM_R_FIRST, "MIN", true, false),
    AGGREGATE("Max", ORM_F_MAX, ORM_R_FIRST, "MAX", true, false),
    AGGREGATE("StdDev", ORM_F_STDDEV, ORM_R_NUMERIC, "STDDEV_POP", true, false),
    AGGREGATE("Variance", ORM_F_VARIANCE, ORM_R_NUMERIC, "VAR_POP", true, false),
    PLAIN("Lower", ORM_F_LOWER, 1, 1, ORM_R_FIRST, "LOWER", ""),
    PLAIN("Upper", ORM_F_UPPER, 1, 1, ORM_R_FIRST, "UPPER", ""),
    PLAIN("Length", ORM_F_LENGTH, 1, 1, ORM_R_INT, "LENGTH", ""),
    PLAIN("Coalesce", ORM_F_COALESCE, 2, ANY, ORM_R_FIRST, "COALESCE", ""),
    PLAIN("Concat", ORM_F_CONCAT, 2, ANY, ORM_R_FIRST, "CONCAT", ""),
    PLAIN("Greatest", ORM_F_GREATEST, 2, ANY, ORM_R_FIRST, "GREATEST", ""),
    PLAIN("Least", ORM_F_LEAST, 2, ANY, ORM_R_FIRST, "LEAST", ""),
    PLAIN("NullIf", ORM_F_NULLIF, 2, 2, ORM_R_FIRST, "NULLIF", ""),
    PLAIN("Trim", ORM_F_TRIM, 1, 1, ORM_R_FIRST, "TRIM", ""),
    PLAIN("LTrim", ORM_F_LTRIM, 1, 1, ORM_R_FIRST, "LTRIM", ""),
    PLAIN("RTrim", ORM_F_RTRIM, 1, 1, ORM_R_FIRST, "RTRIM", ""),
    PLAIN("Replace", ORM_F_REPLACE, 2, 3, ORM_R_FIRST, "REPLACE", "expression text replacement"),
    PLAIN("Substr", ORM_F_SUBSTR, 2, 3, ORM_R_TEXT, "SUBSTRING", "expression pos length"),
    PLAIN("Left", ORM_F_LEFT, 2, 2, ORM_R_TEXT, "LEFT", "expression length"),
    PLAIN("Right", ORM_F_RIGHT, 2, 2, ORM_R_TEXT, "RIGHT", "expression length"),
    PLAIN("StrIndex", ORM_F_STRINDEX, 2, 2, ORM_R_INT, "STRPOS", ""),
    PLAIN("LPad", ORM_F_LPAD, 2, 3, ORM_R_TEXT, "LPAD", "expression length fill_text"),
    PLAIN("RPad", ORM_F_RPAD, 2, 3, ORM_R_TEXT, "RPAD", "expression length fill_text"),
    PLAIN("Repeat", ORM_F_REPEAT, 2, 2, ORM_R_TEXT, "REPEAT", "expression number"),
    PLAIN("Reverse", ORM_F_REVERSE, 1, 1, ORM_R_FIRST, "REVERSE", ""),
    PLAIN("Chr", ORM_F_CHR, 1, 1, ORM_R_FIRST, "CHR", ""),
    PLAIN("Ord", ORM_F_ORD, 1, 1, ORM_R_INT, "ASCII", ""),

    PLAIN("Abs", ORM_F_ABS, 1, 1, ORM_R_FIRST, "ABS", ""),
    PLAIN("Ceil", ORM_F_CEIL, 1, 1, ORM_R_FIRST, "CEILING", ""),
    PLAIN("Floor", ORM_F_FLOOR, 1, 1, ORM_R_FIRST, "FLOOR", ""),
    PLAIN("Round", ORM_F_ROUND, 1, 1, ORM_R_FIRST, "ROUND", ""),
    PLAIN("Sign", ORM_F_SIGN, 1, 1, ORM_R_FIRST, "SIGN", ""),
    PLAIN("Sqrt", ORM_F_SQRT, 1, 1, ORM_R_NUMERIC, "SQRT", ""),
    PLAIN("Exp", ORM_F_EXP, 1, 1, ORM_R_NUMERIC, "EXP", ""),
    PLAIN("Ln", ORM_F_LN, 1, 1, ORM_R_NUMERIC, "LN", ""),
    PLAIN("Log", ORM_F_LOG, 2, 2, ORM_R_NUMERIC, "LOG", ""),
    PLAIN("Power", ORM_F_POWER, 2, 2, ORM_R_NUMERIC, "POWER", ""),
    PLAIN("Mod", ORM_F_MOD, 2, 2, ORM_R_NUMERIC, "MOD", ""),
    PLAIN("Pi", ORM_F_PI, 0, 0, ORM_R_NUMERIC, "PI()", ""),
    PLAIN("Sin", ORM_F_SIN, 1, 1, ORM_R_NUMERIC, "SIN", ""),
    PLAIN("Cos", ORM_F_COS, 1, 1, ORM_R_NUMERIC, "COS", ""),
    PLAIN("Tan", ORM_F_TAN, 1, 1, ORM_R_NUMERIC, "TAN", ""),
    PLAIN("Cot", ORM_F_COT, 1, 1, ORM_R_NUMERIC, "COT", ""),
    PLAIN("ASin", ORM_F_ASIN, 1, 1, ORM_R_NUMERIC, "ASIN", ""),
    PLAIN("ACos", ORM_F_ACOS, 1, 1, ORM_R_NUMERIC, "ACOS", ""),
    PLAIN("ATan", ORM_F_ATAN, 1, 1, ORM_R_NUMERIC, "ATAN", ""),
    PLAIN("ATan2", ORM_F_ATAN2, 2, 2, ORM_R_NUMERIC, "ATAN2", ""),
    PLAIN("Degrees", ORM_F_DEGREES, 1, 1, ORM_R_NUMERIC, "DEGREES", ""),
    PLAIN("Radians", ORM_F_RADIANS, 1, 1, ORM_R_NUMERIC, "RADIANS", ""),
    PLAIN("Random", ORM_F_RANDOM, 0, 0, ORM_R_NUMERIC, "RANDOM()", ""),
    PLAIN("Now", ORM_F_NOW, 0, 0, ORM_R_DATETIME, "CURRENT_TIMESTAMP", ""),
    WINDOW("RowNumber", ORM_F_ROW_NUMBER, 0, 0, ORM_R_INT, "ROW_NUMBER()", ""),
    WINDOW("Rank", ORM_F_RANK, 0, 0, ORM_R_INT, "RANK()", ""),
    WINDOW("DenseRank", ORM_F_DENSE_RANK, 0, 0, ORM_R_INT, "DENSE_RANK()", ""),
    WINDOW("PercentRank", ORM_F_PERCENT_RANK, 0, 0, ORM_R_NUMERIC, "PERCENT_RANK()", ""),
    WINDOW("CumeDist", ORM_F_CUME_DIST, 0, 0, ORM_R_NUMERIC, "CUME_DIST()", ""),
    WINDOW("Ntile", ORM_F_NTILE, 1, 1, ORM_R_INT, "NTILE", "num_buckets"),
    WINDOW("Lag", ORM_F_LAG, 1, 3, ORM_R_FIRST, "LAG", "expression offset default"),
    WINDOW("Lead", ORM_F_LEAD, 1, 3, ORM_R_FIRST, "LEAD", "expression offset default"),
    WINDOW("FirstValue", ORM_F_FIRST_VALUE, 1, 1, ORM_R_FIRST, "FIRST_VALUE", "expression"),
    WINDOW("LastValue", ORM_F_LAST_VALUE, 1, 1, ORM_R_FIRST, "LAST_VALUE", "expression"),
    WINDOW("NthValue", ORM_F_NTH_VALUE, 1, 2, ORM_R_FIRST, "NTH_VALUE", "expression nth"),
};

const struct orm_function *orm_function_named(const char *name)
{
    for (size_t i = 0; i < ORM_N_FUNCTIONS; i++)
        if (strcmp(orm_functions[i].name, name) == 0)
            return &orm_functions[i];
    return NULL;
}
