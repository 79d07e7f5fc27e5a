/* Rows: struct members read and written by name, and what the ORM keeps beside each row. */
#ifndef ORM_ROW_H
#define ORM_ROW_H

#include "orm/model/meta.h"
#include "orm/orm.h"

/* Something kept for an accessor: the object behind a reverse one-to-one, or the queryset of a prefetch. */
struct orm_cached {
    const char *accessor;
    const struct orm_attr *attr;
    orm_row *one; /* NULL is an answer too: there is none */
    orm_qs *many;
    struct orm_cached *next;
};

struct orm_row_state {
    const struct orm_meta *meta;
    struct orm_result *result; /* the rows it came with; NULL: made by orm_new() or not by a query */
    size_t index;              /* in result */
    struct orm_cached *cached;
    orm_rec *extras;               /* annotations */
    const bool *deferred;          /* by index of the column: not loaded; NULL: all are */
    const struct orm_node **exprs; /* orm_set_expr(): one a column, or NULL; written by the next save */
    bool is_saved;                 /* came from the database, or went there */
};

/* A member as a value, and a value into a member. attr has a column. */
void orm_member_get(const orm_row *row, const struct orm_attr *attr, orm_val *out);
void orm_member_set(orm_row *row, const struct orm_attr *attr, const orm_val *v);
/* Can it hold the value? A plain int64_t cannot be NULL, and SQLite keeps a text where the table says integer. */
bool orm_member_fits(const struct orm_attr *attr, const orm_val *v);
void orm_slot_set(orm_row *row, const orm_field *slot, const orm_val *v);
void orm_row_key(const orm_row *row, const struct orm_meta *m, orm_val *out);
void orm_target_key(const orm_row *row, const struct orm_attr *fk,
                    orm_val *out); /* what fk holds when it points at row */
orm_row *orm_fk_object(const orm_row *row, const struct orm_attr *fk);
void orm_fk_set_object(orm_row *row, const struct orm_attr *fk, orm_row *to);
struct orm_cached *orm_cached_of(orm_row *row, const char *accessor); /* NULL: nothing cached */
struct orm_cached *orm_cache_add(struct orm_arena *a, orm_row *row, const struct orm_attr *attr, const char *accessor);

/* A record: named values. Lives in an arena. */
struct orm_rec {
    const char *const *names;
    orm_val *vals;
    size_t n;
    struct orm_result *result;
    size_t index;
};

#endif
