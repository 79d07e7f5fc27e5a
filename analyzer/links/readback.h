/* readback: values that were read into the program and written back changed, to the same row, by the same thread, while
 * nothing kept other sessions from doing the same: not locked when read, not compared when written.
 *
 * Looked at are numbers (counters, stocks, balances: a new text or a new foreign key was not made from the old one) in an
 * UPDATE … SET column = ? of one row whose key was looked up or read by one of the thread's last few reads. Bounded; one
 * thread. */
#ifndef N1_ANALYZER_READBACK_H
#define N1_ANALYZER_READBACK_H

#include "analyzer/links/provenance.h"

/* A result's row 0, as far as it goes. */
#define N1_ROW_CELLS 16
struct n1_row {
    uint32_t count;
    struct n1_event_cell cell[N1_ROW_CELLS];
};

/* Adds what an event has of it. */
static inline void n1_row_gather(struct n1_row *row, const struct n1_event *ev)
{
    enum { STRIDE = 4 }; /* long lists: most cells are of other rows */
    const struct n1_event_cell *cell = ev->cells, *end = ev->cells + ev->n_cells;
    while (cell < end && row->count < N1_ROW_CELLS) {
        if (end - cell > STRIDE && (cell[0].row != 0) & (cell[1].row != 0) & (cell[2].row != 0) & (cell[3].row != 0))
            cell += STRIDE;
        else if (cell++->row == 0)
            row->cell[row->count++] = cell[-1];
    }
}

struct n1_readback;

struct n1_readback *n1_readback_new(void);
void n1_readback_free(struct n1_readback *readback);

/* A finished execution; provenance is where earlier ones are still found. first: its row 0, NULL: all of it is in the event. Adds to
 * site->readback. */
void n1_readback_execution(struct n1_readback *readback, const struct n1_provenance *provenance,
                           const struct n1_step *execution, const struct n1_event *ev, const struct n1_row *first);

#endif
