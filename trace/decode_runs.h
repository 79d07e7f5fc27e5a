/* Reads the runs of a list of cells (format.h): integers of one column in rows that follow each other. Bytes may be hostile:
 * the cursor turns bad.
 *
 *     runs = n1_decode_runs_head(&in);          how many cells to make room for
 *     count = n1_decode_runs(&in, &runs, cells);
 */
#ifndef N1_TRACE_DECODE_RUNS_H
#define N1_TRACE_DECODE_RUNS_H

#include "trace/cursor.h"
#include "trace/read.h"

struct n1_runs {
    uint32_t n_runs;
    uint32_t n_cells; /* at most as many as the bytes behind the head can hold */
};

struct n1_runs n1_decode_runs_head(struct n1_cursor *in);
/* Fills cells[0 … n_cells) and returns how many: n_cells, or fewer when the cursor turned bad. */
uint32_t n1_decode_runs(struct n1_cursor *in, const struct n1_runs *runs, struct n1_event_cell *cells);

#endif
