/* Tokens of both dialects, as a flat table: the text, and what its tokens are. In the expectation each token is one letter
 * (blanks are left out): w word, n quoted name, i integer, f float, s string, b blob, p parameter, o operator, ( ) , . ; as
 * themselves, [ bracket, c comment, x other; and its spelling behind it, up to a '|'. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trace/sql_keyword.h"
#include "trace/sql_lex.h"

#define BOTH 3

struct lex_case {
    int dialects;
    const char *text;
    const char *tokens;
};

static const struct lex_case lex_cases[] = {
    {BOTH, "", ""},
    {BOTH, "SELECT 1", "wSELECT|i1|"},
    {BOTH, "a.b,c;(d)", "wa|.|wb|,|wc|;|(|wd|)|"},
    {BOTH, "x=1", "wx|o=|i1|"},
    {BOTH, "x=-1", "wx|o=|o-|i1|"},
    {BOTH, "t1.c2 tab_3$x", "wt1|.|wc2|wtab_3$x|"},
    {BOTH, "1.5 .5 1. 1e9 1.5E-3 1_000 0x1F 2e", "f1.5|f.5|f1.|f1e9|f1.5E-3|i1_000|i0x1F|i2e|"},
    {BOTH, "1..2", "i1|.|f.2|"},
    {BOTH, "12abc", "i12abc|"},
    {BOTH, "'it''s' 'a--b' '/*' ''", "s'it''s'|s'a--b'|s'/*'|s''|"},
    {BOTH, "'a' -- don't\n'b'", "s'a'|c-- don't|s'b'|"},
    {BOTH, "a/*'*/b", "wa|c/*'*/|wb|"},
    {BOTH, "\"a\"\"b\".\"c\"", "n\"a\"\"b\"|.|n\"c\"|"},
    {BOTH, "X'0aF' x''", "bX'0aF'|bx''|"},
    {BOTH, "'open", "s'open|"},
    {BOTH, "'", "s'|"},
    {BOTH, "\"open", "n\"open|"},
    {BOTH, "a /* open", "wa|c/* open|"},
    {BOTH, "a --", "wa|c--|"},
    {BOTH, "\xff\xfe(\xc3\xa9)", "w\xff\xfe|(|w\xc3\xa9|)|"},
    {BOTH,
     "a\x01"
     "b",
     "wa|x\x01|wb|"},
    {BOTH, "a->'b'->>'c'", "wa|o->|s'b'|o->>|s'c'|"},
    {BOTH, "a<>b!=c<=d>=e==f||g", "wa|o<>|wb|o!=|wc|o<=|wd|o>=|we|o==|wf|o|||wg|"},
    {BOTH, "count(*)", "wcount|(|o*|)|"},

    {N1_SQL_SQLITE, "? ?12 :name @name $name", "p?|p?12|p:name|p@name|p$name|"},
    {N1_SQL_SQLITE, "$a::b(c)", "p$a::b(c)|"},
    {N1_SQL_SQLITE, "$a(b", "p$a|(|wb|"},
    {N1_SQL_SQLITE, "a=? AND b=?", "wa|o=|p?|wAND|wb|o=|p?|"},
    {N1_SQL_SQLITE, "[a b].`c``d`", "n[a b]|.|n`c``d`|"},
    {N1_SQL_SQLITE, "/* a /* b */ c", "c/* a /* b */|wc|"},
    {N1_SQL_SQLITE, "E'a\\'b", "wE|s'a\\'|wb|"},
    {N1_SQL_SQLITE, "a ? b", "wa|p?|wb|"},
    {N1_SQL_SQLITE, "a=-b", "wa|o=|o-|wb|"},

    {N1_SQL_POSTGRES, "$1 $22", "p$1|p$22|"},
    {N1_SQL_POSTGRES, "$$it's$$ $t$a$$b$t$", "s$$it's$$|s$t$a$$b$t$|"},
    {N1_SQL_POSTGRES, "$t$open", "s$t$open|"},
    {N1_SQL_POSTGRES, "a$t$b", "wa$t$b|"},
    {N1_SQL_POSTGRES, "E'it\\'s' e'a''b\\\\'", "sE'it\\'s'|se'a''b\\\\'|"},
    {N1_SQL_POSTGRES, "U&'d\\0061' U&\"x\" N'n' B'01'", "sU&'d\\0061'|nU&\"x\"|sN'n'|bB'01'|"},
    {N1_SQL_POSTGRES, "/* a /* b */ c */ d", "c/* a /* b */ c */|wd|"},
    {N1_SQL_POSTGRES, "a::int", "wa|o::|wint|"},
    {N1_SQL_POSTGRES, "x::varchar(20)", "wx|o::|wvarchar|(|i20|)|"},
    {N1_SQL_POSTGRES, "a[1:2]", "wa|[[|i1|o:|i2|[]|"},
    {N1_SQL_POSTGRES, "a @> b <@ c #>> d", "wa|o@>|wb|o<@|wc|o#>>|wd|"},
    {N1_SQL_POSTGRES, "a=-1", "wa|o=|o-|i1|"},
    {N1_SQL_POSTGRES, "a@-1", "wa|o@-|i1|"},
    {N1_SQL_POSTGRES, "a*/**/b", "wa|o*|c/**/|wb|"},
    {N1_SQL_POSTGRES, "a+--x", "wa|o+|c--x|"},
    {N1_SQL_POSTGRES, "data ? 'k'", "wdata|o?|s'k'|"},
    {N1_SQL_POSTGRES, "data ? ?", "wdata|o?|p?|"},
    {N1_SQL_POSTGRES, "data ?| array['a']", "wdata|o?||warray|[[|s'a'|[]|"},
    {N1_SQL_POSTGRES, "data@?'$.a'", "wdata|o@?|s'$.a'|"},
    {N1_SQL_POSTGRES, "a = ? AND b=? OR c IN (?,?)", "wa|o=|p?|wAND|wb|o=|p?|wOR|wc|wIN|(|p?|,|p?|)|"},
    {N1_SQL_POSTGRES, "INTERVAL ? , point ? FROM", "wINTERVAL|p?|,|wpoint|p?|wFROM|"},
    {N1_SQL_POSTGRES, "FETCH FIRST ? ROWS ONLY", "wFETCH|wFIRST|p?|wROWS|wONLY|"},
    {N1_SQL_POSTGRES, "LIMIT ? OFFSET ?", "wLIMIT|p?|wOFFSET|p?|"},
    {N1_SQL_POSTGRES, "a `b", "wa|o`|wb|"},
};

