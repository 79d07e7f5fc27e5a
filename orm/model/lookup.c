#include "orm/model/lookup.h"

const struct orm_lookup orm_lookups[ORM_N_LOOKUPS] = {
    {"exact", ORM_L_EXACT, ORM_RHS_ONE, .on_relation = true},
    {"iexact", ORM_L_IEXACT, ORM_RHS_TEXT, .on_relation = false},
    {"contains", ORM_L_CONTAINS, ORM_RHS_PATTERN, .percent_before = true, .percent_behind = true},
    {"icontains", ORM_L_ICONTAINS, ORM_RHS_PATTERN, .percent_before = true, .percent_behind = true},
    {"startswith", ORM_L_STARTSWITH, ORM_RHS_PATTERN, .percent_behind = true},
    {"istartswith", ORM_L_ISTARTSWITH, ORM_RHS_PATTERN, .percent_behind = true},
    {"endswith", ORM_L_ENDSWITH, ORM_RHS_PATTERN, .percent_before = true},
    {"iendswith", ORM_L_IENDSWITH, ORM_RHS_PATTERN, .percent_before = true},
    {"regex", ORM_L_REGEX, ORM_RHS_TEXT, .on_relation = false},
    {"iregex", ORM_L_IREGEX, ORM_RHS_TEXT, .on_relation = false},
    {"gt", ORM_L_GT, ORM_RHS_ONE, .on_relation = true},
    {"gte", ORM_L_GTE, ORM_RHS_ONE, .on_relation = true},
    {"lt", ORM_L_LT, ORM_RHS_ONE, .on_relation = true},
    {"lte", ORM_L_LTE, ORM_RHS_ONE, .on_relation = true},
    {"in", ORM_L_IN, ORM_RHS_LIST, .on_relation = true},
    {"range", ORM_L_RANGE, ORM_RHS_PAIR, .on_relation = false},
    {"isnull", ORM_L_ISNULL, ORM_RHS_FLAG, .on_relation = true},
    {"contains", ORM_L_JSON_CONTAINS, ORM_RHS_JSON, .of_json = true},
    {"contained_by", ORM_L_CONTAINED_BY, ORM_RHS_JSON, .of_json = true},
    {"has_key", ORM_L_HAS_KEY, ORM_RHS_KEY, .of_json = true},
    {"has_keys", ORM_L_HAS_KEYS, ORM_RHS_KEYS, .of_json = true},
    {"has_any_keys", ORM_L_HAS_ANY_KEYS, ORM_RHS_KEYS, .of_json = true},
};

const struct orm_part orm_parts[ORM_N_PARTS] = {
    {"year", ORM_PART_YEAR, ORM_T_INT, true, false},
    {"iso_year", ORM_PART_ISO_YEAR, ORM_T_INT, true, false},
    {"quarter", ORM_PART_QUARTER, ORM_T_INT, true, false},
    {"month", ORM_PART_MONTH, ORM_T_INT, true, false},
    {"day", ORM_PART_DAY, ORM_T_INT, true, false},
    {"week", ORM_PART_WEEK, ORM_T_INT, true, false},
    {"week_day", ORM_PART_WEEK_DAY, ORM_T_INT, true, false},
    {"iso_week_day", ORM_PART_ISO_WEEK_DAY, ORM_T_INT, true, false},
    {"hour", ORM_PART_HOUR, ORM_T_INT, false, true},
    {"minute", ORM_PART_MINUTE, ORM_T_INT, false, true},
    {"second", ORM_PART_SECOND, ORM_T_INT, false, true},
    {"date", ORM_PART_DATE, ORM_T_DATE, false, false},
    {"time", ORM_PART_TIME, ORM_T_TIME, false, false},
};

static bool is(const char *name, const char *s, size_t n)
{
    return strncmp(name, s, n) == 0 && name[n] == '\0';
}

const struct orm_lookup *orm_lookup_named(const char *name, size_t len, enum orm_type of)
{
    const struct orm_lookup *found = NULL;
    for (size_t i = 0; i < ORM_N_LOOKUPS; i++)
        if (is(orm_lookups[i].name, name, len) && (of == ORM_T_JSON || !orm_lookups[i].of_json))
            found = &orm_lookups[i];
    return found;
}

const struct orm_part *orm_part_named(const char *name, size_t len, enum orm_type of)
{
    for (size_t i = 0; i < ORM_N_PARTS; i++) {
        const struct orm_part *p = &orm_parts[i];
        if (!is(p->name, name, len))
            continue;
        if (of == ORM_T_DATETIME || (of == ORM_T_DATE && p->of_date) || (of == ORM_T_TIME && p->of_time))
            return p;
    }
    return NULL;
}
