#include "analyzer/links/walk.h"

bool n1_walk_begin(struct n1_provenance *p, const struct n1_step *child, struct n1_walk *walk)
{
    struct n1_edge *edge = child->site->last_parent;
    walk->edge = edge;
    return edge != NULL && child->n_own == 1 && !child->site->feeds_itself && child->text->n_keys == 1 &&
           n1_fan_stands(p, edge, &walk->stand) && child->cause == walk->stand.parent->serial;
}

void n1_walk_end(const struct n1_walk *walk, const struct n1_step *last, uint64_t steps, uint64_t time_ns)
{
    struct n1_edge *edge = walk->edge;
    struct n1_site *site = edge->child;
    n1_edge_match(edge, steps);
    edge->wins += steps;
    edge->firsts += steps;
    edge->firsts_in_order += steps;
    site->linked += steps;
    site->key_changes[0] += steps;
    site->key_last[0] = last->own[0];
    site->last_serial = last->serial;
    site->last_slot = last->slot;
    site->walked_list = walk->stand.parent->serial;
    site->walked_row = walk->stand.row - 1;
    n1_fan_walked(&walk->stand, last, steps, time_ns);
}
