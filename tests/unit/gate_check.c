/* What the gate says about small reports against small baselines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/gate/housekeeping.h"
#include "gate_made.h"

#define LIST   "SELECT id, author_id FROM post"
#define CHILD  "SELECT name FROM author WHERE id = ?"
#define COUNT  "SELECT count(*) FROM post"
#define INSERT "INSERT INTO post (title) VALUES (?)"
#define UPDATE "UPDATE stock SET n = ? WHERE id = ?"

/* The baseline of a report, as --update=all makes it. */
static struct n1_baseline *baseline_of(struct made *m)
{
    struct n1_baseline *b = n1_baseline_new();
    n1_verdict_free(made_check(m, b, N1_UPDATE_ALL));
    made_free(m);
    return b;
}

/* Holds the report against the baseline; frees the report. */
static void expect(struct n1_baseline *b, struct made *m, const char *failures, const char *all)
{
    struct n1_verdict *v = made_check(m, b, N1_UPDATE_NOTHING);
    char *failed = made_changes(v, true), *everything = made_changes(v, false);
    assert_string_equal(failed, failures);
    if (all)
        assert_string_equal(everything, all);
    assert_int_equal(v->outcome, *failures ? N1_OUTCOME_REGRESSED : N1_OUTCOME_PASSED);
    g_free(failed);
    g_free(everything);
    n1_verdict_free(v);
    made_free(m);
}

static struct made *blog(uint64_t rows, uint64_t per_row)
{
    struct made *m = made_new();
    if (rows > 1)
        made_loop(m, N1_KIND_N_PLUS_ONE, "show index main", CHILD, rows * per_row, LIST, rows);
    else {
        made_query(m, "index main", LIST, 1, rows);
        if (rows > 0)
            made_query(m, "show index main", CHILD, per_row, per_row);
    }
    made_query(m, "footer main", COUNT, 2, 2);
    made_query(m, "main", "BEGIN", rows, 0);
    return m;
}

static void migrations(void **state)
{
    (void)state;
#define DJANGO "/usr/lib/python3/dist-packages/django/"
    static const struct {
        const char *file[4]; /* innermost first; "!": the user's own */
        bool is_migration;
    } rows[] = {
        {{DJANGO "db/backends/utils.py", DJANGO "core/management/commands/migrate.py", "!manage.py"}, true},
        {{DJANGO "db/models/query.py", DJANGO "db/backends/base/creation.py", "!manage.py"}, true},
        {{"/gems/activerecord-6.1/lib/active_record/migration.rb", "!Rakefile"}, true},
        {{DJANGO "db/models/query.py", "!shop/migrations/0002_fill.py", DJANGO "db/migrations/executor.py"}, false},
        {{DJANGO "db/models/query.py", "!shop/views.py", DJANGO "core/handlers/base.py"}, false},
        {{"/home/x/notdjango/core/management/commands/migrate.py"}, false},
        {{"migrate.py", "django/core/management/commands/migrate.pyc"}, false},
        {{NULL}, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct n1_frame frame[G_N_ELEMENTS(rows[i].file)] = {{.function = "native"}};
        struct n1_stack stack = {.count = 1, .frame = frame};
        for (size_t k = 0; k < G_N_ELEMENTS(rows[i].file) && rows[i].file[k]; k++, stack.count++) {
            bool is_users = *rows[i].file[k] == '!';
            frame[stack.count - 1] = (struct n1_frame){.file = rows[i].file[k] + is_users, .is_user_code = is_users};
        }
        stack.count -= rows[i].file[0] != NULL;
        if (n1_stack_is_migration(&stack) != rows[i].is_migration)
            fail_msg("row %zu", i);
    }
#undef DJANGO
}

static void fixture_sizes(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {2, 5, 50, 500};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        struct n1_baseline *b = baseline_of(blog(sizes[i], 1));
        assert_int_equal(b->entry->len, 3);
        for (size_t k = 0; k < G_N_ELEMENTS(sizes); k++)
            expect(b, blog(sizes[k], 1), "", "");
        expect(b, blog(1, 1), "", "");
        expect(b, blog(0, 1), "", "");
        n1_baseline_free(b);
    }
}