static const char letters[] = {
    [N1_SQL_WORD] = 'w',   [N1_SQL_NAME] = 'n',    [N1_SQL_INTEGER] = 'i',   [N1_SQL_FLOAT] = 'f',
    [N1_SQL_STRING] = 's', [N1_SQL_BLOB] = 'b',    [N1_SQL_PARAMETER] = 'p', [N1_SQL_OPERATOR] = 'o',
    [N1_SQL_OPEN] = 0,     [N1_SQL_CLOSE] = 0,     [N1_SQL_BRACKET] = '[',   [N1_SQL_COMMA] = 0,
    [N1_SQL_DOT] = 0,      [N1_SQL_SEMICOLON] = 0, [N1_SQL_COMMENT] = 'c',   [N1_SQL_OTHER] = 'x',
};

/* Also checks that the tokens cover the text without a gap and that bodies lie inside their tokens. */
static void spell(enum n1_sql_dialect dialect, const char *text, size_t length, char *out, size_t capacity)
{
    struct n1_sql_lexer lexer;
    struct n1_sql_token token;
    size_t at = 0, used = 0;
    n1_sql_lexer_init(&lexer, dialect, text, length);
    while (n1_sql_lexer_next(&lexer, &token)) {
        assert_int_equal(token.offset, at);
        assert_true(token.length > 0);
        assert_true(token.body_offset >= token.offset && token.body_offset + token.body_length <= at + token.length);
        at += token.length;
        if (token.kind == N1_SQL_BLANK)
            continue;
        if (letters[token.kind])
            out[used++] = letters[token.kind];
        assert_true(used + token.length + 2 < capacity);
        memcpy(out + used, text + token.offset, token.length);
        used += token.length;
        out[used++] = '|';
    }
    assert_int_equal(at, length);
    assert_int_equal(token.kind, N1_SQL_END);
    out[used] = 0;
}

