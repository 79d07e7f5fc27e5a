/* The baseline's file: reading what may be anything, writing what git can merge, merging. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/gate/baseline.h"

#define HEAD "{\"schema\": \"n1prof-baseline/1\", \"entries\": ["
#define TAIL "]}"
#define KEY  "\"path\": [\"a\", \"b\"], \"sql\": \"SELECT 1\""

static struct n1_baseline *parse(const char *text, struct n1_error *err)
{
    return n1_baseline_parse("x.json", text, strlen(text), err);
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *said;
    } table[] = {
        {"", "line"},
        {"{", "line"},
        {"null", "line"},
        {"[]", "no baseline"},
        {"{}", "no baseline"},
        {"{\"schema\": \"other/1\", \"entries\": []}", "no baseline"},
        {"{\"schema\": \"n1prof-baseline/2\", \"entries\": []}", "another version"},
        {"{\"schema\": \"n1prof-baseline/1\"}", "entries"},
        {"{\"schema\": \"n1prof-baseline/1\", \"entries\": {}}", "entries"},
        {HEAD "1" TAIL, "entry 1: it is no object"},
        {HEAD "{\"executions\": 1, \"sql\": \"x\"}" TAIL, "entry 1: path"},
        {HEAD "{\"executions\": 1, \"sql\": \"x\", \"path\": [1]}" TAIL, "entry 1: path"},
        {HEAD "{\"executions\": 1, \"path\": []}" TAIL, "entry 1: sql"},
        {HEAD "{" KEY "}" TAIL, "entry 1: executions"},
        {HEAD "{" KEY ", \"executions\": -1}" TAIL, "executions is no count"},
        {HEAD "{" KEY ", \"executions\": 1.5}" TAIL, "executions is no count"},
        {HEAD "{" KEY ", \"executions\": 1, \"per_row_of\": \"x\", \"slope\": 1}" TAIL, "not both"},
        {HEAD "{" KEY ", \"per_row_of\": \"x\"}" TAIL, "slope"},
        {HEAD "{" KEY ", \"per_row_of\": 1, \"slope\": 1}" TAIL, "per_row_of"},
        {HEAD "{" KEY ", \"per_row_of\": \"x\", \"slope\": -0.5}" TAIL, "slope"},
        {HEAD "{" KEY ", \"executions\": 1, \"tolerance\": \"2\"}" TAIL, "tolerance"},
        {HEAD "{" KEY ", \"executions\": 1, \"tolerance\": 2}" TAIL, "tolerance"},
        {HEAD "{" KEY ", \"executions\": 1, \"kinds\": [\"x\"]}" TAIL, "kinds"},
        {HEAD "{" KEY ", \"executions\": 1, \"note\": \"\\u001b[2J\"}" TAIL, "control"},
        {HEAD "{" KEY ", \"executions\": 1}, {" KEY ", \"executions\": 2}" TAIL, "entry 2 repeats"},
        {"<<<<<<< ours\n" HEAD TAIL, "merge conflict"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        struct n1_error err = {0};
        struct n1_baseline *b = parse(table[i].text, &err);
        if (b || !strstr(err.message, table[i].said) || !g_str_has_prefix(err.message, "x.json: "))
            fail_msg("%s\ngave: %s", table[i].text, b ? "a baseline" : err.message);
    }
}

static void tolerances(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double accepted;
        uint64_t most; /* 0: the text is refused */
    } table[] = {
        {NULL, 5, 5},    {"+2", 5, 7},   {"+0", 5, 5},  {"10%", 100, 110}, {"+10%", 10, 11},
        {"12.5%", 8, 9}, {"2", 5, 0},    {"%", 5, 0},   {"-1", 5, 0},      {"+", 5, 0},
        {"", 5, 0},      {"1e9%", 5, 0}, {"+2x", 5, 0}, {"ten", 5, 0},     {NULL, 0.1 * 30, 3},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        struct n1_tolerance t;
        bool is_good = n1_tolerance_parse(&t, table[i].text);
        if (is_good != (table[i].most > 0))
            fail_msg("'%s'", table[i].text);
        if (is_good) {
            assert_true(n1_tolerance_allows(&t, table[i].accepted, table[i].most));
            assert_false(n1_tolerance_allows(&t, table[i].accepted, table[i].most + 1));
        }
    }
    struct n1_tolerance any;
    assert_true(n1_tolerance_parse(&any, "any"));
    assert_true(n1_tolerance_allows(&any, 0, UINT64_MAX));
}

