/* What SQLite and PostgreSQL write differently; nothing about connections. Constant tables, one file a dialect. */
#ifndef ORM_DIALECT_H
#define ORM_DIALECT_H

#include "orm/resolve/query.h"

struct orm_compiler;

enum orm_sql { ORM_SQL_ERROR = -1, ORM_SQL_OK, ORM_SQL_EMPTY, ORM_SQL_FULL };

struct orm_dialect {
    const char *name;
    bool numbers_params; /* $1: one number may be used twice; otherwise ? */
    bool groups_by_key;  /* GROUP BY the primary key covers the table's other columns */
    bool returns_rows;   /* INSERT ... RETURNING for many rows */
    size_t max_params;
    const char *truth[2];                        /* false, true */
    const char *no_limit;                        /* what stands for LIMIT when there is only an OFFSET; NULL: nothing */
    const char *insert_ignore, *conflict_ignore; /* before and behind an INSERT that may meet equal rows */
    const char *lookups[ORM_N_LOOKUPS];          /* '@' left side, '?' right side; NULL: written by the compiler */
    const char
        *column_patterns[ORM_N_LOOKUPS]; /* the same when the right side is no constant: '?' is the escaped text */
    const char *any_of;  /* what stands behind the left side of a long IN: one list of keys; NULL: it has none */
    const char *escaped; /* '?' with %, _ and \ escaped by the database */
    const char *functions[ORM_N_FUNCTIONS]; /* another name, or a template with @1 @2 for the arguments */
    const char *column_types[ORM_N_KINDS];  /* of CREATE TABLE; NULL: varchar of the field's length */
    const char *key_type;                   /* of a key that the database numbers: members are 64 bits, and so is it */
    bool sizes_decimals;                    /* digits and places stand behind the type of decimals */
    bool casts_decimals;                    /* what computes decimals is cast to NUMERIC: there are only doubles */
    bool wraps_parts;                       /* parts of a union stand in parentheses and may be ordered and sliced */
    bool locks_rows, has_distinct_on;
    bool iexact_is_pattern;  /* iexact is LIKE: its value is escaped */
    bool has_server_cursors; /* DECLARE and FETCH; otherwise rows come one by one anyway */
    /* Writes t; false: as usual. */
    bool (*put_function)(struct orm_compiler *c, const struct orm_term *t);
    bool (*put_binary)(struct orm_compiler *c, const struct orm_term *t);
    void (*put_extract)(struct orm_compiler *c, const struct orm_term *t);
    void (*put_trunc)(struct orm_compiler *c, const struct orm_term *t);
    void (*put_cast)(struct orm_compiler *c, const struct orm_term *t);
    void (*put_json_key)(struct orm_compiler *c, const struct orm_term *t);
    /* Of a document or a part of one; false: as usual. */
    bool (*put_json_lookup)(struct orm_compiler *c, const struct orm_cond *l, enum orm_sql *out);
    enum orm_type (*param_type)(const orm_val *v, enum orm_type wanted);
};

extern const struct orm_dialect orm_dialect_sqlite, orm_dialect_postgres;

#endif
