/* What a delete() took along, model by model. */
#ifndef ORM_DELETED_H
#define ORM_DELETED_H

#include "orm/session.h"

struct orm_deleted {
    const struct orm_meta *meta;
    int64_t n;
};
/* All rows that went, or -1; counts in the order in which the models were deleted from. */
int64_t orm_delete_counted(orm_qs *qs, struct orm_deleted **counts, size_t *n_counts);

#endif
