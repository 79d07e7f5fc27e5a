/* aside: columns that never fed anything: their cells are copied as they come, not indexed, and searched one by one when a
 * look-up finds no parent, which is seldom. So a value index holds what is asked for, and what is asked for the first time is
 * found all the same.
 *
 * A ring of cells, cut into lots, one a list of cells; the newest are kept. A search costs a part of a nanosecond a cell; it is
 * done on credit that cells bring when they come. One thread.
 */
#ifndef N1_ANALYZER_LINKS_ASIDE_H
#define N1_ANALYZER_LINKS_ASIDE_H

#include "analyzer/intake/executions.h"

struct n1_aside_lot {
    uint64_t serial; /* of the execution */
    uint64_t first;  /* sequence number of its first cell */
    uint32_t slot, count, row_base;
};

struct n1_aside {
    struct n1_event_cell *cell; /* mask + 1 */
    struct n1_aside_lot *lot;   /* lot_mask + 1 */
    uint64_t mask, lot_mask;
    uint64_t next, next_lot; /* sequence numbers */
    uint64_t credit;         /* cells that may be searched */
};

void n1_aside_init(struct n1_aside *aside, uint32_t cells); /* rounded up to a power of two */
void n1_aside_release(struct n1_aside *aside);

/* A lot for cells of an execution, whose rows count from row_base: opened, then filled, then closed. While it is open the ring is
 * asked for nothing. Of a very long list the first cells are kept: room says how many more. */
static inline void n1_aside_open(struct n1_aside *aside, const struct n1_step *execution, uint32_t row_base)
{
    struct n1_aside_lot *lot = &aside->lot[aside->next_lot++ & aside->lot_mask];
    *lot = (struct n1_aside_lot){execution->serial, aside->next, execution->slot, 0, row_base};
}
static inline uint64_t n1_aside_room(const struct n1_aside *aside)
{
    const struct n1_aside_lot *lot = &aside->lot[(aside->next_lot - 1) & aside->lot_mask];
    return aside->mask / 4 + 1 - (aside->next - lot->first);
}
static inline void n1_aside_close(struct n1_aside *aside)
{
    enum { CREDIT_OF_CELL = 2 }; /* cells that may be searched for each that comes */
    struct n1_aside_lot *lot = &aside->lot[(aside->next_lot - 1) & aside->lot_mask];
    lot->count = (uint32_t)(aside->next - lot->first);
    aside->credit += CREDIT_OF_CELL * (uint64_t)lot->count;
}
/* The newest cell that holds the hash, or NULL: there is none, or the credit is used up. */
const struct n1_event_cell *n1_aside_find(struct n1_aside *aside, uint64_t hash);
/* The lot of a cell that was just found, or NULL when it is forgotten. */
const struct n1_aside_lot *n1_aside_lot(const struct n1_aside *aside, const struct n1_event_cell *cell);
/* Lots from the oldest that is whole to next_lot − 1. */
uint64_t n1_aside_oldest(const struct n1_aside *aside);
static inline const struct n1_aside_lot *n1_aside_at(const struct n1_aside *aside, uint64_t lot)
{
    return &aside->lot[lot & aside->lot_mask];
}

#endif
