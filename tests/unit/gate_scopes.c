/* Statements counted within what the program names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/intake/scopes.h"
#include "analyzer_script.h"

static void expect_scope(const struct n1_scope *s, const char *name, uint64_t entries, uint64_t statements,
                         uint64_t most)
{
    assert_string_equal(s->name, name);
    assert_int_equal(s->entries, entries);
    assert_int_equal(s->statements, statements);
    assert_int_equal(s->most_statements, most);
}

static void ask(struct script *s, int times)
{
    for (int i = 0; i < times; i++)
        script_query(s, "main:1", "SELECT id FROM post WHERE id = ?", fmt("%d", i), "");
}

static void marks(void **state)
{
    (void)state;
    struct script *s = script_new();
    ask(s, 1); /* outside */
    script_mark(s, N1_SCOPE_ENTER, "test_a");
    ask(s, 2);
    script_mark(s, N1_SCOPE_ENTER, "GET /");
    ask(s, 3);
    script_mark(s, N1_SCOPE_LEAVE, "GET /");
    script_mark(s, N1_SCOPE_ENTER, "GET /");
    ask(s, 1);
    s->tid++; /* another thread is in no scope */
    ask(s, 7);
    s->tid--;
    script_mark(s, N1_SCOPE_LEAVE, "test_a"); /* leaves what was entered within, too */
    script_mark(s, N1_SCOPE_LEAVE, "test_a"); /* once too often */
    ask(s, 1);
    script_mark(s, N1_SCOPE_ENTER, "left open");
    ask(s, 2);
    struct n1_report *r = script_report(s);
    assert_int_equal(r->n_scopes, 3);
    expect_scope(&r->scope[0], "GET /", 2, 4, 3);
    expect_scope(&r->scope[1], "left open", 1, 2, 2);
    expect_scope(&r->scope[2], "test_a", 1, 6, 6);
    assert_int_equal(r->totals.statements, 17);
    n1_report_free(r);
}

static void recursion(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 0; i < N1_SCOPE_LEVELS_MAX + 10; i++)
        script_mark(s, N1_SCOPE_ENTER, "tree");
    ask(s, 2);
    struct n1_report *r = script_report(s);
    expect_scope(&r->scope[0], "tree", N1_SCOPE_LEVELS_MAX, 2, 2);
    n1_report_free(r);
}

static void comments(void **state)
{
    (void)state;
    static const struct {
        const char *comment, *name;
    } table[] = {
        {"action='index',controller='posts'", "posts#index"},
        {"controller='posts'", "posts"},
        {"db_driver='django',route='%2Fposts%2F%3Cid%3E',controller='x',action='y'", "/posts/<id>"},
        {"traceparent='00-1', route='/a'", "/a"},
        {"job='nightly'", "nightly"},
        {"test='test_index'", "test_index"},
        {"xroute='/a'", NULL},
        {"route=''", NULL},
        {"route='/a", NULL},
        {"route", NULL},
        {"", NULL},
        {NULL, NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        char *name = n1_scope_of_comment(table[i].comment);
        if (g_strcmp0(name, table[i].name) != 0)
            fail_msg("%s: %s", table[i].comment, name);
        g_free(name);
    }
}

/* A comment names a scope; within marks of the same name it counts once. */
static void comments_and_marks(void **state)
{
    (void)state;
    struct n1_scopes *s = n1_scopes_new();
    struct n1_arena arena;
    struct n1_report r = {0};
    n1_arena_init(&arena);
    n1_scopes_statement(s, 0, "route='/a'");
    n1_scopes_statement(s, 3, "route='/a'");
    n1_scopes_statement(s, 3, NULL);
    n1_scopes_enter(s, 3, "/b");
    n1_scopes_statement(s, 3, "route='/b'");
    n1_scopes_statement(s, 3, "route='/a'");
    n1_scopes_enter(s, 3, NULL);
    n1_scopes_enter(s, 3, "");
    n1_scopes_report(s, &arena, &r);
    assert_int_equal(r.n_scopes, 2);
    expect_scope(&r.scope[0], "/a", 1, 3, 3);
    expect_scope(&r.scope[1], "/b", 1, 2, 2);
    n1_arena_release(&arena);
    n1_scopes_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks),
        cmocka_unit_test(recursion),
        cmocka_unit_test(comments),
        cmocka_unit_test(comments_and_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
