/* The real shim in a real program: tests/programs/sqlite_calls under LD_PRELOAD. Its output must be that of a plain run, and
 * the recording must hold each statement the number of times that the program ran it. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "preload_recording.h"

struct expected {
    const char *sql;
    struct tally is;
    bool has_any_cells; /* cells are not counted */
};

#define BOOKS  "SELECT id, author_id, title, price FROM book ORDER BY id"
#define AUTHOR "SELECT name FROM author WHERE id = ?"

static void check(const struct recording *r, const struct expected *expected, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct tally is = recording_tally(r, expected[i].sql), want = expected[i].is;
        if (is.executions != want.executions || is.rows != want.rows || is.failed != want.failed ||
            (!expected[i].has_any_cells && is.cells != want.cells) || is.n_bound != want.n_bound ||
            is.n_literals != want.n_literals)
            fail_msg("%s: %u executions, %lu rows, %u failed, %lu cells, %u bound, %u literals", expected[i].sql,
                     is.executions, is.rows, is.failed, is.cells, is.n_bound, is.n_literals);
    }
}

/* Plain and recorded; the recording is left for the caller to look at and remove. */
static void run_both(struct recording *r, const char *way)
{
    static struct recording plain;
    const char *const argv[] = {N1_TEST_SQLITE_CALLS, way, NULL};
    recording_make(r);
    recording_run(&plain, argv, false, false);
    recording_run(r, argv, true, false);
    assert_string_equal(r->output, plain.output);
    assert_int_equal(r->status, plain.status);
}

static void run_and_check(const char *way, const struct expected *expected, size_t n)
{
    static struct recording r;
    run_both(&r, way);
    check(&r, expected, n);
    recording_remove(&r);
}
#define CHECK(way, ...)                                                                                                \
    do {                                                                                                               \
        static const struct expected expected[] = {__VA_ARGS__};                                                       \
        run_and_check(way, expected, sizeof expected / sizeof *expected);                                              \
    } while (0)

static void a_loop_is_recorded(void **state)
{
    (void)state;
    CHECK("loop", {BOOKS, {.executions = 1, .rows = 3, .cells = 7}, false},
          {AUTHOR, {.executions = 3, .rows = 3, .cells = 3, .n_bound = 1}, false},
          {"INSERT INTO author VALUES (?, ?), (?, ?), (?, ?)", {.executions = 1, .n_literals = 6}, false});
}

/* The proof itself: each child's parameter is the parent's cell of that row, and stands before it in time. */
static void a_childs_parameter_is_its_parents_cell(void **state)
{
    (void)state;
    static struct recording r;
    struct n1_event ev;
    uint64_t parent = 0, last_cell = 0;
    unsigned matched = 0;
    run_both(&r, "loop");
    struct n1_trace *trace = recording_open(&r);
    while (n1_trace_next(trace, &ev)) {
        const struct n1_sql_text *text = n1_trace_sql(trace, ev.process, ev.sql);
        if (ev.type == N1_EVENT_OPEN && text && strcmp(text->text, BOOKS) == 0)
            parent = ev.execution;
        for (uint32_t i = 0; i < ev.n_cells; i++)
            if (parent && ev.execution == parent && ev.cells[i].column == 1)
                last_cell = ev.cells[i].hash;
        if ((ev.type == N1_EVENT_OPEN || ev.type == N1_EVENT_EXEC) && text && strcmp(text->text, AUTHOR) == 0) {
            assert_int_equal(ev.n_bound, 1);
            assert_true(ev.stack != 0);
            matched += last_cell == ev.params[0].hash;
        }
    }
    n1_trace_close(trace);
    recording_remove(&r);
    assert_int_equal(matched, 3);
}

static void queries_inside_callbacks(void **state)
{
    (void)state;
    CHECK("callback", {"SELECT id, name FROM author", {.executions = 1, .rows = 3, .cells = 6}, false},
          {"SELECT title FROM book WHERE author_id = ?",
           {.executions = 3, .rows = 3, .cells = 3, .n_literals = 1},
           false});
}

