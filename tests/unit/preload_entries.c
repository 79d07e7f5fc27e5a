/* The rarer entrances of SQLite under the real shim: tests/programs/sqlite_entries. Same output as without it, and each statement
 * as often as the program, not the engine, ran it. */
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
};

static void check(const char *way, const char *argument, const struct expected *expected, size_t n, int status)
{
    static struct recording plain, r;
    const char *const argv[] = {N1_TEST_SQLITE_ENTRIES, way, argument, NULL};
    recording_make(&r);
    recording_run(&plain, argv, false, false);
    recording_run(&r, argv, true, false);
    assert_string_equal(r.output, plain.output);
    assert_int_equal(r.status, status);
    assert_int_equal(plain.status, status);
    for (size_t i = 0; i < n; i++) {
        const struct tally is = recording_tally(&r, expected[i].sql), want = expected[i].is;
        if (is.executions != want.executions || is.opened < want.opened || is.rows != want.rows ||
            is.cells != want.cells || is.n_bound != want.n_bound)
            fail_msg("%s: %u executions, %u opened, %lu rows, %lu cells, %u bound", expected[i].sql, is.executions,
                     is.opened, is.rows, is.cells, is.n_bound);
    }
    recording_remove(&r);
}
#define CHECK(way, argument, ...)                                                                                      \
    do {                                                                                                               \
        static const struct expected expected[] = {__VA_ARGS__};                                                       \
        check(way, argument, expected, sizeof expected / sizeof *expected, 0);                                         \
    } while (0)

static void a_step_a_reset_and_a_step_are_one_run(void **state)
{
    (void)state;
    CHECK("peeks", NULL, {"SELECT id, ? FROM author", {.executions = 3, .opened = 3, .rows = 6, .cells = 6}},
          {"SELECT id FROM author WHERE id = ?", {.executions = 2, .opened = 2, .rows = 2, .cells = 1, .n_bound = 1}},
          {"SELECT id FROM author WHERE name = ?", {.executions = 1}},
          {"SELECT ? FROM author WHERE id = ?", {.executions = 4, .opened = 4, .rows = 4}},
          {"INSERT INTO author(name) VALUES (?)", {.executions = 2}});
}

static void a_peek_outlives_the_process(void **state)
{
    (void)state;
    static const struct expected expected = {"SELECT id FROM author", {.opened = 1}};
    check("peek_and_die", NULL, &expected, 1, SIGKILL);
}

static void text_of_value_objects(void **state)
{
    (void)state;
    static struct recording r;
    struct n1_event ev;
    uint64_t name = 0, bound = 0;
    CHECK("value_text", NULL, {"SELECT ?1, ?2, ?3, typeof(?1)", {.executions = 1, .rows = 1, .cells = 3, .n_bound = 3}},
          {"SELECT name, id, picture, name || ? FROM author WHERE id = ?",
           {.executions = 1, .opened = 1, .rows = 1, .cells = 4}});
    const char *const argv[] = {N1_TEST_SQLITE_ENTRIES, "value_text", NULL};
    recording_make(&r);
    recording_run(&r, argv, true, false);
    struct n1_trace *trace = recording_open(&r);
    while (n1_trace_next(trace, &ev)) {
        for (uint32_t i = 0; i < ev.n_cells && !name; i++)
            if (ev.cells[i].column == 0 && ev.cells[i].kind == N1_VALUE_TEXT)
                name = ev.cells[i].hash;
        if (ev.n_bound == 3) {
            bound = ev.params[0].hash;
            assert_int_equal(ev.params[1].kind, N1_VALUE_INTEGER);
            assert_int_equal(ev.params[2].kind, N1_VALUE_BLOB);
        }
    }
    n1_trace_close(trace);
    recording_remove(&r);
    assert_true(name != 0 && bound == name);
}

static void calls_that_are_no_statements(void **state)
{
    (void)state;
    CHECK("others", NULL,
          {"SELECT ? IS NULL, hex(picture) FROM author WHERE id = ?",
           {.executions = 1, .rows = 1, .cells = 2, .n_bound = 1}},
          {"SELECT length(?)", {.executions = 1, .rows = 1, .cells = 1, .n_bound = 1}});
}

static void rare_entrances(void **state)
{
    (void)state;
    static struct recording r;
    struct n1_event ev;
    unsigned seen = 0;
    CHECK("rare", NULL,
          {"SELECT ?1, ?2, ?3, ?4, length(?5), ?", {.executions = 1, .rows = 1, .cells = 5, .n_bound = 5}});
    const char *const argv[] = {N1_TEST_SQLITE_ENTRIES, "rare", NULL};
    recording_make(&r);
    recording_run(&r, argv, true, false);
    struct n1_trace *trace = recording_open(&r);
    while (n1_trace_next(trace, &ev)) {
        if (ev.n_bound != 5)
            continue;
        seen++;
        assert_int_equal(ev.params[0].kind, N1_VALUE_TEXT);
        assert_true(ev.params[0].hash == ev.params[1].hash); /* UTF-8 and UTF-16 of one text */
        assert_int_equal(ev.params[2].kind, N1_VALUE_BLOB);
        assert_int_equal(ev.params[3].kind, N1_VALUE_FLOAT);
    }
    n1_trace_close(trace);
    recording_remove(&r);
    assert_int_equal(seen, 1);
}

static void queries_of_an_extension(void **state)
{
    (void)state;
    CHECK("extension", N1_TEST_EXTENSION,
          {"SELECT id, author_name(id) FROM author ORDER BY id", {.executions = 1, .opened = 1, .rows = 2, .cells = 4}},
          {"SELECT name FROM author WHERE id = ?", {.executions = 2, .rows = 2, .cells = 2, .n_bound = 1}});
}

/* A program that is linked with SQLite's archive: nothing can be recorded, and the counters say why. */
static void hidden_sqlite_is_counted(void **state)
{
    (void)state;
#ifdef N1_TEST_STATIC
    static struct recording r;
    static const struct {
        const char *program;
        unsigned hidden;
    } cases[] = {{N1_TEST_STATIC, 1}, {N1_TEST_SQLITE_ENTRIES, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const argv[] = {cases[i].program, "others", NULL};
        recording_make(&r);
        recording_run(&r, argv, true, false);
        assert_int_equal(r.status, 0);
        struct n1_counters counters;
        char path[160];
        snprintf(path, sizeof path, "%s/counters", r.directory);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        assert_int_equal(fread(&counters, sizeof counters, 1, file), 1);
        fclose(file);
        assert_int_equal(counters.value[N1_UNSAFE_STATIC], cases[i].hidden);
        recording_remove(&r);
    }
#else
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_step_a_reset_and_a_step_are_one_run),
                                       cmocka_unit_test(a_peek_outlives_the_process),
                                       cmocka_unit_test(text_of_value_objects),
                                       cmocka_unit_test(calls_that_are_no_statements),
                                       cmocka_unit_test(rare_entrances),
                                       cmocka_unit_test(queries_of_an_extension),
                                       cmocka_unit_test(hidden_sqlite_is_counted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
