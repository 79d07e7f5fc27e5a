/* What a model says about its table beside its columns: ORM_CHECK, ORM_UNIQUE, ORM_INDEX, unique_together.
 *
 * Conditions are texts of filter(); they become SQL whose values are written out, because a table's definition takes no
 * parameters, and whose columns stand without their table. */
#ifndef ORM_CONSTRAINT_H
#define ORM_CONSTRAINT_H

#include "orm/session.h"

/* ", CONSTRAINT name CHECK (...)": what stands in CREATE TABLE. False: the error is set. */
bool orm_put_constraints(struct orm_compiler *c, const struct orm_meta *m);
/* CREATE [UNIQUE] INDEX; "": the rule stands in CREATE TABLE; NULL: the error is set. */
const char *orm_rule_index(orm_db *db, const struct orm_dialect *d, const struct orm_meta *m, const orm_field *rule);

#endif