static void slopes(void **state)
{
    (void)state;
    static const struct {
        uint64_t rows, before, after_rows, after;
        const char *failures, *all;
    } table[] = {
        {10, 10, 100, 100, "", ""},
        {10, 10, 100, 101, "steeper_slope", NULL},
        {10, 20, 5, 10, "", ""},
        {10, 20, 5, 11, "steeper_slope", NULL},
        {10, 20, 50, 50, "", "lower"},
        {10, 7, 100, 100, "", ""},  /* which rows take the branch is the data's affair */
        {10, 11, 100, 200, "", ""}, /* 1.1 is accepted as 2 */
        {10, 11, 100, 201, "steeper_slope", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        struct made *m = made_new(), *after = made_new();
        made_loop(m, N1_KIND_N_PLUS_ONE, "show index", CHILD, table[i].before, LIST, table[i].rows);
        made_loop(after, N1_KIND_N_PLUS_ONE, "show index", CHILD, table[i].after, LIST, table[i].after_rows);
        struct n1_baseline *b = baseline_of(m);
        expect(b, after, table[i].failures, table[i].all);
        n1_baseline_free(b);
    }
}

/* Two loops of one function over the same parent: twice for each row. */
static void second_loop_of_one_function(void **state)
{
    (void)state;
    struct n1_baseline *b = baseline_of(blog(10, 1));
    struct made *m = blog(10, 1);
    made_loop(m, N1_KIND_N_PLUS_ONE, "show index main", CHILD, 10, LIST, 10);
    expect(b, m, "steeper_slope", NULL);
    n1_baseline_free(b);
}

static void edges(void **state)
{
    (void)state;
    /* A count that became a loop. */
    struct made *m = made_new(), *after = made_new();
    made_query(m, "index main", LIST, 1, 10);
    made_query(m, "show index main", CHILD, 3, 3);
    struct n1_baseline *b = baseline_of(m);
    made_loop(after, N1_KIND_N_PLUS_ONE, "show index main", CHILD, 3, LIST, 3);
    expect(b, after, "new_per_row_edge", NULL);
    n1_baseline_free(b);
    /* Another parent's rows: an edge of its own, when the accepted parent still runs; else the parent was respelled. */
    b = baseline_of(blog(10, 1));
    struct made *other = made_new(), *respelled = made_new();
    made_query(other, "index main", LIST, 1, 10);
    made_loop(other, N1_KIND_N_PLUS_ONE, "show index main", CHILD, 10, "SELECT author_id FROM draft", 10);
    expect(b, other, "new_finding", NULL);
    made_loop(respelled, N1_KIND_N_PLUS_ONE, "show index main", CHILD, 10, "SELECT id, author_id, title FROM post", 10);
    made_query(respelled, "footer main", COUNT, 2, 2);
    expect(b, respelled, "", "parent_changed new_statement stale");
    n1_baseline_free(b);
}

static void counts(void **state)
{
    (void)state;
    static const struct {
        uint64_t now;
        const char *tolerance, *failures, *all;
    } table[] = {
        {2, NULL, "", ""},
        {3, NULL, "above_accepted", NULL},
        {1, NULL, "", "lower"},
        {4, "+2", "", ""},
        {5, "+2", "above_accepted", NULL},
        {3, "50%", "", ""},
        {4, "50%", "above_accepted", NULL},
        {4000, "any", "", ""},
        {1, "+2", "", ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        struct made *m = made_new(), *after = made_new();
        made_query(m, "footer main", COUNT, 2, 2);
        made_query(after, "footer main", COUNT, table[i].now, 2);
        struct n1_baseline *b = baseline_of(m);
        struct n1_gate_entry e = *(struct n1_gate_entry *)g_ptr_array_index(b->entry, 0);
        e.tolerance_text = table[i].tolerance;
        assert_true(n1_tolerance_parse(&e.tolerance, e.tolerance_text));
        n1_baseline_put(b, &e);
        expect(b, after, table[i].failures, table[i].all);
        n1_baseline_free(b);
    }
}

static void writes(void **state)
{
    (void)state;
    struct made *m = made_new(), *after = made_new(), *single = made_new(), *loop = made_new();
    made_query(m, "seed main", INSERT, 3, 0);
    struct n1_baseline *b = baseline_of(m);
    made_loop(after, N1_KIND_WRITE_LOOP, "seed main", INSERT, 500, NULL, 0);
    expect(b, after, "", "");
    n1_baseline_free(b);
    made_query(single, "log main", INSERT, 1, 0);
    b = baseline_of(single);
    made_loop(loop, N1_KIND_WRITE_LOOP, "log main", INSERT, 50, NULL, 0);
    expect(b, loop, "new_finding", NULL);
    n1_baseline_free(b);
}

static void read_modify_write(void **state)
{
    (void)state;
    struct made *m = made_new(), *after = made_new();
    made_query(m, "sell main", UPDATE, 1, 0);
    struct n1_baseline *b = baseline_of(m);
    made_loop(after, N1_KIND_READ_MODIFY_WRITE, "sell main", UPDATE, 1, NULL, 0);
    expect(b, after, "new_finding", NULL);
    n1_baseline_free(b);
    after = made_new();
    made_loop(after, N1_KIND_READ_MODIFY_WRITE, "sell main", UPDATE, 1, NULL, 0);
    b = baseline_of(after);
    m = made_new();
    made_loop(m, N1_KIND_READ_MODIFY_WRITE, "sell main", UPDATE, 1, NULL, 0);
    expect(b, m, "", "");
    n1_baseline_free(b);
}

static void renamed(void **state)
{
    (void)state;
    struct made *before = blog(10, 1), *after = made_new(), *two = made_new();
    struct n1_baseline *b = baseline_of(before);
    made_loop(after, N1_KIND_N_PLUS_ONE, "display index main", CHILD, 20, LIST, 20);
    made_query(after, "bottom main", COUNT, 2, 2);
    expect(b, after, "", "renamed renamed");
    /* Renamed and more of it: a failure all the same. */
    made_query(two, "index main", LIST, 1, 1);
    made_query(two, "show index main", CHILD, 1, 1);
    made_query(two, "bottom main", COUNT, 3, 3);
    expect(b, two, "above_accepted", NULL);
    /* Not unique: nothing is guessed. */
    two = blog(10, 1);
    made_query(two, "a main", COUNT, 1, 1);
    expect(b, two, "", "new_statement");
    two = made_new();
    made_query(two, "a main", COUNT, 1, 1);
    made_query(two, "b main", COUNT, 1, 1);
    expect(b, two, "", "new_statement new_statement stale stale stale");
    n1_baseline_free(b);
}

/* Wrappers around the query, library frames and recursion make no other path. */
static void paths(void **state)
{
    (void)state;
    struct n1_baseline *b = baseline_of(blog(10, 1));
    struct made *m = made_new();
    made_query(m, "!execute index index main", LIST, 1, 10);
    made_loop(m, N1_KIND_N_PLUS_ONE, "!execute show !render index index index main !start", CHILD, 10, LIST, 10);
    made_query(m, "!execute footer main", COUNT, 2, 2);
    m->report.totals.statements = 13;
    expect(b, m, "", "");
    n1_baseline_free(b);
}

static void updates(void **state)
{
    (void)state;
    struct n1_baseline *b = baseline_of(blog(10, 2));
    struct made *better = blog(10, 1), *worse = blog(10, 3);
    n1_verdict_free(made_check(better, b, N1_UPDATE_NOTHING));
    made_free(better);
    expect(b, blog(10, 2), "", "");
    struct n1_verdict *v = made_check(worse, b, N1_UPDATE_TIGHTEN);
    assert_int_equal(v->outcome, N1_OUTCOME_REGRESSED);
    n1_verdict_free(v);
    made_free(worse);
    expect(b, blog(10, 2), "", "");
    better = blog(10, 1);
    n1_verdict_free(made_check(better, b, N1_UPDATE_TIGHTEN));
    made_free(better);
    expect(b, blog(10, 2), "steeper_slope", NULL);
    worse = blog(10, 3);
    v = made_check(worse, b, N1_UPDATE_ALL);
    assert_int_equal(v->outcome, N1_OUTCOME_PASSED);
    n1_verdict_free(v);
    made_free(worse);
    expect(b, blog(10, 3), "", "");
    n1_baseline_free(b);
}

static void doubts(void **state)
{
    (void)state;
    static const struct {
        uint64_t lost;
        bool is_complete, is_empty;
        enum n1_outcome outcome;
    } table[] = {
        {0, true, false, N1_OUTCOME_PASSED},
        {1, true, false, N1_OUTCOME_INCONCLUSIVE},
        {0, false, false, N1_OUTCOME_INCONCLUSIVE},
        {0, true, true, N1_OUTCOME_INCONCLUSIVE},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        struct n1_baseline *b = n1_baseline_new();
        struct made *m = made_new();
        if (!table[i].is_empty)
            made_query(m, "main", COUNT, 1, 1);
        m->report.lost_events = table[i].lost;
        m->report.is_complete = table[i].is_complete;
        struct n1_verdict *v = made_check(m, b, N1_UPDATE_ALL);
        assert_int_equal(v->outcome, table[i].outcome);
        assert_int_equal(b->entry->len, table[i].outcome == N1_OUTCOME_PASSED ? 1 : 0);
        n1_verdict_free(v);
        n1_baseline_free(b);
        made_free(m);
    }
}

static void several_reports(void **state)
{
    (void)state;
    struct made *a = blog(10, 1), *c = blog(30, 1);
    const struct n1_report *both[] = {made_report(a), made_report(c)};
    struct n1_check_input input = {.report = both,
                                   .n_reports = 2,
                                   .baseline = n1_baseline_new(),
                                   .command = "n1prof check",
                                   .fail_on = N1_FAIL_ON_ALL,
                                   .update = N1_UPDATE_ALL};
    n1_verdict_free(n1_check(&input));
    assert_int_equal(input.baseline->entry->len, 3);
    expect(input.baseline, blog(10, 1), "", "lower lower"); /* a part of it */
    input.update = N1_UPDATE_NOTHING;
    struct n1_verdict *v = n1_check(&input);
    assert_int_equal(v->line->len, 0);
    n1_verdict_free(v);
    n1_baseline_free(input.baseline);
    made_free(a);
    made_free(c);
}

static void scopes(void **state)
{
    (void)state;
    static const struct n1_scope scope[] = {{"GET /posts", 4, 40, 12}, {"test_index", 1, 31, 31}};
    static const struct {
        const char *name;
        uint64_t most;
        const char *failures;
    } table[] = {
        {"GET /posts", 12, ""}, {"GET /posts", 11, "over_budget"},
        {"test_index", 31, ""}, {"test_index", 30, "over_budget"},
        {"no such", 0, ""},     {NULL, 32, "over_budget"},
        {NULL, 33, ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        struct made *m = made_new();
        made_query(m, "main", COUNT, 33, 33);
        m->report.n_scopes = G_N_ELEMENTS(scope);
        m->report.scope = scope;
        const struct n1_report *report = made_report(m);
        struct n1_budget budget = {table[i].name, table[i].most};
        struct n1_check_input input = {.report = &report,
                                       .n_reports = 1,
                                       .baseline = n1_baseline_new(),
                                       .command = "n1prof check",
                                       .fail_on = N1_FAIL_ON_ALL,
                                       .budget = &budget,
                                       .n_budgets = 1};
        struct n1_verdict *v = n1_check(&input);
        char *failed = made_changes(v, true);
        assert_string_equal(failed, table[i].failures);
        g_free(failed);
        n1_verdict_free(v);
        n1_baseline_free(input.baseline);
        made_free(m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixture_sizes),
        cmocka_unit_test(slopes),
        cmocka_unit_test(second_loop_of_one_function),
        cmocka_unit_test(edges),
        cmocka_unit_test(counts),
        cmocka_unit_test(writes),
        cmocka_unit_test(read_modify_write),
        cmocka_unit_test(renamed),
        cmocka_unit_test(paths),
        cmocka_unit_test(updates),
        cmocka_unit_test(doubts),
        cmocka_unit_test(several_reports),
        cmocka_unit_test(migrations),
        cmocka_unit_test(scopes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