/* What is written is read again, the same to the byte; one entry a line, keys and entries sorted. */
static void round_trip(void **state)
{
    (void)state;
    static const char text[] =
        "{\n\"entries\": [\n"
        "{\"executions\": 3, \"path\": [], \"sql\": \"SELECT \\\"\\n\\\\ \xe6\xbc\xa2\"},\n"
        "{\"kinds\": [\"n_plus_one\", \"read_modify_write\"], \"note\": \"why\", \"path\": [\"a\"], \"per_row_of\": "
        "\"SELECT 2\", \"slope\": 1.5, \"sql\": \"SELECT 1\", \"tolerance\": \"+2\"},\n"
        "{\"path\": [\"a\"], \"per_row_of\": \"SELECT 3\", \"slope\": 2, \"sql\": \"SELECT 1\"},\n"
        "{\"path\": [\"a\", \"b\"], \"per_row_of\": \"(rows written)\", \"slope\": 1, \"sql\": \"INSERT\"}\n"
        "],\n\"schema\": \"n1prof-baseline/1\"\n}\n";
    struct n1_error err = {0};
    struct n1_baseline *b = parse(text, &err);
    if (!b)
        fail_msg("%s", err.message);
    const struct n1_gate_entry *e = g_ptr_array_index(b->entry, 1);
    assert_string_equal(e->parent, "SELECT 2");
    assert_int_equal(e->kinds, 1U << N1_KIND_N_PLUS_ONE | 1U << N1_KIND_READ_MODIFY_WRITE);
    assert_int_equal(e->tolerance.more, 2);
    assert_true(e->slope > 1.49 && e->slope < 1.51);
    char *again = n1_baseline_text(b);
    assert_string_equal(again, text);
    g_free(again);
    n1_baseline_free(b);
}

static struct n1_baseline *numbers(int a, int b, int c)
{
    struct n1_baseline *baseline = n1_baseline_new();
    const char *paths[] = {"a", "b", "c"};
    const int values[] = {a, b, c};
    for (size_t i = 0; i < 3; i++) {
        struct n1_gate_entry e = {.path = paths[i], .sql = "SELECT 1", .executions = (uint64_t)values[i]};
        if (values[i] >= 0)
            n1_baseline_put(baseline, &e);
    }
    return baseline;
}

/* -1: no entry. */
static void merges(void **state)
{
    (void)state;
    static const struct {
        int base, ours, theirs, result;
    } table[] = {
        {5, 5, 5, 5},  {5, 4, 5, 4},   {5, 5, 4, 4},   {5, 4, 3, 4},  {5, 9, 3, 9},  {-1, 2, -1, 2},  {-1, -1, 2, 2},
        {-1, 2, 3, 3}, {5, -1, 5, -1}, {5, 5, -1, -1}, {5, -1, 4, 4}, {5, 4, -1, 4}, {5, -1, -1, -1}, {-1, 2, 2, 2},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        struct n1_baseline *base = numbers(1, table[i].base, 1), *ours = numbers(1, table[i].ours, 1),
                           *theirs = numbers(1, table[i].theirs, 1), *wanted = numbers(1, table[i].result, 1);
        struct n1_baseline *merged = n1_baseline_merge(base, ours, theirs);
        char *got = n1_baseline_text(merged), *text = n1_baseline_text(wanted);
        assert_string_equal(got, text);
        g_free(got);
        g_free(text);
        n1_baseline_free(base);
        n1_baseline_free(ours);
        n1_baseline_free(theirs);
        n1_baseline_free(wanted);
        n1_baseline_free(merged);
    }
}

static void put_replaces(void **state)
{
    (void)state;
    struct n1_baseline *b = numbers(1, 2, 3);
    struct n1_gate_entry e = {.path = "b", .sql = "SELECT 1", .executions = 9};
    n1_baseline_put(b, &e);
    assert_int_equal(b->entry->len, 3);
    n1_baseline_remove(b, "0123456789abcdef");
    assert_int_equal(b->entry->len, 3);
    char id[17];
    n1_gate_id(id, "b", "SELECT 1", NULL);
    assert_int_equal(n1_baseline_find(b, id)->executions, 9);
    n1_baseline_remove(b, id);
    assert_null(n1_baseline_find(b, id));
    assert_int_equal(b->entry->len, 2);
    n1_baseline_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused), cmocka_unit_test(tolerances),   cmocka_unit_test(round_trip),
        cmocka_unit_test(merges),  cmocka_unit_test(put_replaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
