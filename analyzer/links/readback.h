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
void n1_row_gather(struct n1_row *row, const struct n1_event *ev);

/* What a read gave. Found in the window, and forgotten with it. */
struct n1_read {
    uint32_t slot;
    uint64_t serial;
    struct n1_row first;
};

/* A thread and its last reads: a read and its write lie close together. */
#define N1_READS 16
struct n1_reader {
    struct n1_read read[N1_READS];
    uint32_t next;
    bool is_exclusive; /* inside a transaction that keeps other writers out from its beginning */
    bool is_in_transaction;
    uint64_t transaction_serial; /* executions behind it are inside it */
};

/* The oldest of them becomes this execution's, with nothing of its row yet. */
static inline struct n1_read *n1_reader_next(struct n1_reader *reader, const struct n1_step *e)
{
    struct n1_read *read = &reader->read[reader->next];
    reader->next = (reader->next + 1) % N1_READS;
    read->slot = e->slot;
    read->serial = e->serial;
    read->first.count = 0;
    return read;
}

struct n1_readback;

struct n1_readback *n1_readback_new(void);
void n1_readback_free(struct n1_readback *readback);

/* A finished execution; provenance is where earlier ones are still found. first: its row 0, NULL: all of it is in the event. Adds to
 * site->readback. */
void n1_readback_execution(struct n1_readback *readback, const struct n1_provenance *provenance,
                           const struct n1_step *execution, const struct n1_event *ev, const struct n1_row *first);

/* The same in steps, for a SELECT that gave one row, whose cells are all in the event. The reader is good until another thread comes. */
struct n1_reader *n1_readback_reader(struct n1_readback *readback, uint32_t thread);
static inline void n1_readback_row(struct n1_reader *reader, const struct n1_step *e, const struct n1_event *ev)
{
    if (ev->n_cells == 0)
        return;
    struct n1_row *row = &n1_reader_next(reader, e)->first;
    row->count = ev->n_cells < N1_ROW_CELLS ? ev->n_cells : N1_ROW_CELLS;
    for (uint32_t i = 0; i < row->count; i++)
        row->cell[i] = ev->cells[i];
}

#endif
