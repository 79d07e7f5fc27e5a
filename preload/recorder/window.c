#include "preload/recorder/window.h"

#include "preload/recorder/execution.h"

/* Fewer rows become single cells, whose values may be among the last ones and enter that table. */
#define RUN_ROWS_MIN 8U

_Static_assert(N1_WINDOW_RUNS_FULL + N1_ENCODE_RUNS_BOUND(N1_WINDOW_VALUES) <= N1_WINDOW_RUN_BYTES,
               "whatever stands in the places, their runs have room");

void n1_window_forget(struct n1_window *window)
{
    if (window->columns)
        memset(window->room->values, 0, sizeof window->room->values);
}

void n1_window_open(struct n1_window *window, uint32_t rows)
{
    if (window->columns)
        memset(window->room->place, 0, sizeof window->room->place);
    window->columns = 0;
    window->n_places = 0;
    window->rows = rows;
}

static int64_t *values_of(const struct n1_window *window, uint32_t column)
{
    return window->room->values + window->room->number[column] * (window->rows + 1);
}

/* The row after `before` stands first. */
static void aim(struct n1_window *window, uint32_t column, uint64_t before)
{
    window->room->place[column] = (uintptr_t)values_of(window, column) - (before + 1) * sizeof(int64_t);
}

bool n1_window_add(struct n1_window *window, uint32_t column, uint64_t before)
{
    if ((window->n_places + 1) * window->rows > N1_WINDOW_VALUES)
        return false;
    window->columns |= 1ULL << column;
    window->room->number[column] = (uint16_t)window->n_places++;
    aim(window, column, before);
    return true;
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

static void close_place(struct n1_stage *stage, uint32_t column, uint32_t first_row, const int64_t *v, uint32_t n)
{
    if (n >= RUN_ROWS_MIN || stage->n_cells + n > N1_STAGED_CELLS) {
        n1_encode_runs_add(&stage->window.runs, &n1_process.key, column, first_row, v, n);
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        if (v[i])
            insert(stage, first_row + i, column, v[i]);
}

/* Empties a place of its first n rows. */
static void empty(struct n1_stage *stage, const struct n1_execution *e, uint32_t column, uint32_t n)
{
    int64_t *values = values_of(&stage->window, column);
    close_place(stage, column, (uint32_t)e->window, values, n);
    memset(values, 0, n * sizeof *values);
}

static uint32_t rows_so_far(const struct n1_window *window, const struct n1_execution *e)
{
    const uint64_t count = e->rows - e->window;
    return count < window->rows ? (uint32_t)count : window->rows;
}

void n1_window_keep(struct n1_stage *stage, const struct n1_execution *e, uint64_t columns)
{
    struct n1_window *window = &stage->window;
    for (uint64_t left = window->columns & ~columns; left; left &= left - 1) {
        const uint32_t column = (uint32_t)__builtin_ctzll(left);
        empty(stage, e, column, rows_so_far(window, e));
        window->room->place[column] = 0;
    }
    window->columns &= columns;
}

void n1_window_close(struct n1_stage *stage, struct n1_execution *e)
{
    struct n1_window *window = &stage->window;
    const uint32_t n = rows_so_far(window, e);
    const bool has_current = e->rows - e->window == n && n > 0;
    for (uint64_t left = window->columns; left; left &= left - 1) {
        const uint32_t column = (uint32_t)__builtin_ctzll(left);
        if (has_current && values_of(window, column)[n - 1])
            e->want &= ~(1ULL << column); /* of the current row, which the next window has too */
        empty(stage, e, column, n);
        aim(window, column, e->rows - 1);
    }
    e->window = e->rows - 1;
}
