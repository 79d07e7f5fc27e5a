/* Where the shapes of a scope are kept: a hash table with a limit. What a shape means is shape.h's. */
#ifndef ORM_SHAPE_STORE_H
#define ORM_SHAPE_STORE_H

#include "orm/queryset/shape.h"

enum kept_state { KEPT_UNKNOWN, KEPT_READY, KEPT_NEVER };

struct orm_shape {
    struct orm_shape *next;   /* of the bucket */
    struct orm_shape *parent; /* NULL: all rows of the model */
    const struct orm_meta *meta;
    uint64_t hash, used_at;
    size_t n_children;
    size_t low_mark; /* of the scope's arena: no living queryset of this shape lies below */
    size_t n_holes;  /* with the parent's; the steps' own are the last */
    orm_step *steps; /* with END; NULL: all rows */
    bool is_values;
    struct {
        enum kept_state state;
        struct orm_statement st;
    } kept[ORM_N_ENDINGS];
    struct orm_arena arena; /* of steps and statements */
};

struct orm_shape *orm_shape_bucket(struct orm_shapes *all, uint64_t hash); /* the first of the bucket; next follows */
/* An empty one. NULL: there is no room, or no memory. */
struct orm_shape *orm_shape_add(orm_db *db, uint64_t hash, const struct orm_meta *meta);
void orm_shape_drop(struct orm_shapes *all, struct orm_shape *s);
void orm_shape_touch(orm_db *db, struct orm_shape *s); /* it is used now */

#endif
