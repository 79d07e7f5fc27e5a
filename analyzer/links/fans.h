/* fans: the loops being followed; see provenance.h. A ring: the oldest fan is folded into its edge when a new one needs the
 * room. */
#ifndef N1_ANALYZER_FANS_H
#define N1_ANALYZER_FANS_H

#include "analyzer/links/provenance.h"

/* One more child of an edge: parent's cell at place gave it its value. While the parent is being fetched and has shown one
 * row only, the child waits for the next one: then it shows whether this is a list, a loop of its own, or one of many single
 * rows that a list further out drives. */
void n1_fan_add(struct n1_provenance *p, struct n1_edge *edge, const struct n1_step *parent,
                const struct n1_step *child, const struct n1_place *place, const struct n1_value *value,
                uint64_t duration_ns);
/* Where a column of the parent's holds a value, as far as a bounded search finds it; or NULL. */
const struct n1_place *n1_fan_place(const struct n1_provenance *p, const struct n1_step *parent, uint16_t column,
                                    uint64_t hash);
/* The parent of the edge's last child; NULL when there is none or it is forgotten. */
struct n1_step *n1_fan_parent(struct n1_provenance *p, struct n1_edge *edge);
/* One more child of an edge with that parent, whose value came by this edge before and whose place cannot be found again: it is
 * taken for one more look-up of a row that was looked up before. */
void n1_fan_repeat(struct n1_edge *edge, const struct n1_step *parent, const struct n1_step *child,
                   uint64_t duration_ns);

/* Where a loop stands that walks the rows of a list, one look-up each: the edge's last child asked for the row before. */
struct n1_fan_stand {
    struct n1_fan *fan;
    struct n1_step *parent;
    uint32_t row;      /* the next one */
    uint8_t magnitude; /* of the last child's value */
};
/* False: the loop does anything else, or the parent is being fetched still, or another loop walks it too. */
bool n1_fan_stands(struct n1_provenance *p, const struct n1_edge *edge, struct n1_fan_stand *stand);
/* So many children more, each of the next row and its value not smaller than the one before. stand: where they led; last: the last of
 * them. */
void n1_fan_walked(const struct n1_fan_stand *stand, const struct n1_step *last, uint64_t children, uint64_t time_ns);
void n1_fans_init(struct n1_provenance *p);
void n1_fans_release(struct n1_provenance *p);
void n1_fans_fold_all(struct n1_provenance *p);

#endif
