/* The shim in tests/programs/libpq_calls, against the tests' PostgreSQL cluster (PG* variables). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "preload_recording.h"

struct expected {
    const char *sql;
    struct tally is;
};

static void check(const char *way, const struct expected *expected, size_t n)
{
    static struct recording plain, r;
    const char *const argv[] = {N1_TEST_LIBPQ_CALLS, way, NULL};
    recording_make(&r);
    recording_run(&plain, argv, false, false);
    recording_run(&r, argv, true, false);
    assert_string_equal(r.output, plain.output);
    assert_int_equal(r.status, 0);
    for (size_t i = 0; i < n; i++) {
        const struct tally is = recording_tally(&r, expected[i].sql), want = expected[i].is;
        if (is.executions != want.executions || is.rows != want.rows || is.failed != want.failed ||
            is.cells != want.cells || is.n_bound != want.n_bound || is.n_literals != want.n_literals)
            fail_msg("%s: %u executions, %lu rows, %u failed, %lu cells, %u bound, %u literals", expected[i].sql,
                     is.executions, is.rows, is.failed, is.cells, is.n_bound, is.n_literals);
    }
    recording_remove(&r);
}
#define CHECK(way, ...)                                                                                                \
    do {                                                                                                               \
        static const struct expected expected[] = {__VA_ARGS__};                                                       \
        check(way, expected, sizeof expected / sizeof *expected);                                                      \
    } while (0)

/* Whatever gave it: a parameter of either format, a literal of a text, of a script's piece, of what was prepared by a call or in SQL. */
static void every_real_value(void **state)
{
    (void)state;
    static struct recording r;
    static const char *const ways[] = {"sync", "scripts",   "failures",     "async",     "pipeline", "reset",
                                       "loop", "sql_level", "non_blocking", "describes", "no_room"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const char *const argv[] = {N1_TEST_LIBPQ_CALLS, ways[i], NULL};
        recording_make(&r);
        recording_run(&r, argv, true, true);
        assert_int_equal(r.status, 0);
        recording_has_values(&r);
        recording_remove(&r);
    }
}

static void sync_calls(void **state)
{
    (void)state;
    CHECK("sync", {"SELECT * FROM author WHERE name = ?", {.executions = 1, .rows = 1, .cells = 5, .n_literals = 1}},
          {"SELECT name FROM author WHERE id = $1::int", {.executions = 1, .rows = 1, .cells = 1, .n_bound = 1}},
          {"SELECT id, code FROM author WHERE id = $1", {.executions = 1, .rows = 1, .cells = 2, .n_bound = 1}},
          {"SELECT name, ? FROM author WHERE id = $1",
           {.executions = 3, .rows = 2, .cells = 4, .n_bound = 1, .n_literals = 1}});
}

static void scripts(void **state)
{
    (void)state;
    CHECK("scripts", {"SELECT ?", {.executions = 3, .rows = 3, .cells = 3, .n_literals = 1}},
          {"SELECT name FROM author WHERE id = ?", {.executions = 1, .rows = 1, .cells = 1, .n_literals = 1}},
          {"DELETE FROM author WHERE id = ?", {.executions = 1, .n_literals = 1}});
}

static void failures(void **state)
{
    (void)state;
    CHECK("failures", {"SELECT * FROM nowhere", {.executions = 1, .failed = 1}},
          {"SELECT * FROM nowhere WHERE id = $1", {.executions = 1, .failed = 1}},
          {"INSERT INTO author VALUES (?)", {.executions = 1, .failed = 1, .n_literals = 1}},
          {"SELECT ?", {.executions = 1, .rows = 1, .cells = 1, .n_literals = 1}},
          {"SELECT ?/?", {.executions = 1, .failed = 1, .n_literals = 2}});
}

static void async_calls(void **state)
{
    (void)state;
    CHECK("async",
          {"SELECT name FROM author WHERE id = $1::int", {.executions = 1, .rows = 1, .cells = 1, .n_bound = 1}},
          {"SELECT id FROM author WHERE id >= $1::int ORDER BY id",
           {.executions = 1, .rows = 2, .cells = 2, .n_bound = 1}});
}

static void pipelines(void **state)
{
    (void)state;
    CHECK("pipeline",
          {"SELECT id FROM author WHERE id = $1::int", {.executions = 2, .rows = 2, .cells = 2, .n_bound = 1}},
          {"SELECT ?", {.executions = 1, .rows = 1, .cells = 1, .n_literals = 1}});
}

