/* Expression text → tree, and the place of every mistake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "orm/text/ast.h"

static const struct {
    const char *text, *tree;
} good[] = {
    {"", "(args)"},
    {"published=True", "(args published=True)"},
    {"a=1, b='x',", "(args a=1 b='x')"},
    {"Q(a=1) | Q(b=2) & ~Q(c=3)", "(args (| (call Q a=1) (& (call Q b=2) (~ (call Q c=3)))))"},
    {"(Q(a=1) | Q(b=2)) & Q(c=3)", "(args (& (| (call Q a=1) (call Q b=2)) (call Q c=3)))"},
    {"x=1 + 2 * 3", "(args x=(+ 1 (* 2 3)))"},
    {"x=-2 ** 2", "(args x=(neg (** 2 2)))"},
    {"x=2 ** -1", "(args x=(** 2 -1))"},
    {"x=2 ** 3 ** 2", "(args x=(** 2 (** 3 2)))"},
    {"x=8 - 4 - 2", "(args x=(- (- 8 4) 2))"},
    {"x=F('a') % 3 << 1", "(args x=(<< (% (call F 'a') 3) 1))"},
    {"id__in=[1, 2, 3]", "(args id__in=(list 1 2 3))"},
    {"views__range=(1, 5)", "(args views__range=(list 1 5))"},
    {"x=(1,)", "(args x=(list 1))"},
    {"x=(1)", "(args x=1)"},
    {"F('p').desc(nulls_last=True)", "(args (call (. (call F 'p') desc) nulls_last=True))"},
    {"a=1.5, b=.5, c=2e3, d=None", "(args a=1.5 b=0.5 c=2000.0 d=None)"},
    {"a='it\\'s', b=\"\\u00e9\\n\"", "(args a='it's' b='\xc3\xa9\n')"},
    {"a=r'\\d+'", "(args a='\\d+')"},
    {"x=Post.objects[1:5]", "(args x=(slice (. Post objects) 1 5 -))"},
    {"x=a[-1]", "(args x=(index a -1 - -))"},
    {"x=9223372036854775807", "(args x=9223372036854775807)"},
};

static void test_trees(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct orm_arena arena = {0};
        struct orm_error error = {0};
        struct orm_parse_input in = {.arena = &arena, .error = &error, .text = good[i].text};
        const struct orm_node *n = orm_parse_args(&in);
        if (!n)
            fail_msg("%s: %s", good[i].text, error.message);
        struct orm_buf b = {.arena = &arena};
        orm_print_node(&b, n);
        assert_string_equal(b.p, good[i].tree);
        orm_arena_release(&arena);
    }
}

static const struct {
    const char *text;
    int caret; /* column of the mistake */
    const char *message;
} bad[] = {
    {"Q(featured=True | views=1", 23, "expected ',' or ')'"},
    {"a=", 2, "expected an expression"},
    {"a=1, 2", 5, "positional argument follows keyword argument"},
    {"a=1, a=2", 5, "keyword argument repeated"},
    {"a='x", 2, "string is not closed"},
    {"a=1 b=2", 4, "expected ',' or the end"},
    {"a=(1, b=2)", 6, "a name has no place in a list"},
    {"a == 1", 2, "comparisons are written as lookups"},
    {"a > 1", 2, "comparisons are written as lookups"},
    {"a=7 // 2", 4, "'//' is no operator"},
    {"a=1 and b=2", 4, "expected ',' or the end"},
    {"not a", 0, "no word of queries"},
    {"a=?", 2, "more '?' than values"},
    {"a=12x", 2, "bad number"},
    {"a=007", 2, "leading zero"},
    {"a=99999999999999999999", 2, "does not fit 64 bits"},
    {"a='\\x00'", 3, "bad escape"},
    {"a=@", 2, "unexpected character"},
    {"f(", 2, "expected an expression"},
    {"a[", 2, "expected an expression"},
};

static void test_carets(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct orm_arena arena = {0};
        struct orm_error error = {0};
        struct orm_parse_input in = {.arena = &arena, .error = &error, .text = bad[i].text};
        assert_null(orm_parse_args(&in));
        assert_int_equal(error.status, ORM_SYNTAX);
        if (strncmp(error.message, bad[i].message, strlen(bad[i].message)) != 0 &&
            !strstr(error.message, bad[i].message))
            fail_msg("%s: got \"%s\", wanted \"%s\"", bad[i].text, error.message, bad[i].message);
        const char *line = strrchr(error.message, '\n') + 1 + 4;
        int caret = (int)(strchr(line, '^') - line);
        if (caret != bad[i].caret)
            fail_msg("%s: caret at %d, wanted %d", bad[i].text, caret, bad[i].caret);
        orm_arena_release(&arena);
    }
}

static void test_values_are_counted(void **state)
{
    (void)state;
    struct orm_arena arena = {0};
    struct orm_error error = {0};
    const orm_val two[] = {orm_v_int(1), orm_v_int(2), {.tag = ORM_END}};
    struct orm_parse_input in = {.arena = &arena, .error = &error, .text = "a=?", .values = two};
    assert_null(orm_parse_args(&in));
    assert_non_null(strstr(error.message, "more values than '?'"));
    const orm_val big[] = {orm_v_u64(UINT64_MAX), {.tag = ORM_END}};
    error.status = ORM_OK;
    in.values = big;
    assert_null(orm_parse_args(&in));
    assert_int_equal(error.status, ORM_VALUE_ERROR);
    orm_arena_release(&arena);
}

/* Deep nesting and long chains end in an error, not in the stack's end. */
static void test_depth_is_bounded(void **state)
{
    (void)state;
    static const char *const pieces[] = {"(", "~", "-", "[", "f(", "Q(a=1)|", "1+", "a[", "2**"};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct orm_arena arena = {0};
        struct orm_error error = {0};
        struct orm_buf b = {.arena = &arena};
        for (int k = 0; k < 5000; k++)
            orm_put(&b, pieces[i]);
        struct orm_parse_input in = {.arena = &arena, .error = &error, .text = b.p};
        assert_null(orm_parse_args(&in));
        assert_non_null(strstr(error.message, "nested too deeply"));
        orm_arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_trees), cmocka_unit_test(test_carets),
                                       cmocka_unit_test(test_values_are_counted),
                                       cmocka_unit_test(test_depth_is_bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