static void queries_inside_functions(void **state)
{
    (void)state;
    CHECK("function", {"SELECT id, count_books(id) FROM author", {.executions = 1, .rows = 3, .cells = 6}, false},
          {"SELECT count(*) FROM book WHERE author_id = ?",
           {.executions = 3, .rows = 3, .cells = 3, .n_bound = 1},
           false});
}

static void failed_statements(void **state)
{
    (void)state;
    CHECK("failures",
          {"SELECT nothing FROM nowhere WHERE x = ?", {.executions = 1, .failed = 1, .n_literals = 1}, false},
          {"SELECT ? FROM nowhere", {.executions = 1, .failed = 1, .n_literals = 1}, false});
}

static void spellings_of_values(void **state)
{
    (void)state;
    static struct recording r;
    struct n1_event ev;
    unsigned seen = 0;
    run_both(&r, "values");
    struct n1_trace *trace = recording_open(&r);
    while (n1_trace_next(trace, &ev)) {
        if ((ev.type != N1_EVENT_EXEC && ev.type != N1_EVENT_OPEN) || ev.n_bound != 6 || ev.n_literals != 2)
            continue;
        seen++;
        for (int i = 1; i < 4; i++) { /* 7, '7', 7.0 and u"7" */
            assert_int_equal(ev.params[i].kind, N1_VALUE_INTEGER);
            assert_true(ev.params[i].hash == ev.params[0].hash);
        }
        assert_int_equal(ev.params[4].kind, N1_VALUE_UUID);
        assert_int_equal(ev.params[5].kind, N1_VALUE_NULL);
        assert_null(ev.param_text); /* values are recorded on demand only */
    }
    n1_trace_close(trace);
    assert_int_equal(seen, 2); /* the step after DONE ran it again */
    check(&r, &(struct expected){"SELECT ?1, ?2, ?3, ?4, ?5, ?6", {.executions = 2, .rows = 2, .n_bound = 6}, false},
          1);
    recording_remove(&r);
}

/* The two executions that had values keep them; the third one has none. */
static void cleared_while_it_runs(void **state)
{
    (void)state;
    static struct recording r;
    struct n1_event ev;
    uint64_t hash[2] = {0};
    unsigned with_values = 0, without = 0;
    run_both(&r, "cleared");
    struct n1_trace *trace = recording_open(&r);
    while (n1_trace_next(trace, &ev)) {
        if ((ev.type != N1_EVENT_EXEC && ev.type != N1_EVENT_OPEN) || ev.n_bound != 2)
            continue;
        if (ev.params[0].kind == N1_VALUE_INTEGER && ev.params[1].kind == N1_VALUE_TEXT)
            hash[with_values++ % 2] = ev.params[0].hash;
        without += ev.params[0].kind == N1_VALUE_NULL && ev.params[1].kind == N1_VALUE_NULL;
    }
    n1_trace_close(trace);
    check(&r,
          &(struct expected){"SELECT name FROM author WHERE id = ?1 OR name = ?2 ORDER BY id",
                             {.executions = 3, .rows = 2, .cells = 2, .n_bound = 2},
                             false},
          1);
    recording_remove(&r);
    assert_int_equal(with_values, 2);
    assert_int_equal(without, 1);
    assert_true(hash[0] != hash[1]);
}

/* What SQLite does for itself when the schema has changed is no second execution. */
static void prepared_anew_by_the_library(void **state)
{
    (void)state;
    CHECK("reprepared", {"SELECT name FROM author ORDER BY id", {.executions = 3, .rows = 9, .cells = 9}, false});
}

static void real_values_on_demand(void **state)
{
    (void)state;
    static struct recording r;
    const char *const argv[] = {N1_TEST_SQLITE_CALLS, "loop", NULL};
    struct n1_event ev;
    unsigned literals = 0, cells = 0, params = 0;
    recording_make(&r);
    recording_run(&r, argv, true, true);
    struct n1_trace *trace = recording_open(&r);
    while (n1_trace_next(trace, &ev)) {
        const struct n1_sql_text *text = n1_trace_sql(trace, ev.process, ev.sql);
        if (text && strstr(text->text, "'Asha'"))
            literals += ev.n_literals == 6 && strcmp(ev.param_text[1], "Asha") == 0;
        for (uint32_t i = 0; i < ev.n_cells; i++)
            cells += ev.cell_text[i] && strcmp(ev.cell_text[i], "Stone") == 0;
        params += ev.n_bound == 1 && strcmp(ev.param_text[0], "2") == 0;
    }
    n1_trace_close(trace);
    recording_remove(&r);
    assert_int_equal(literals, 1);
    assert_int_equal(cells, 1);
    assert_int_equal(params, 1);
}