static void copies(void **state)
{
    (void)state;
    CHECK("copy", {"COPY author(id, name) FROM STDIN", {.executions = 1}},
          {"SELECT count(*) FROM author", {.executions = 1, .rows = 1, .cells = 1}});
}

static void resets(void **state)
{
    (void)state;
    CHECK("reset", {"EXECUTE s", {.executions = 1, .failed = 1}},
          {"SELECT ?", {.executions = 1, .rows = 1, .cells = 1, .n_literals = 1}});
}

/* 64 rows whole, then 136 keys; 200 children. */
static void loops(void **state)
{
    (void)state;
    CHECK("loop",
          {"SELECT i AS id, ? || i AS name FROM generate_series(?, ?) AS i",
           {.executions = 1, .rows = 200, .cells = 128 + 136, .n_literals = 3}},
          {"SELECT $1::int * ?", {.executions = 200, .rows = 200, .cells = 200, .n_bound = 1, .n_literals = 1}});
}

/* An EXECUTE is the statement that it names, its arguments bound: by letters' case, quotes, and in scripts. */
static void prepared_by_sql(void **state)
{
    (void)state;
    CHECK("sql_level",
          {"SELECT name, ? FROM author WHERE id = $1",
           {.executions = 3, .rows = 3, .cells = 6, .n_bound = 1, .n_literals = 1}},
          {"SELECT id FROM author WHERE name = $1", {.executions = 1, .rows = 1, .cells = 1, .n_bound = 1}},
          {"SELECT count(*) FROM author", {.executions = 1, .rows = 1, .cells = 1}},
          {"EXECUTE broken", {.executions = 1, .failed = 1}}, {"EXECUTE twice", {.executions = 1, .failed = 1}},
          {"EXECUTE by_id(?)", {.executions = 1, .failed = 1, .n_literals = 1}},
          {"FETCH FORWARD ? FROM \"all\"", {.executions = 2, .rows = 2, .cells = 2, .n_literals = 1}});
}

static void names_by_the_thousand(void **state)
{
    (void)state;
    CHECK("kept_names", {"SELECT name FROM author WHERE id = $1::int",
                         {.executions = 1000, .rows = 1000, .cells = 1000, .n_bound = 1}});
}

static void calls_that_are_no_statements(void **state)
{
    (void)state;
    CHECK("fastpath", {"SELECT ?", {.executions = 1, .rows = 1, .cells = 1, .n_literals = 1}});
}

static void connections_of_every_make(void **state)
{
    (void)state;
    CHECK("connects", {"SELECT ?", {.executions = 10, .rows = 10, .cells = 10, .n_literals = 1}},
          {"EXECUTE kept", {.executions = 1, .failed = 1}});
}

static void connections_that_never_block(void **state)
{
    (void)state;
    CHECK("non_blocking",
          {"SELECT name FROM author WHERE id = $1::int", {.executions = 3, .rows = 2, .cells = 2, .n_bound = 1}});
}

static void descriptions(void **state)
{
    (void)state;
    CHECK("describes", {"SELECT name FROM author WHERE id = $1::int", {0}}, {"BEGIN", {.executions = 1}},
          {"FETCH ALL FROM cur", {.executions = 1, .rows = 2, .cells = 2}}, {"COMMIT", {.executions = 1}});
}

static void copies_out(void **state)
{
    (void)state;
    CHECK("copy_out", {"COPY author(id, name) TO STDOUT", {.executions = 1}},
          {"SELECT ?", {.executions = 1, .rows = 1, .cells = 1, .n_literals = 1}});
}

static void copies_of_old(void **state)
{
    (void)state;
    CHECK("old_copy", {"COPY author(id, name) FROM STDIN", {.executions = 1}},
          {"COPY (SELECT name FROM author ORDER BY id) TO STDOUT", {.executions = 1}},
          {"COPY (SELECT id FROM author ORDER BY id) TO STDOUT", {.executions = 1}},
          {"SELECT count(*) FROM author", {.executions = 1, .rows = 1, .cells = 1}});
}

