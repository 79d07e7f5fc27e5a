/* Integers of result columns on their way into runs (trace/format.h): each column that the program reads as integers has a
 * place where they wait by row, as they are, so that storing one is one store. What a place holds is made into runs when the
 * window is full, or when what is staged must be written.
 *
 *     e->window              rows of the execution before the window
 *     n1_window_row(place, rows)    where the integer of the row goes that makes it `rows` rows; 0 there: none, or a zero,
 *                            which is staged as a single cell
 *
 * A window belongs to a stage (ring.h) and so to the execution that owns the stage. It is empty when nobody does.
 */
#ifndef N1_PRELOAD_WINDOW_H
#define N1_PRELOAD_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/encode.h"

enum {
    N1_WINDOW_VALUES = 4096,        /* of all places */
    N1_WINDOW_ROWS_MIN = 64,        /* of one … */
    N1_WINDOW_ROWS_MAX = 1024,      /* … where few columns give cells */
    N1_WINDOW_RUN_BYTES = 70 * 1024 /* the runs of a full window and N1_WINDOW_RUNS_FULL before it */
};
#define N1_WINDOW_RUNS_FULL 8192U

struct n1_execution;
struct n1_stage;

struct n1_window_room {
    uintptr_t place[N1_COLUMNS_MAX]; /* by column: where the integer of row 0 would stand; 0: it has none */
    uint16_t number[N1_COLUMNS_MAX]; /* of the place among the values */
    int64_t values[N1_WINDOW_VALUES + N1_WINDOW_VALUES / N1_WINDOW_ROWS_MIN]; /* one more behind each place */
    uint8_t run_bytes[N1_WINDOW_RUN_BYTES];
};

struct n1_window {
    uint64_t columns; /* that have a place */
    uint32_t n_places;
    uint32_t rows; /* that a place holds */
    struct n1_encode_runs runs;
    struct n1_window_room *room; /* touched by scans only */
};

/* No column has a place, and places will hold so many rows: a power of two. The window is closed. */
void n1_window_open(struct n1_window *window, uint32_t rows);

/* In a forked child: what stood in the places is its parent's. */
void n1_window_forget(struct n1_window *window);

/* Gives a column a place, of a window that begins behind so many rows. False: no room for one more. */
bool n1_window_add(struct n1_window *window, uint32_t column, uint64_t before);

static inline int64_t *n1_window_row(uintptr_t place, uint64_t rows)
{
    return (int64_t *)(place + rows * sizeof(int64_t));
}

/* The places of all other columns are emptied and given up. */
void n1_window_keep(struct n1_stage *stage, const struct n1_execution *e, uint64_t columns);

/* Empties the places into the stage: runs, or single cells when it is but a few rows. The next window begins with the
 * execution's current row. */
void n1_window_close(struct n1_stage *stage, struct n1_execution *e);

#endif
