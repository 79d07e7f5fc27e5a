/* Integers of result columns on their way into runs (trace/format.h): each column that the program reads as integers has a
 * place where they wait by row, as they are, so that storing one is one store. What a place holds is made into runs when the
 * window is full, or when what is staged must be written.
 *
 *     e->window                 rows of the execution before the window
 *     place[row − e->window]    the integer of that row (from 0); 0: none, or a zero, which is staged as a single cell
 *
 * A window belongs to a stage (ring.h) and so to the execution that owns the stage. It is empty when nobody does.
 */
#ifndef N1_PRELOAD_WINDOW_H
#define N1_PRELOAD_WINDOW_H

#include <stdint.h>

#include "trace/encode.h"

enum {
    N1_WINDOW_VALUES = 1024,        /* of all places */
    N1_WINDOW_ROWS_MIN = 64,        /* of one */
    N1_WINDOW_RUN_BYTES = 40 * 1024 /* the runs of a full window and N1_WINDOW_RUNS_FULL before it */
};
#define N1_WINDOW_RUNS_FULL 8192U

struct n1_execution;
struct n1_stage;

struct n1_window_room {
    int64_t *place[N1_COLUMNS_MAX]; /* by column; NULL: none */
    int64_t values[N1_WINDOW_VALUES];
    uint8_t run_bytes[N1_WINDOW_RUN_BYTES];
};

struct n1_window {
    uint32_t n_places;
    uint32_t rows; /* that a place holds */
    struct n1_encode_runs runs;
    struct n1_window_room *room; /* touched by scans only */
};

/* No column has a place, and places will hold so many rows: a power of two. The window is closed. */
void n1_window_open(struct n1_window *window, uint32_t rows);

/* In a forked child: what stood in the places is its parent's. */
void n1_window_forget(struct n1_window *window);

/* The place of a column, made if it has none. NULL: no room for one more. */
int64_t *n1_window_place(struct n1_window *window, uint32_t column);

/* Empties the places into the stage: runs, or single cells when it is but a few rows. The next window begins with the
 * execution's current row. */
void n1_window_close(struct n1_stage *stage, struct n1_execution *e);

#endif
