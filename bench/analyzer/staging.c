#include "staging.h"

#include <stdio.h>
#include <stdlib.h>

/* As in preload/recorder/execution.h and window.c. */
enum { ROWS_ALL = 64, SCAN_FROM = 8, WINDOW_VALUES = STAGING_ROWS, WINDOW_ROWS_MIN = 64 };

void staging_begin(struct staging *s, const struct n1_key *key, uint64_t keys, bool has_runs)
{
    s->key = key;
    s->keys = keys;
    s->has_runs = has_runs;
    s->n_cells = s->window = 0;
    s->runs = (struct n1_encode_runs){.bytes = s->run_bytes};
}

static bool is_kept(const struct staging *s, uint32_t row, uint32_t column)
{
    return row < ROWS_ALL || (s->keys >> column & 1) != 0;
}

static void put(struct staging *s, uint32_t row, uint32_t column, struct n1_value value)
{
    if (s->n_cells == STAGING_CELLS || column >= STAGING_COLUMNS) {
        fputs("generate: a result is too large\n", stderr);
        exit(1);
    }
    s->cell[s->n_cells++] = (struct n1_encode_cell){row, (uint16_t)column, {.value = value}};
}

static void close_window(struct staging *s)
{
    for (uint32_t column = 0; s->window > 0 && column < STAGING_COLUMNS; column++) {
        if (s->count[column] > 0)
            n1_encode_runs_add(&s->runs, s->key, column, s->window, s->waiting[column], s->count[column]);
        s->count[column] = 0;
    }
    if (s->runs.size_bytes > STAGING_RUN_BYTES / 2) {
        fputs("generate: a result has too many runs\n", stderr);
        exit(1);
    }
    s->window = 0;
}

/* The row behind the window that holds this one. */
static uint32_t window_end(const struct staging *s, uint32_t row)
{
    uint32_t rows = row < ROWS_ALL ? WINDOW_ROWS_MIN : WINDOW_VALUES;
    for (uint64_t columns = s->keys; row >= ROWS_ALL && (columns & (columns - 1)) != 0 && rows > WINDOW_ROWS_MIN;
         columns &= columns - 1)
        rows /= 2;
    return row < ROWS_ALL ? ROWS_ALL : s->window + rows;
}

void staging_integer(struct staging *s, uint32_t row, uint32_t column, int64_t value)
{
    if (!is_kept(s, row, column))
        return;
    if (!s->has_runs || row + 1 < SCAN_FROM || column >= STAGING_COLUMNS) {
        put(s, row, column, n1_value_integer(s->key, value));
        return;
    }
    if (s->window > 0 && row >= window_end(s, s->window))
        close_window(s);
    if (s->window == 0)
        s->window = row;
    s->waiting[column][s->count[column]++] = value;
}

void staging_text(struct staging *s, uint32_t row, uint32_t column, const char *text)
{
    if (is_kept(s, row, column))
        put(s, row, column, n1_value_text(s->key, text, strlen(text)));
}

const struct n1_encode_runs *staging_end(struct staging *s)
{
    close_window(s);
    return &s->runs;
}
