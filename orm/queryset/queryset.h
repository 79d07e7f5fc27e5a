/* The steps of a chain: one function each, over a fresh clone. */
#ifndef ORM_QUERYSET_H
#define ORM_QUERYSET_H

#include "orm/session.h"
#include "orm/value/kind.h"

typedef bool (*orm_step_function)(orm_qs *qs, const orm_step *s);
bool orm_run_step(orm_qs *qs, const orm_step *s); /* on a fresh clone */

/* The arguments of an expression step; NULL: they do not parse. */
const struct orm_node *orm_step_args(orm_db *db, const orm_step *s);
/* The names of a name step, from names or from the texts among args (None is a NULL). named may be NULL: then a
 * keyword is an error, otherwise it is called for each. */
typedef bool (*orm_step_keyword)(orm_qs *qs, const struct orm_arg *a, void *context);
bool orm_step_names(orm_qs *qs, const orm_step *s, orm_step_keyword named, void *context, const char ***out,
                    size_t *n_out);
bool orm_step_not_sliced(orm_qs *qs, const char *what);
bool orm_annotation_conflicts(const struct orm_query *q, const char *name);

/* steps_select.c */
bool orm_step_values(orm_qs *qs, const orm_step *s);
bool orm_step_distinct(orm_qs *qs, const orm_step *s);
bool orm_step_only(orm_qs *qs, const orm_step *s);
bool orm_step_for_update(orm_qs *qs, const orm_step *s);
bool orm_step_dates(orm_qs *qs, const orm_step *s);
/* combine.c */
bool orm_step_combine(orm_qs *qs, const orm_step *s);
bool orm_step_merge(orm_qs *qs, const orm_step *s);

#endif
