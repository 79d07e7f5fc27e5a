/* walk: a loop that goes down the rows of a list, one look-up each, as most of a recording does. Where it stands says what its next
 * look-up will be; while that is so, edge and fan need not hear of each step. Nothing else may be added to either until the walk has
 * ended. One thread.
 */
#ifndef N1_ANALYZER_LINKS_WALK_H
#define N1_ANALYZER_LINKS_WALK_H

#include "analyzer/links/fans.h"

struct n1_walk {
    struct n1_edge *edge;
    struct n1_fan_stand stand;
};

/* After n1_provenance_child(): whether the child's only key came from a row of a list in turn. */
bool n1_walk_begin(struct n1_provenance *p, const struct n1_step *child, struct n1_walk *walk);
/* Whether the value is that of the next row and stands nowhere else: then a child whose only key it is has it from there, and the
 * walk is one row further. Else nothing has happened. */
static inline bool n1_walk_goes_on(struct n1_provenance *p, struct n1_walk *walk, const struct n1_value *value,
                                   uint64_t start_ns)
{
    struct n1_fan_stand *stand = &walk->stand;
    const bool is_countable = value->kind == N1_VALUE_INTEGER || value->kind == N1_VALUE_TEXT;
    if (!is_countable || value->magnitude < stand->magnitude)
        return false;
    const struct n1_place *place = n1_provenance_only(p, value->hash, start_ns);
    if (place == NULL || place->first_row != stand->row || place->last_row != stand->row ||
        place->column != walk->edge->column || place->slot != stand->parent->slot ||
        place->serial != (uint32_t)stand->parent->serial)
        return false;
    n1_edge_note(walk->edge, value, p->constants->distinct_exact);
    stand->magnitude = value->magnitude;
    stand->row++;
    return true;
}
/* So many steps were gone; last is the child that went the last of them. */
void n1_walk_end(const struct n1_walk *walk, const struct n1_step *last, uint64_t steps, uint64_t time_ns);

#endif
