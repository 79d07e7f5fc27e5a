/* Several statements in one sqlite3_exec or sqlite3_get_table, under the real shim: tests/programs/sqlite_scripts. The system's
 * library shows its inside, a copy that binds its calls to itself does not: both must give the program's own output, and the same
 * recording. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "preload_recording.h"

enum { STATEMENTS_MAX = 8 };

static const char *const programs[] = {N1_TEST_SCRIPTS,
#ifdef N1_TEST_SCRIPTS_SYMBOLIC
                                       N1_TEST_SCRIPTS_SYMBOLIC
#endif
};

static const struct {
    const char *way;
    struct {
        const char *sql;
        struct tally is;
    } statement[STATEMENTS_MAX];
} cases[] = {
    {"several",
     {{"CREATE TABLE log(what TEXT)", {.executions = 1}},
      {"SELECT id, name FROM author", {.executions = 2, .rows = 4, .cells = 8}},
      {"SELECT title, NULL FROM book WHERE author_id = ?", {.executions = 1, .rows = 2, .cells = 2, .n_literals = 1}},
      {"SELECT count(*) FROM log", {.executions = 1, .rows = 1, .cells = 1}},
      {"SELECT title FROM book", {.executions = 1, .rows = 3}},
      {"DELETE FROM log", {.executions = 1}},
      {"SELECT id, title FROM book", {.executions = 1, .rows = 3, .cells = 6}},
      {"INSERT INTO log VALUES (?)", {0}}}},
    {"errors",
     {{"SELECT ?", {.executions = 1, .rows = 1, .cells = 1, .n_literals = 1}},
      {"SELECT nothing FROM nowhere", {.executions = 1, .failed = 1}},
      {"UPDATE log SET what = ?", {.executions = 1, .n_literals = 1}},
      {"INSERT INTO author VALUES (?, ?)", {.executions = 1, .failed = 1, .n_literals = 2}},
      {"SELEC ?", {.executions = 1, .failed = 1, .n_literals = 1}},
      {"SELECT abs(-?)", {.executions = 1, .failed = 1, .n_literals = 1}}}},
    {"given_up", {{"SELECT id FROM author", {.executions = 1, .rows = 2, .cells = 2}}, {"SELECT id FROM book", {0}}}},
    {"nested",
     {{"SELECT id FROM author", {.executions = 1, .rows = 2, .cells = 2}},
      {"SELECT title FROM book WHERE author_id = ?", {.executions = 3, .rows = 5, .cells = 5, .n_literals = 1}},
      {"SELECT count(*) FROM book", {.executions = 3, .rows = 3, .cells = 3}},
      {"SELECT id + ? FROM author WHERE id = ?", {.executions = 1, .rows = 1, .cells = 1, .n_literals = 2}}}},
    {"full_text",
     {{"CREATE VIRTUAL TABLE word USING fts4(text)", {.executions = 1}},
      {"INSERT INTO word VALUES (?)", {.executions = 2, .n_literals = 1}},
      {"SELECT text FROM word WHERE word MATCH ?", {.executions = 1, .rows = 1, .cells = 1, .n_literals = 1}},
      {"VACUUM", {.executions = 1}},
      {"SELECT ?", {.executions = 1, .rows = 1, .cells = 1, .n_literals = 1}}}},
    {"own_trace",
     {{"SELECT id FROM author", {.executions = 1, .rows = 2, .cells = 2}},
      {"INSERT INTO book VALUES (?, ?, ?)", {.executions = 1, .n_literals = 3}},
      {"SELECT ?", {.executions = 3, .rows = 3, .cells = 3, .n_literals = 1}},
      {"SELECT id FROM book WHERE id = ?", {.executions = 1, .rows = 1, .cells = 1, .n_literals = 1}}}},
    {"left", {{"SELECT ? AS how", {.executions = 2, .rows = 2, .cells = 2, .n_literals = 1}}}},
    {"closed", {{"SELECT ? AS how", {.executions = 1, .rows = 1, .cells = 1, .n_literals = 1}}}},
};

static void a_script_is_its_statements(void **state)
{
    (void)state;
    static struct recording plain, r;
    for (size_t p = 0; p < sizeof programs / sizeof *programs; p++) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            const char *const argv[] = {programs[p], cases[i].way, NULL};
            recording_make(&r);
            recording_run(&plain, argv, false, false);
            recording_run(&r, argv, true, false);
            assert_string_equal(r.output, plain.output);
            assert_int_equal(r.status, 0);
            for (size_t k = 0; k < STATEMENTS_MAX && cases[i].statement[k].sql; k++) {
                const struct tally want = cases[i].statement[k].is;
                const struct tally is = recording_tally(&r, cases[i].statement[k].sql);
                if (is.executions != want.executions || is.rows != want.rows || is.failed != want.failed ||
                    is.cells != want.cells || is.n_literals != want.n_literals)
                    fail_msg("%s %s: %s: %u executions, %lu rows, %u failed, %lu cells, %u literals", argv[0], argv[1],
                             cases[i].statement[k].sql, is.executions, is.rows, is.failed, is.cells, is.n_literals);
            }
            recording_remove(&r);
        }
    }
}

/* sqlite3_trace and sqlite3_profile cannot share the library's trace: the call is one execution then, and the program's own
 * callbacks hear what they would without us. */
static void old_traces_are_left_alone(void **state)
{
    (void)state;
    static struct recording plain, r;
    for (size_t p = 0; p < sizeof programs / sizeof *programs; p++) {
        const char *const argv[] = {programs[p], "old_trace", NULL};
        recording_make(&r);
        recording_run(&plain, argv, false, false);
        recording_run(&r, argv, true, false);
        assert_string_equal(r.output, plain.output);
        assert_int_equal(recording_tally(&r, "SELECT ?").executions, 4);
        assert_int_equal(recording_tally(&r, "CREATE TABLE shelf(i)").executions, 1);
        assert_int_equal(recording_tally(&r, "INSERT INTO shelf VALUES (?)").executions, 1);
        recording_remove(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_script_is_its_statements),
                                       cmocka_unit_test(old_traces_are_left_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
