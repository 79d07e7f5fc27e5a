/* Between the rooms that write: members into values, statements of one model's rows. */
#ifndef ORM_WRITE_H
#define ORM_WRITE_H

#include "orm/session.h"

enum { ORM_MAX_INSERT_ROWS = 500 };

/* ---- write.c ---- */
bool orm_has_key(const orm_row *row, const struct orm_meta *m, orm_val *key);
/* Members into values; a foreign key takes the key of the object that was assigned, moments of auto_now are set. */
bool orm_read_members(orm_row *row, const struct orm_meta *m, const struct orm_attr *const *attrs, size_t n,
                      bool is_insert, orm_val *out);
/* One INSERT for rows of one model, all with or all without their keys. */
bool orm_insert_rows(orm_db *db, const struct orm_meta *m, orm_row *const *rows, size_t n_rows, bool with_key,
                     bool ignore_conflicts);

/* A member from an argument: a value, an object of a foreign key, None. */
bool orm_set_from_node(orm_row *row, const char *name, const struct orm_node *value);

/* ---- bulk.c ---- */
/* bulk_create(), at most batch rows a statement: those with a key first, as in Django. */
orm_status orm_bulk_create_in(orm_db *db, orm_row *const *rows, size_t n_rows, bool ignore_conflicts, size_t batch);

/* ---- related_write.c ---- */
/* Links of a many-to-many relation, inside a transaction. */
bool orm_add_through(orm_row *row, const struct orm_attr *rel, orm_row *const *others, size_t n,
                     const struct orm_node *defaults);
/* orm_add() with through_defaults that are parsed already; NULL: none. */
orm_status orm_add_args(orm_row *row, const char *accessor, orm_row *const *others, size_t n,
                        const struct orm_node *defaults);

/* The same of orm_set_related(). */
orm_status orm_set_related_args(orm_row *row, const char *accessor, orm_row *const *others, size_t n,
                                const struct orm_node *defaults);

/* ---- create.c: the calls of querysets with arguments that are parsed already ---- */
orm_row *orm_create_args(orm_qs *qs, const struct orm_node *args);
/* is_update: update_or_create(). */
orm_row *orm_get_or_create_args(orm_qs *qs, const struct orm_node *args, bool is_update, bool *created);
/* {'role': 'boss'} as role='boss'; NULL: it is no dict of names. */
const struct orm_node *orm_args_of_dict(orm_db *db, const struct orm_node *dict);

#endif