/* Whatever gave it, in a library that shows its calls to itself and in one that hides them. */
static void every_real_value(void **state)
{
    (void)state;
    static struct recording r;
    static const char *const programs[] = {N1_TEST_SQLITE_CALLS,
#ifdef N1_TEST_SQLITE_SYMBOLIC
                                           N1_TEST_SQLITE_SYMBOLIC
#endif
    };
    static const char *const ways[] = {"loop", "callback", "function", "failures", "values",    "prepares",
                                       "many", "threads",  "hop",      "cleared",  "reprepared"};
    for (size_t i = 0; i < sizeof programs / sizeof *programs * (sizeof ways / sizeof *ways); i++) {
        const char *const argv[] = {programs[i / (sizeof ways / sizeof *ways)], ways[i % (sizeof ways / sizeof *ways)],
                                    NULL};
        recording_make(&r);
        recording_run(&r, argv, true, true);
        assert_int_equal(r.status, 0);
        recording_has_values(&r);
        recording_remove(&r);
    }
}

static void every_prepare(void **state)
{
    (void)state;
    CHECK("prepares", {"SELECT ?", {.executions = 5, .rows = 5, .cells = 1, .n_literals = 1}, false},
          {"SELECT ? AS face", {.executions = 1, .rows = 1, .cells = 1, .n_literals = 1}, false});
}

/* 64 rows of both columns, then the key column alone. */
static void cells_by_the_rule(void **state)
{
    (void)state;
    static struct recording r;
    struct n1_event ev;
    unsigned ids = 0, names = 0;
    run_both(&r, "many");
    struct n1_trace *trace = recording_open(&r);
    while (n1_trace_next(trace, &ev))
        for (uint32_t i = 0; i < ev.n_cells; i++) {
            ids += ev.cells[i].column == 0;
            names += ev.cells[i].column == 1;
            assert_true(ev.cells[i].column == 0 || ev.cells[i].row < 64);
        }
    n1_trace_close(trace);
    recording_remove(&r);
    assert_int_equal(ids, 1000);
    assert_int_equal(names, 64);
}

static void threads_and_their_slots(void **state)
{
    (void)state;
    CHECK("threads", {AUTHOR, {.executions = 44 * 500, .rows = 44 * 500, .cells = 44 * 500, .n_bound = 1}, false});
}

static void a_statement_that_hops(void **state)
{
    (void)state;
    CHECK("hop", {"SELECT id FROM author ORDER BY id", {.executions = 1, .rows = 3, .cells = 3}, false});
}

static void forked_children(void **state)
{
    (void)state;
    static struct recording r;
    run_both(&r, "forked");
    check(&r, &(struct expected){AUTHOR, {.executions = 1003, .rows = 1003, .cells = 1003, .n_bound = 1}, false}, 1);
    struct n1_trace *trace = recording_open(&r);
    assert_int_equal(trace->n_processes, 3);
    assert_int_equal(trace->counter[N1_PROCESSES], 3);
    n1_trace_close(trace);
    recording_remove(&r);
}

static void a_killed_program_loses_nothing(void **state)
{
    (void)state;
    static struct recording r;
    run_both(&r, "killed");
    assert_true(WIFSIGNALED(r.status) && WTERMSIG(r.status) == SIGKILL);
    check(&r, &(struct expected){AUTHOR, {.executions = 3, .rows = 3, .cells = 3, .n_bound = 1}, false}, 1);
    recording_remove(&r);
}

static void a_program_that_closes_everything(void **state)
{
    (void)state;
    CHECK("closes", {AUTHOR, {.executions = 6, .rows = 6, .cells = 6, .n_bound = 1}, false});
}

static void a_program_replaced_by_exec(void **state)
{
    (void)state;
    static struct recording r;
    run_both(&r, "replaced");
    check(&r, &(struct expected){AUTHOR, {.executions = 6, .rows = 6, .cells = 6, .n_bound = 1}, false}, 1);
    recording_remove(&r);
}

