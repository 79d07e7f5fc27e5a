/* The real shim in programs that treat SQLite, threads and processes roughly: tests/programs/sqlite_lives. Same output as without
 * it, and every execution once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "preload_recording.h"

struct expected {
    const char *sql;
    struct tally is;
};

static const char *one_file(char path[160])
{
    static struct recording scratch;
    recording_make(&scratch);
    snprintf(path, 160, "%s/busy.db", scratch.directory);
    return path;
}

static void check(const char *program, const char *way, const char *argument, const struct expected *expected, size_t n)
{
    static struct recording plain, r;
    char path[160];
    const char *argv[] = {program, way, argument, NULL};
    recording_make(&r);
    if (!argument)
        argv[2] = one_file(path);
    recording_run(&plain, argv, false, false);
    unlink(argv[2]);
    recording_run(&r, argv, true, false);
    unlink(argv[2]);
    assert_string_equal(r.output, plain.output);
    assert_int_equal(r.status, 0);
    assert_int_equal(plain.status, 0);
    for (size_t i = 0; i < n; i++) {
        const struct tally is = recording_tally(&r, expected[i].sql), want = expected[i].is;
        if (is.executions != want.executions || is.rows != want.rows || is.failed != want.failed)
            fail_msg("%s %s: %s: %u executions, %lu rows, %u failed", program, way, expected[i].sql, is.executions,
                     is.rows, is.failed);
    }
    struct n1_trace *trace = recording_open(&r);
    assert_int_equal(trace->counter[N1_LOST_EVENTS], 0);
    n1_trace_close(trace);
    recording_remove(&r);
}
#define CHECK(program, way, argument, ...)                                                                             \
    do {                                                                                                               \
        static const struct expected expected[] = {__VA_ARGS__};                                                       \
        check(program, way, argument, expected, sizeof expected / sizeof *expected);                                   \
    } while (0)

#define LOOK_UP "SELECT name FROM author WHERE id = ?"

static void a_fork_in_a_busy_callback(void **state)
{
    (void)state;
    CHECK(N1_TEST_LIVES, "busy", NULL, {LOOK_UP, {.executions = 3, .rows = 3}},
          {"UPDATE author SET name = ?", {.executions = 1, .failed = 1}}, {"BEGIN EXCLUSIVE", {.executions = 1}});
}

static void threads_that_end_in_mid_statement(void **state)
{
    (void)state;
    CHECK(N1_TEST_LIVES, "open_ends", "", {"SELECT id FROM author ORDER BY id", {.executions = 40, .rows = 80}});
}

static void statements_at_an_address_of_before(void **state)
{
    (void)state;
    CHECK(N1_TEST_LIVES, "again", "", {"SELECT * FROM author WHERE id = ?", {.executions = 69, .rows = 61}},
          {"SELECT id FROM author WHERE id >= ?", {.executions = 15, .rows = 30}});
    CHECK(N1_TEST_LIVES, "again_elsewhere", "", {"SELECT id FROM author WHERE id = ?", {.executions = 60, .rows = 40}});
}

static void a_library_that_is_shut_down(void **state)
{
    (void)state;
    CHECK(N1_TEST_LIVES, "shut_down", "", {LOOK_UP, {.executions = 3, .rows = 3}});
}

static void a_connection_of_many_threads(void **state)
{
    (void)state;
    CHECK(N1_TEST_LIVES, "shared", "", {LOOK_UP, {.executions = 800, .rows = 800}},
          {"SELECT count(*) FROM author", {.executions = 800, .rows = 800}},
          {"SELECT ?", {.executions = 800, .rows = 800}});
#ifdef N1_TEST_LIVES_SYMBOLIC
    CHECK(N1_TEST_LIVES_SYMBOLIC, "shared", "", {LOOK_UP, {.executions = 800, .rows = 800}},
          {"SELECT count(*) FROM author", {.executions = 800, .rows = 800}},
          {"SELECT ?", {.executions = 800, .rows = 800}});
#endif
}

static void a_library_that_asks_in_its_constructor(void **state)
{
    (void)state;
    CHECK(N1_TEST_EARLY, "", "", {LOOK_UP, {.executions = 5, .rows = 4}});
}

static void an_interpreter_that_is_unloaded(void **state)
{
    (void)state;
    setenv("LD_AUDIT", N1_TEST_AUDIT, 1);
    CHECK(N1_TEST_PASSING, N1_TEST_PASSING_LIBRARY, "", {"SELECT ?", {.executions = 4, .rows = 4}});
    unsetenv("LD_AUDIT");
}

#ifdef N1_TEST_PLUGINS
static void libraries_that_come_and_go(void **state)
{
    (void)state;
    CHECK(N1_TEST_RELOADS, N1_TEST_PLUGINS, "", {LOOK_UP, {.executions = 36, .rows = 36}});
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fork_in_a_busy_callback),          cmocka_unit_test(threads_that_end_in_mid_statement),
        cmocka_unit_test(statements_at_an_address_of_before), cmocka_unit_test(a_library_that_is_shut_down),
        cmocka_unit_test(a_connection_of_many_threads),       cmocka_unit_test(a_library_that_asks_in_its_constructor),
        cmocka_unit_test(an_interpreter_that_is_unloaded),
#ifdef N1_TEST_PLUGINS
        cmocka_unit_test(libraries_that_come_and_go),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
