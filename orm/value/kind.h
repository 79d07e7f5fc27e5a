/* Field classes as expressions have them: which class is an instance of which, and how a mixture of them comes out.
 *
 * Django decides the type of an expression by the classes of its parts (AutoField is an IntegerField, TextField is no
 * CharField). A mixture that it refuses is no error before the type is needed: the term remembers what is wrong. */
#ifndef ORM_KIND_H
#define ORM_KIND_H

#include "orm/resolve/query.h"

#define ORM_NO_KIND ORM_N_KINDS /* not known: a bare NULL */

const char *orm_kind_name(orm_kind k); /* "AutoField" */
bool orm_kind_is(orm_kind k, orm_kind base);
orm_kind orm_kind_of_type(enum orm_type t);
orm_kind orm_kind_named(const char *name);           /* "IntegerField"; ORM_NO_KIND: none */
orm_kind orm_kind_of_attr(const struct orm_attr *a); /* a foreign key has its target's */

/* Works out kind, type and kind_error of t from its arguments, unless output_field= fixed them. */
void orm_term_settle(struct orm_arena *a, struct orm_term *t);
void orm_term_set_kind(struct orm_term *t, orm_kind k); /* output_field=k */
/* Is it SUB of two moments of one type, or arithmetic with a duration and something else? */
bool orm_is_temporal_sub(const struct orm_term *t);
bool orm_is_duration_op(const struct orm_term *t);

#endif
