/* Models from a database's own tables and foreign keys, named as Django's inspectdb names them.
 *
 * Three steps: the catalog of the database is read with one statement (catalog), names become names of Python (names), and
 * both become orm_model tables whose members are orm_val (inspect.c). They live as long as the scope. */
#ifndef ORM_INSPECT_H
#define ORM_INSPECT_H

#include "orm/session.h"

/* One column, as either database describes it. */
struct orm_catalog_column {
    const char *table, *column;
    const char *to_table; /* of a foreign key; NULL: none */
    orm_kind kind;
    int max_length, max_digits, decimal_places;
    bool not_null, unique;
    bool is_foreign; /* a type that Django knows nothing of either */
    int key_place;   /* in the primary key, from 1; 0: not part of it */
};

/* ---- inspect_catalog.c ---- */
/* Columns in the order of tables by name, then of columns in their table. */
bool orm_read_catalog(orm_db *db, struct orm_catalog_column **out, size_t *n_out);

/* ---- inspect_names.c ---- */
/* lib_book → LibBook */
const char *orm_model_name_of(struct orm_arena *a, const char *table);
/* writer_id → writer (of a relation), class → class_field, "Total Price" → total_price; used: names of the table so far. */
const char *orm_field_name_of(struct orm_arena *a, const char *column, bool is_relation, const char *const *used,
                              size_t n_used);

#endif
