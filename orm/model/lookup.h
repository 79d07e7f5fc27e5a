/* Lookups (title__icontains) and date parts (created__year): two tables. How they read in SQL is the dialect's matter. */
#ifndef ORM_LOOKUP_H
#define ORM_LOOKUP_H

#include "orm/value/scalar.h"

enum orm_lookup_id {
    ORM_L_EXACT,
    ORM_L_IEXACT,
    ORM_L_CONTAINS,
    ORM_L_ICONTAINS,
    ORM_L_STARTSWITH,
    ORM_L_ISTARTSWITH,
    ORM_L_ENDSWITH,
    ORM_L_IENDSWITH,
    ORM_L_REGEX,
    ORM_L_IREGEX,
    ORM_L_GT,
    ORM_L_GTE,
    ORM_L_LT,
    ORM_L_LTE,
    ORM_L_IN,
    ORM_L_RANGE,
    ORM_L_ISNULL,
    ORM_L_JSON_CONTAINS,
    ORM_L_CONTAINED_BY,
    ORM_L_HAS_KEY,
    ORM_L_HAS_KEYS,
    ORM_L_HAS_ANY_KEYS,
    ORM_N_LOOKUPS
};

enum orm_rhs {
    ORM_RHS_ONE,     /* a value of the column's own type */
    ORM_RHS_TEXT,    /* any column, compared as text */
    ORM_RHS_PATTERN, /* text whose %, _ and \ are escaped and which gets a % before and behind */
    ORM_RHS_LIST,
    ORM_RHS_PAIR,
    ORM_RHS_FLAG,
    ORM_RHS_JSON, /* a document */
    ORM_RHS_KEY,  /* the name of a key of a document */
    ORM_RHS_KEYS
};

struct orm_lookup {
    const char *name;
    enum orm_lookup_id id;
    enum orm_rhs rhs;
    bool percent_before, percent_behind; /* ORM_RHS_PATTERN */
    bool on_relation;                    /* may stand on a relation: author__in */
    bool of_json;                        /* of JSON columns only, where it takes the place of another of its name */
};

extern const struct orm_lookup orm_lookups[ORM_N_LOOKUPS];
const struct orm_lookup *orm_lookup_named(const char *name, size_t len, enum orm_type of);

enum orm_part_id {
    ORM_PART_YEAR,
    ORM_PART_ISO_YEAR,
    ORM_PART_QUARTER,
    ORM_PART_MONTH,
    ORM_PART_DAY,
    ORM_PART_WEEK,
    ORM_PART_WEEK_DAY,
    ORM_PART_ISO_WEEK_DAY,
    ORM_PART_HOUR,
    ORM_PART_MINUTE,
    ORM_PART_SECOND,
    ORM_PART_DATE,
    ORM_PART_TIME,
    ORM_N_PARTS
};

struct orm_part {
    const char *name; /* "month" */
    enum orm_part_id id;
    enum orm_type type;    /* of the part */
    bool of_date, of_time; /* may be taken of a date, of a time; of a datetime always */
};
extern const struct orm_part orm_parts[ORM_N_PARTS];
/* NULL: no such part, or not of this type. */
const struct orm_part *orm_part_named(const char *name, size_t len, enum orm_type of);

#endif