static void test_tokens(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lex_cases / sizeof *lex_cases; i++) {
        for (int d = N1_SQL_SQLITE; d <= N1_SQL_POSTGRES; d++) {
            char out[512];
            if (!(lex_cases[i].dialects & d))
                continue;
            /* A copy of exact size, so that the address sanitizer sees a read past the end. */
            size_t length = strlen(lex_cases[i].text);
            char *text = malloc(length + (length == 0));
            memcpy(text, lex_cases[i].text, length);
            spell((enum n1_sql_dialect)d, text, length, out, sizeof out);
            free(text);
            if (strcmp(out, lex_cases[i].tokens) != 0)
                fail_msg("case %zu, dialect %d: %s\n  is      %s\n  must be %s", i, d, lex_cases[i].text, out,
                         lex_cases[i].tokens);
        }
    }
}

static void test_nul_is_blank(void **state)
{
    (void)state;
    static const char text[] = "a\0b";
    char out[32];
    spell(N1_SQL_SQLITE, text, 3, out, sizeof out);
    assert_string_equal(out, "wa|wb|");
}

struct split_case {
    int dialects;
    const char *text;
    size_t first;
};

static const struct split_case split_cases[] = {
    {BOTH, "SELECT 1", 8},
    {BOTH, "SELECT 1; SELECT 2", 9},
    {BOTH, "SELECT ';'; SELECT 2", 11},
    {BOTH, "-- ;\nSELECT 1;x", 14},
    {BOTH, ";x", 1},
    {BOTH, "BEGIN; SELECT 1", 6},
    {N1_SQL_SQLITE,
     "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET x = CASE WHEN 1 THEN 2 END; SELECT 1; END; x", 96},
    {N1_SQL_POSTGRES, "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; x", 69},
    {N1_SQL_POSTGRES, "DO $$ BEGIN x; END $$; y", 22},
};

static void test_first_statement(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof split_cases / sizeof *split_cases; i++)
        for (int d = N1_SQL_SQLITE; d <= N1_SQL_POSTGRES; d++)
            if (split_cases[i].dialects & d)
                assert_int_equal(
                    n1_sql_first_statement((enum n1_sql_dialect)d, split_cases[i].text, strlen(split_cases[i].text)),
                    split_cases[i].first);
}

static void test_keywords(void **state)
{
    (void)state;
    for (int k = 1; k < N1_SQL_KW_COUNT; k++) {
        const char *word = n1_sql_keyword_text((enum n1_sql_keyword)k);
        size_t length = strlen(word);
        char lower[32];
        for (size_t i = 0; i <= length; i++)
            lower[i] = (char)(word[i] >= 'A' && word[i] <= 'Z' ? word[i] | 0x20 : word[i]);
        assert_int_equal(n1_sql_keyword_find(word, length), k);
        assert_int_equal(n1_sql_keyword_find(lower, length), k);
        assert_int_equal(n1_sql_keyword_find(lower, length - 1) == (enum n1_sql_keyword)k, 0);
        assert_true(n1_sql_keyword_class((enum n1_sql_keyword)k) != N1_SQL_CLASS_NONE);
        lower[length - 1] = '#';
        assert_int_equal(n1_sql_keyword_find(lower, length), N1_SQL_KW_NONE);
    }
    static const char *const others[] = {
        "", "a", "wone", "xor", "yes", "zzzz", "selects", "[n", "current_timestamps", "\xff\xff"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(n1_sql_keyword_find(others[i], strlen(others[i])), N1_SQL_KW_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_nul_is_blank),
        cmocka_unit_test(test_first_statement),
        cmocka_unit_test(test_keywords),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