static void a_file_size_limit_is_not_the_programs_trouble(void **state)
{
    (void)state;
    static struct recording r;
    run_both(&r, "limited");
    assert_non_null(strstr(r.output, "errno 77\nblocked 0\npending 0\n"));
    struct n1_trace *trace = recording_open(&r);
    assert_true(trace->counter[N1_LOST_DICTIONARY] > 0);
    assert_false(trace->is_complete);
    n1_trace_close(trace);
    recording_remove(&r);
}

static void many_drains(void **state)
{
    (void)state;
    CHECK("long_run", {AUTHOR, {.executions = 100000, .rows = 100000, .cells = 100000, .n_bound = 1}, false});
}

#ifdef N1_TEST_SQLITE_SYMBOLIC
/* A renamed copy of the library, linked -Bsymbolic: its calls to itself never come by our hooks. */
static void a_library_that_hides_its_inside(void **state)
{
    (void)state;
    static struct recording plain, r;
    static const struct {
        const char *way;
        struct expected expected;
    } cases[] = {
        {"loop", {AUTHOR, {.executions = 3, .rows = 3, .cells = 3, .n_bound = 1}, false}},
        {"callback", {"SELECT id, name FROM author", {.executions = 1, .rows = 3, .cells = 6}, false}},
        {"callback",
         {"SELECT title FROM book WHERE author_id = ?",
          {.executions = 3, .rows = 3, .cells = 3, .n_literals = 1},
          false}},
        {"failures", {"INSERT INTO author VALUES (?, ?)", {.executions = 2, .failed = 2, .n_bound = 2}, false}},
        {"prepares", {"SELECT ?", {.executions = 5, .rows = 5, .cells = 1, .n_literals = 1}, false}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const argv[] = {N1_TEST_SQLITE_SYMBOLIC, cases[i].way, NULL};
        recording_make(&r);
        recording_run(&plain, argv, false, false);
        recording_run(&r, argv, true, false);
        assert_string_equal(r.output, plain.output);
        check(&r, &cases[i].expected, 1);
        recording_remove(&r);
    }
}
#endif

/* No recording directory, a wrong key, a directory that is gone: the program runs as ever. */
static void no_recording_is_no_trouble(void **state)
{
    (void)state;
    static struct recording r;
    const char *const argv[] = {N1_TEST_SQLITE_CALLS, "loop", NULL};
    recording_make(&r);
    recording_remove(&r);
    recording_run(&r, argv, true, false);
    assert_int_equal(r.status, 0);
    assert_string_equal(r.output, "Asha: River 9.5\nBela: Stone 7.25\nCira: Wind 8\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_loop_is_recorded),
                                       cmocka_unit_test(a_childs_parameter_is_its_parents_cell),
                                       cmocka_unit_test(queries_inside_callbacks),
                                       cmocka_unit_test(queries_inside_functions),
                                       cmocka_unit_test(failed_statements),
                                       cmocka_unit_test(spellings_of_values),
                                       cmocka_unit_test(cleared_while_it_runs),
                                       cmocka_unit_test(prepared_anew_by_the_library),
                                       cmocka_unit_test(real_values_on_demand),
                                       cmocka_unit_test(every_real_value),
                                       cmocka_unit_test(every_prepare),
                                       cmocka_unit_test(cells_by_the_rule),
                                       cmocka_unit_test(threads_and_their_slots),
                                       cmocka_unit_test(a_statement_that_hops),
                                       cmocka_unit_test(forked_children),
                                       cmocka_unit_test(a_killed_program_loses_nothing),
                                       cmocka_unit_test(a_program_that_closes_everything),
                                       cmocka_unit_test(a_program_replaced_by_exec),
                                       cmocka_unit_test(a_file_size_limit_is_not_the_programs_trouble),
                                       cmocka_unit_test(many_drains),
#ifdef N1_TEST_SQLITE_SYMBOLIC
                                       cmocka_unit_test(a_library_that_hides_its_inside),
#endif
                                       cmocka_unit_test(no_recording_is_no_trouble)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
