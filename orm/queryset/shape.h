/* Shapes: what a chain says when its values are taken out. A chain that is written once and run often has one shape, and
 * what was worked out for it (the SQL, what its parameters are, how its rows are read) is kept and used again:
 *
 *     for (...) orm_get(Post, orm_from(db, Post, filter("author__name=?", name[i])));   // parsed and compiled twice, not n times
 *
 * The first run of a shape is the long way, which finds every mistake. From the second on, a chain gives a queryset that
 * knows its shape and its values only; its query is made when somebody asks for it (orm_query_of_qs). The statement of an
 * ending is kept when each '?' became a parameter just as it was given; where values decide what is written (isnull=?, a list,
 * a pattern, two values that are equal and so are merged) the long way is taken every time.
 *
 * Equal means: the same steps with the same texts, names and limits, values of the same types, the same booleans. Steps
 * with querysets, rows, lists or conditions for values have no shape.
 * Owned by the scope. At most MAX_SHAPES are kept: the one that was used longest ago goes, unless a queryset or row that
 * still lives may point at it. A changed table is the driver's business: it prepares the statement anew. */
#ifndef ORM_SHAPE_H
#define ORM_SHAPE_H

#include "orm/sql/compile.h"
#include "orm/steps.h"

/* How a chain ends: what is asked of the database. */
enum orm_ending {
    ORM_END_ROWS,   /* all rows */
    ORM_END_GET,    /* unordered, up to 21 */
    ORM_END_FIRST,  /* ordered, one */
    ORM_END_LAST,   /* the other way round, one */
    ORM_END_EXISTS, /* SELECT 1 */
    ORM_END_COUNT,  /* SELECT COUNT(*) */
    ORM_N_ENDINGS
};

struct orm_shape;
struct orm_shapes {
    struct orm_shape *buckets[256];
    size_t n;
    uint64_t clock;
    bool is_off; /* while a kept statement is being made */
};
void orm_shapes_release(struct orm_shapes *s);

/* The queryset of all rows of the model; NULL: not seen before. */
orm_qs *orm_shape_objects(orm_db *db, const orm_model *m);
void orm_shape_note_objects(orm_qs *all);
/* The queryset that the steps make of qs; NULL: not seen before, or without a shape. */
orm_qs *orm_shape_chain(orm_qs *qs, const orm_step *steps);
void orm_shape_note_chain(orm_qs *made, const orm_qs *from, const orm_step *steps);

/* Of a queryset that has a shape. */
const struct orm_meta *orm_shape_meta(const struct orm_shape *s);
bool orm_shape_is_values(const struct orm_shape *s);
struct orm_query *orm_shape_query(orm_qs *qs); /* the long way; NULL: it fails now */
/* The kept statement with the values of this queryset; false: there is none. */
bool orm_shape_statement(orm_qs *qs, enum orm_ending e, struct orm_statement *out);

#endif
