/* The short words of the lesson: filter(...), order_by(...), MODEL(...). They are function-like macros, so that a
 * variable of the same name survives; a function of the same name in the same file does not: define
 * ORM_NO_SHORT_NAMES before including orm.h and write ORM_FILTER(...) there. */
#ifndef ORM_SHORT_H
#define ORM_SHORT_H

#ifndef __cplusplus /* the steps are C, and some of their names std's */
#    define filter(...)           ORM_FILTER(__VA_ARGS__)
#    define exclude(...)          ORM_EXCLUDE(__VA_ARGS__)
#    define annotate(...)         ORM_ANNOTATE(__VA_ARGS__)
#    define order_by(...)         ORM_ORDER_BY(__VA_ARGS__)
#    define order_by_expr(...)    ORM_ORDER_BY_EXPR(__VA_ARGS__)
#    define values(...)           ORM_VALUES(__VA_ARGS__)
#    define values_list(...)      ORM_VALUES_LIST(__VA_ARGS__)
#    define select_related(...)   ORM_SELECT_RELATED(__VA_ARGS__)
#    define prefetch_related(...) ORM_PREFETCH_RELATED(__VA_ARGS__)
#    define prefetch(...)         ORM_PREFETCH(__VA_ARGS__)
#    define only(...)             ORM_ONLY(__VA_ARGS__)
#    define defer(...)            ORM_DEFER(__VA_ARGS__)
#    define values_flat(name)     ORM_VALUES_FLAT(name)
#    define dates(...)            ORM_DATES(__VA_ARGS__)
#    define datetimes(...)        ORM_DATETIMES(__VA_ARGS__)
#    define distinct()            ORM_DISTINCT()
#    define reverse()             ORM_REVERSE()
#    define none()                ORM_NONE()
#    define slice(from, to)       ORM_SLICE(from, to)
#    define limit(n)              ORM_LIMIT(n)
#    define offset(n)             ORM_OFFSET(n)
#endif

#define FK(T)       ORM_FK(T)
#define FK_TEXT(T)  ORM_FK_TEXT(T)
#define FIELD(...)  ORM_FIELD(__VA_ARGS__)
#define META(...)   ORM_META(__VA_ARGS__)
#define MODEL(...)  ORM_MODEL(__VA_ARGS__)
#define CASCADE     ORM_CASCADE
#define PROTECT     ORM_PROTECT
#define SET_NULL    ORM_SET_NULL
#define DEF_INT(x)  ORM_DEF_INT(x)
#define DEF_BOOL(x) ORM_DEF_BOOL(x)
#define DEF_DBL(x)  ORM_DEF_DBL(x)
#define DEF_TEXT(x) ORM_DEF_TEXT(x)

#endif
