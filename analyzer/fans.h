/* fans: the loops being followed; see provenance.h. A ring: the oldest fan is folded into its edge when a new one needs the
 * room. */
#ifndef N1_ANALYZER_FANS_H
#define N1_ANALYZER_FANS_H

#include "analyzer/provenance.h"

/* One more child of an edge: parent's cell at place gave it its value. */
void n1_fan_add(struct n1_provenance *p, struct n1_edge *edge, const struct n1_step *parent,
                const struct n1_step *child, const struct n1_place *place, const struct n1_value *value,
                uint64_t duration_ns);
void n1_fans_init(struct n1_provenance *p);
void n1_fans_release(struct n1_provenance *p);
void n1_fans_fold_all(struct n1_provenance *p);

#endif
