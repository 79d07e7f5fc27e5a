#include "preload/recorder/window.h"

#include "preload/recorder/execution.h"

/* Fewer rows become single cells, whose values may be among the last ones and enter that table. */
#define RUN_ROWS_MIN 8U

/* A run of one integer, the worst that every second row can give. */
_Static_assert(N1_WINDOW_RUNS_FULL + N1_WINDOW_VALUES * (8U + 1U + N1_ENCODE_RUN_HEAD_MAX + 1U) <= N1_WINDOW_RUN_BYTES,
               "whatever stands in the places, their runs have room");

void n1_window_forget(struct n1_window *window)
{
    if (window->n_places)
        memset(window->room->values, 0, sizeof window->room->values);
}

void n1_window_open(struct n1_window *window, uint32_t rows)
{
    if (window->n_places)
        memset(window->room->place, 0, sizeof window->room->place);
    window->n_places = 0;
    window->rows = rows;
}

int64_t *n1_window_place(struct n1_window *window, uint32_t column)
{
    if (!window->room->place[column] && (window->n_places + 1) * window->rows <= N1_WINDOW_VALUES)
        window->room->place[column] = &window->room->values[window->n_places++ * window->rows];
    return window->room->place[column];
}

/* In order of rows, as the encoder wants them: single cells of other columns may stand there already. */
static void insert(struct n1_stage *stage, uint32_t row, uint32_t column, int64_t v)
{
    uint32_t at = stage->n_cells++;
    for (; at > 0 && stage->cell[at - 1].row > row; at--)
        stage->cell[at] = stage->cell[at - 1];
    stage->cell[at] = (struct n1_encode_cell){
        .row = row, .column = (uint16_t)column, .value.value = n1_value_integer(&n1_process.key, v)};
}

/* The first row from i on without an integer. */
static inline uint32_t end_of(const int64_t *v, uint32_t i, uint32_t n)
{
    while (i + 4 <= n && v[i] && v[i + 1] && v[i + 2] && v[i + 3])
        i += 4;
    while (i < n && v[i])
        i++;
    return i;
}

static void close_place(struct n1_stage *stage, uint32_t column, uint32_t first_row, const int64_t *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t end = end_of(v, i, n);
        if (n < RUN_ROWS_MIN && stage->n_cells + (end - i) <= N1_STAGED_CELLS)
            for (; i < end; i++)
                insert(stage, first_row + i, column, v[i]);
        else if (end > i)
            n1_encode_runs_add(&stage->window.runs, &n1_process.key, column, first_row + i, v + i, end - i);
        i = end;
    }
}

void n1_window_close(struct n1_stage *stage, struct n1_execution *e)
{
    struct n1_window *window = &stage->window;
    const uint64_t count = e->rows - e->window;
    const uint32_t n = count < window->rows ? (uint32_t)count : window->rows;
    uint32_t left = window->n_places;
    for (uint32_t column = 0; left; column++) {
        int64_t *place = window->room->place[column];
        if (!place)
            continue;
        left--;
        if (count <= n && n > 0 && place[n - 1])
            e->want &= ~(1ULL << column); /* of the current row, which the next window has too */
        close_place(stage, column, (uint32_t)e->window, place, n);
        memset(place, 0, n * sizeof *place);
    }
    e->window = e->rows - 1;
}
