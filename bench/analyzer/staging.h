/* What the recorder keeps of a result and in what form (preload/recorder/cells.h, window.h), for results that are made up: of the first
 * 64 rows every cell, beyond them those of key columns; integers of a longer SQLite result as runs, a window of rows after the
 * other; through libpq each cell by itself.
 *
 *     staging_begin(&s, key, keys, has_runs);
 *     staging_integer(&s, row, column, 42); …     rows in rising order
 *     exec.cells = s.cell, exec.n_cells = s.n_cells, exec.runs = staging_end(&s);
 */
#ifndef BENCH_ANALYZER_STAGING_H
#define BENCH_ANALYZER_STAGING_H

#include <stdbool.h>

#include "trace/encode.h"

enum { STAGING_CELLS = 8192, STAGING_COLUMNS = 8, STAGING_ROWS = 1024, STAGING_RUN_BYTES = 256 * 1024 };

struct staging {
    const struct n1_key *key;
    uint64_t keys; /* columns that are kept beyond the first rows, a bit each */
    bool has_runs;
    struct n1_encode_cell cell[STAGING_CELLS];
    uint32_t n_cells;
    struct n1_encode_runs runs;
    uint32_t window;                 /* its first row; 0: there is none */
    uint32_t count[STAGING_COLUMNS]; /* integers that wait in it, of rows that follow each other */
    int64_t waiting[STAGING_COLUMNS][STAGING_ROWS];
    uint8_t run_bytes[STAGING_RUN_BYTES];
};

void staging_begin(struct staging *s, const struct n1_key *key, uint64_t keys, bool has_runs);
void staging_integer(struct staging *s, uint32_t row, uint32_t column, int64_t value);
void staging_text(struct staging *s, uint32_t row, uint32_t column, const char *text);
/* The runs; the single cells stand in cell. Both last until the next begin. */
const struct n1_encode_runs *staging_end(struct staging *s);

#endif