/* What was prepared while there was no room to record it is known by its text when there is, and what was dropped is not. */
static void prepared_without_room(void **state)
{
    (void)state;
    CHECK("no_room",
          {"SELECT name, ? FROM author WHERE id = $1::int",
           {.executions = 2, .rows = 2, .cells = 4, .n_bound = 1, .n_literals = 1}},
          {"SELECT id FROM author WHERE name = $1", {.executions = 2, .rows = 2, .cells = 2, .n_bound = 1}},
          {"SELECT code FROM author WHERE id = $1::int", {.executions = 2, .rows = 2, .cells = 2, .n_bound = 1}},
          {"EXECUTE early", {.executions = 2, .failed = 2, .n_bound = 1}}, {"SELECT ?", {0}});
}

/* What the server said of a failure is kept: 42P01, no such table; 22012, division by zero. */
static void reasons_of_failures(void **state)
{
    (void)state;
    static struct recording r;
    const char *const argv[] = {N1_TEST_LIBPQ_CALLS, "failures", NULL};
    struct n1_event ev;
    unsigned no_table = 0, by_zero = 0;
    recording_make(&r);
    recording_run(&r, argv, true, false);
    struct n1_trace *trace = recording_open(&r);
    while (n1_trace_next(trace, &ev)) {
        no_table += ev.error == strtoul("42P01", NULL, 36);
        by_zero += ev.error == strtoul("22012", NULL, 36);
    }
    n1_trace_close(trace);
    recording_remove(&r);
    assert_int_equal(no_table, 2);
    assert_int_equal(by_zero, 1);
}

static void threads_that_are_cancelled(void **state)
{
    (void)state;
    CHECK("cancelled", {"SELECT ?", {.executions = 4, .rows = 4, .cells = 4, .n_literals = 1}},
          {"SELECT pg_sleep(?)", {.executions = 2, .n_literals = 1}},
          {"SELECT pg_sleep(?), ?", {.executions = 2, .n_literals = 2}});
}

/* What libpq 17 brought; hooked by the auditor, where the library has it. A newer one than the system's: cmake -DN1_LIBPQ_DIR=… */
static void newer_calls(void **state)
{
    (void)state;
    static struct recording r;
    const char *const argv[] = {N1_TEST_LIBPQ_CALLS, "newer", NULL};
    if (N1_TEST_LIBPQ_DIR[0])
        setenv("LD_LIBRARY_PATH", N1_TEST_LIBPQ_DIR, 1);
    setenv("LD_AUDIT", N1_TEST_AUDIT, 1);
    recording_make(&r);
    recording_run(&r, argv, false, false);
    recording_remove(&r);
    if (strcmp(r.output, "absent\n") == 0)
        skip();
    CHECK(
        "newer",
        {"SELECT i AS id FROM generate_series(?, ?) AS i", {.executions = 1, .rows = 10, .cells = 10, .n_literals = 2}},
        {"SELECT name FROM author WHERE id = $1::int", {.executions = 1, .rows = 1, .cells = 1, .n_bound = 1}},
        {"EXECUTE by_id", {.executions = 1, .failed = 1, .n_bound = 1}},
        {"SELECT id FROM author WHERE id = $1::int", {.executions = 1, .rows = 1, .cells = 1, .n_bound = 1}},
        {"EXECUTE again", {.executions = 1, .failed = 1, .n_bound = 1}},
        {"SELECT ? || $1", {.executions = 1, .rows = 1, .cells = 1, .n_bound = 1, .n_literals = 1}},
        {"SELECT pg_sleep(?)", {.executions = 1, .failed = 1, .n_literals = 1}},
        {"SELECT ?", {.executions = 1, .rows = 1, .cells = 1, .n_literals = 1}});
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sync_calls),
                                       cmocka_unit_test(scripts),
                                       cmocka_unit_test(failures),
                                       cmocka_unit_test(async_calls),
                                       cmocka_unit_test(pipelines),
                                       cmocka_unit_test(copies),
                                       cmocka_unit_test(resets),
                                       cmocka_unit_test(loops),
                                       cmocka_unit_test(prepared_by_sql),
                                       cmocka_unit_test(names_by_the_thousand),
                                       cmocka_unit_test(calls_that_are_no_statements),
                                       cmocka_unit_test(threads_that_are_cancelled),
                                       cmocka_unit_test(connections_of_every_make),
                                       cmocka_unit_test(connections_that_never_block),
                                       cmocka_unit_test(descriptions),
                                       cmocka_unit_test(copies_out),
                                       cmocka_unit_test(prepared_without_room),
                                       cmocka_unit_test(copies_of_old),
                                       cmocka_unit_test(reasons_of_failures),
                                       cmocka_unit_test(every_real_value),
                                       cmocka_unit_test(newer_calls)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
