/* Scans under the real shim: tests/programs/sqlite_scans. Every cell that the program read and the rule of cells.h keeps is in the
 * recording once, in its row and column, with the hash of its value; and no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "preload_recording.h"
#include "tests/programs/scan_shapes.h"
#include "trace/value.h"

enum { NUMBERS_MAX = SCAN_FIRST + SCANS + SCAN_CHILD, OPEN_MAX = 4096 };

static struct n1_key key;
static uint8_t found[NUMBERS_MAX][SCAN_ROWS_MAX][SCAN_COLUMNS];

/* Executions that were opened: which scan they are. */
static struct open {
    uint32_t process;
    uint64_t execution;
    int scan;
} opened[OPEN_MAX];
static unsigned n_opened;

static bool is_kept(int scan, int row, int column)
{
    return scan_is_read(scan, row, column) && scan_cell(scan, row, column).kind != SCAN_NULL &&
           (row < 64 || column != 2);
}

static struct n1_value value_of(int scan, int row, int column)
{
    const struct scan_cell cell = scan_cell(scan, row, column);
    char text[32];
    snprintf(text, sizeof text, "code-%d", row);
    return cell.kind == SCAN_TEXT ? n1_value_text(&key, text, strlen(text)) : n1_value_integer(&key, cell.integer);
}

static int scan_of_param(const struct n1_event *ev)
{
    for (int scan = SCAN_CHILD; scan < NUMBERS_MAX; scan++)
        if (ev->n_bound == 2 && ev->params[0].hash == n1_value_integer(&key, scan).hash)
            return scan;
    return -1;
}

static int scan_of(const struct n1_trace *trace, const struct n1_event *ev)
{
    if (ev->type == N1_EVENT_EXEC || ev->type == N1_EVENT_OPEN) {
        const struct n1_sql_text *text = n1_trace_sql(trace, ev->process, ev->sql);
        const int scan = text && strncmp(text->text, "SELECT cell(", 12) == 0 ? scan_of_param(ev) : -1;
        if (ev->type == N1_EVENT_OPEN) {
            assert_true(n_opened < OPEN_MAX);
            opened[n_opened++] = (struct open){ev->process, ev->execution, scan};
        }
        return scan;
    }
    for (unsigned i = 0; i < n_opened; i++)
        if (opened[i].process == ev->process && opened[i].execution == ev->execution)
            return opened[i].scan;
    return -1;
}

static void look_at(int scan, const struct n1_event *ev)
{
    for (uint32_t i = 0; i < ev->n_cells; i++) {
        const int row = (int)ev->cells[i].row, column = ev->cells[i].column;
        assert_in_range(row, 0, scan_rows(scan) - 1);
        assert_in_range(column, 0, SCAN_COLUMNS - 1);
        const struct n1_value want = value_of(scan, row, column);
        const struct n1_value is = n1_event_cell_value(&ev->cells[i]);
        if (is.hash != want.hash || is.kind != want.kind || is.magnitude != want.magnitude)
            fail_msg("scan %d, row %d, column %d: another value, of kind %d", scan, row, column, is.kind);
        found[scan][row][column]++;
    }
}

static void check_all(int scan)
{
    for (int row = 0; row < scan_rows(scan); row++)
        for (int column = 0; column < SCAN_COLUMNS; column++)
            if (found[scan][row][column] != is_kept(scan, row, column))
                fail_msg("scan %d (way %d, %d rows), row %d, column %d: %d times", scan, (int)scan_way(scan),
                         scan_rows(scan), row, column, found[scan][row][column]);
}

static void every_cell_once(bool has_values)
{
    static struct recording plain, r;
    const char *const argv[] = {N1_TEST_SQLITE_SCANS, NULL};
    struct n1_event ev;
    unsigned children = 0;
    int main_process = -1;
    memset(found, 0, sizeof found);
    n_opened = 0;
    recording_make(&r);
    recording_run(&plain, argv, false, false);
    recording_run(&r, argv, true, has_values);
    assert_int_equal(r.status, 0);
    assert_string_equal(r.output, plain.output);
    struct n1_trace *trace = recording_open(&r);
    while (n1_trace_next(trace, &ev)) {
        const int scan = scan_of(trace, &ev);
        if (main_process < 0)
            main_process = (int)ev.process;
        /* What a child reads of its parent's scan is a run of the child's, without beginning. */
        if (scan >= 0 && ((int)ev.process == main_process || scan < SCAN_FIRST || scan >= SCAN_FIRST + SCANS))
            look_at(scan, &ev);
    }
    n1_trace_close(trace);
    recording_remove(&r);
    for (int scan = SCAN_FIRST; scan < SCAN_FIRST + SCANS; scan++) {
        check_all(scan);
        if (scan_way(scan) == SCAN_FORK) {
            check_all(scan + SCAN_CHILD);
            children++;
        }
    }
    assert_true(children > 10);
}

static void every_cell_is_recorded_once(void **state)
{
    (void)state;
    every_cell_once(false);
}

static void with_real_values_too(void **state)
{
    (void)state;
    every_cell_once(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_is_recorded_once),
        cmocka_unit_test(with_real_values_too),
    };
    if (n1_key_parse(&key, RECORDING_KEY) != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
