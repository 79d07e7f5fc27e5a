/* Redaction: a flat table of texts and what remains of them, the values beside them, and properties over generated texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trace/sql_redact.h"

#define BOTH 3

struct redact_case {
    int dialects;
    const char *text;
    const char *redacted;
    const char *values; /* decoded, each followed by '|': i integer, t text, b blob in hexadecimal */
};

static const struct redact_case redact_cases[] = {
    {BOTH, "", "", ""},
    {BOTH, "  \n ", "", ""},
    {BOTH, "SELECT * FROM t WHERE a=1", "SELECT * FROM t WHERE a=?", "i1|"},
    {BOTH, "SELECT  *\n\tFROM t\nWHERE a = 'x' ; ", "SELECT * FROM t WHERE a = ? ;", "tx|"},
    {BOTH, "a IN (1,2,  3)", "a IN (?,?, ?)", "i1|i2|i3|"},
    {BOTH, "a = -5 AND b = 7-6", "a = -? AND b = ?-?", "i-5|i7|i6|"},
    {BOTH, "a = 1.50 OR a = 1e3", "a = ? OR a = ?", "t1.50|t1e3|"},
    {BOTH, "a = 9223372036854775807 OR a = -9223372036854775808 OR a = 9223372036854775808", "a = ? OR a = -? OR a = ?",
     "i9223372036854775807|i-9223372036854775808|t9223372036854775808|"},
    {BOTH, "a = 0x10 AND b = 1_000", "a = ? AND b = ?", "i16|i1000|"},
    {BOTH, "a = TRUE AND b IS NULL AND c = false", "a = TRUE AND b IS NULL AND c = false", ""},
    {BOTH, "a = 'it''s -- not /* a comment'", "a = ?", "tit's -- not /* a comment|"},
    {BOTH, "a /* b 'c */ = -- 5\n 6", "a = ?", "i6|"},
    {BOTH, "1/**/2", "? ?", "i1|i2|"},
    {BOTH, "x = X'00fF'", "x = ?", "b00ff|"},
    {BOTH, "x = 'secret", "x = ?", "tsecret|"},
    {BOTH, "x = 12abc", "x = ?", "t12abc|"},
    {BOTH, "SELECT t1.c2 FROM t_2024_01", "SELECT t1.c2 FROM t_2024_01", ""},
    {BOTH, "SELECT a FROM t ORDER BY 1, 2 DESC LIMIT 10 OFFSET 20",
     "SELECT a FROM t ORDER BY 1, 2 DESC LIMIT ? OFFSET ?", "i10|i20|"},
    {BOTH, "SELECT a, count(*) FROM t GROUP BY 1 HAVING count(*) > 3",
     "SELECT a, count(*) FROM t GROUP BY 1 HAVING count(*) > ?", "i3|"},
    {BOTH, "SELECT a FROM t ORDER BY 1 + 2, b = 3, 4000", "SELECT a FROM t ORDER BY ? + ?, b = ?, ?",
     "i1|i2|i3|i4000|"},
    {BOTH, "SELECT f(1, 2) FROM t ORDER BY f(3, 4)", "SELECT f(?, ?) FROM t ORDER BY f(?, ?)", "i1|i2|i3|i4|"},
    {BOTH, "SELECT CAST(x AS varchar(20)), CAST(5 AS numeric(8, 2))",
     "SELECT CAST(x AS varchar(20)), CAST(? AS numeric(8, 2))", "i5|"},
    {1, "SELECT count(*) AS 'n', 'x' AS \"m\" FROM t", "SELECT count(*) AS 'n', ? AS \"m\" FROM t", "tx|"},
    {1, "SELECT hnum, 'x' FROM 'Pack ages' JOIN 'b' ON a = 'y'", "SELECT hnum, ? FROM 'Pack ages' JOIN 'b' ON a = ?",
     "tx|ty|"},
    {1, "INSERT INTO 'main'.'Name' VALUES ('x')", "INSERT INTO 'main'.'Name' VALUES (?)", "tx|"},
    {1, "UPDATE 't' SET a = 'x' WHERE b IS NOT DISTINCT FROM 'y'",
     "UPDATE 't' SET a = ? WHERE b IS NOT DISTINCT FROM ?", "tx|ty|"},
    {1, "SELECT a FROM json_each('x'), t WHERE b = t.'y' OR c = 'z'",
     "SELECT a FROM json_each(?), t WHERE b = t.? OR c = ?", "tx|ty|tz|"},
    {2, "SELECT trim(FROM 'x'), substring(a FROM 'y')", "SELECT trim(FROM ?), substring(a FROM ?)", "tx|ty|"},
    {2, "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'secret'", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS ?",
     "tsecret|"},
    {BOTH, "SELECT char(72, 73), x AS char", "SELECT char(?, ?), x AS char", "i72|i73|"},
    {BOTH, "CREATE TABLE t (a varchar(20) DEFAULT 'x', b numeric(8,2) CHECK (b > 5))",
     "CREATE TABLE t (a varchar(20) DEFAULT ?, b numeric(8,2) CHECK (b > ?))", "tx|i5|"},
    {BOTH, "CREATE TABLE t (time timestamp(3), n character varying(255))",
     "CREATE TABLE t (time timestamp(3), n character varying(255))", ""},
    {BOTH, "INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y')", "INSERT INTO t (a, b) VALUES (?, ?), (?, ?)",
     "i1|tx|i2|ty|"},
    {BOTH, "SELECT \"a 1\".\"b\" FROM \"t 2\"", "SELECT \"a 1\".\"b\" FROM \"t 2\"", ""},
    {BOTH, "a = 'x'abc", "a = ?abc", "tx|"},

    {N1_SQL_SQLITE, "a = ? AND b = ?2 AND c = :c AND d = 4", "a = ? AND b = ?2 AND c = :c AND d = ?", "i4|"},
    {N1_SQL_SQLITE, "SELECT * FROM t WHERE name = \"Asha\"", "SELECT * FROM t WHERE name = ?", "tAsha|"},
    {N1_SQL_SQLITE, "WHERE \"t\".\"a\" = \"u\".\"b\"", "WHERE \"t\".\"a\" = \"u\".\"b\"", ""},
    {N1_SQL_SQLITE, "UPDATE t SET \"n\" = \"n\" + 1", "UPDATE t SET \"n\" = \"n\" + ?", "i1|"},
    {N1_SQL_SQLITE, "name IN (\"x\", \"y\"\"z\")", "name IN (?, ?)", "tx|ty\"z|"},
    {N1_SQL_SQLITE, "a IN (SELECT \"b\", \"c\" FROM t)", "a IN (SELECT \"b\", \"c\" FROM t)", ""},
    {N1_SQL_SQLITE, "INSERT INTO t (\"a\") VALUES (\"x\", ?)", "INSERT INTO t (\"a\") VALUES (?, ?)", "tx|"},
    {N1_SQL_SQLITE, "VALUES (1), (\"v\") x (\"p\")", "VALUES (?), (?) x (\"p\")", "i1|tv|"},
    {N1_SQL_SQLITE, "SELECT $a::b(x 'y', z)", "SELECT $a::b(x ?, z)", "ty|"},
    {N1_SQL_SQLITE, "ORDER BY 1..4", "ORDER BY ?.?", "i1|t.4|"},
    {N1_SQL_SQLITE, "name LIKE \"%x%\"", "name LIKE ?", "t%x%|"},
    {N1_SQL_SQLITE, "x = 'a\\'", "x = ?", "ta\\|"},
    {N1_SQL_SQLITE, "PRAGMA cache_size = -2000", "PRAGMA cache_size = -?", "i-2000|"},

    {N1_SQL_POSTGRES, "a = $1 AND b = 5", "a = $1 AND b = ?", "i5|"},
    {N1_SQL_POSTGRES, "a='x'", "a=?", "tx|"},
    {N1_SQL_POSTGRES, "a = E'it\\'s\\n\\x41\\u00e9\\101'", "a = ?",
     "tit's\nA\xc3\xa9"
     "A|"},
    {N1_SQL_POSTGRES, "a = $$it's$$ AND b = $q$a$$b$q$", "a = ? AND b = ?", "tit's|ta$$b|"},
    {N1_SQL_POSTGRES, "a = U&'d\\0061t\\+000061'", "a = ?", "tdata|"},
    {N1_SQL_POSTGRES, "a = '1'::int AND b = 5::bigint", "a = ?::int AND b = ?::bigint", "t1|i5|"},
    {N1_SQL_POSTGRES, "x::varchar(20) = 'v' AND y::timestamp(3) > 'w'", "x::varchar(20) = ? AND y::timestamp(3) > ?",
     "tv|tw|"},
    {N1_SQL_POSTGRES, "data ? 'k' AND data->>'n' = 'v' AND data @? '$.a'", "data ? ? AND data->>? = ? AND data @? ?",
     "tk|tn|tv|t$.a|"},
    {N1_SQL_POSTGRES, "t > now() - INTERVAL '1 day'", "t > now() - INTERVAL ?", "t1 day|"},
    {N1_SQL_POSTGRES, "a = ANY(ARRAY[1,2])", "a = ANY(ARRAY[?,?])", "i1|i2|"},
    {N1_SQL_POSTGRES, "name = \"Other\"", "name = \"Other\"", ""},
    {N1_SQL_POSTGRES, "x = 'a\\' AND y = 'b'", "x = ? AND y = ?", "ta\\|tb|"},
    {N1_SQL_POSTGRES, "EXECUTE qpsqlpstmt_1 (1, 'a')", "EXECUTE qpsqlpstmt_1 (?, ?)", "i1|ta|"},
    {N1_SQL_POSTGRES, "FETCH FORWARD 100 FROM c", "FETCH FORWARD ? FROM c", "i100|"},
    {N1_SQL_POSTGRES, "B'01' || '' || N'n'", "? || ? || ?", "t01|t|tn|"},
};

static void spell_values(const struct n1_sql_redaction *r, const char *text, char *out, size_t capacity)
{
    size_t used = 0;
    out[0] = 0;
    for (size_t i = 0; i < r->literal_count; i++) {
        char scratch[256];
        struct n1_sql_value value;
        n1_sql_literal_decode(&r->literals[i], text, scratch, sizeof scratch, &value);
        assert_false(value.is_cut);
        if (value.kind == N1_SQL_VALUE_INTEGER) {
            used += (size_t)snprintf(out + used, capacity - used, "i%lld|", (long long)value.integer);
        } else if (value.kind == N1_SQL_VALUE_TEXT) {
            used += (size_t)snprintf(out + used, capacity - used, "t%.*s|", (int)value.length, value.bytes);
        } else {
            used += (size_t)snprintf(out + used, capacity - used, "b");
            for (size_t b = 0; b < value.length; b++)
                used += (size_t)snprintf(out + used, capacity - used, "%02x", (unsigned char)value.bytes[b]);
            used += (size_t)snprintf(out + used, capacity - used, "|");
        }
        assert_true(used < capacity);
    }
}

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof redact_cases / sizeof *redact_cases; i++) {
        for (int d = N1_SQL_SQLITE; d <= N1_SQL_POSTGRES; d++) {
            const struct redact_case *c = &redact_cases[i];
            char out[512], again[512], values[512];
            struct n1_sql_literal literals[16];
            struct n1_sql_redaction r = {
                .out = out, .out_capacity = sizeof out, .literals = literals, .literal_capacity = 16};
            if (!(c->dialects & d))
                continue;
            n1_sql_redact(&r, (enum n1_sql_dialect)d, c->text, strlen(c->text));
            out[r.out_length] = 0;
            spell_values(&r, c->text, values, sizeof values);
            if (strcmp(out, c->redacted) != 0 || strcmp(values, c->values) != 0)
                fail_msg("case %zu, dialect %d: %s\n  is      %s  %s\n  must be %s  %s", i, d, c->text, out, values,
                         c->redacted, c->values);
            struct n1_sql_redaction second = {.out = again, .out_capacity = sizeof again};
            n1_sql_redact(&second, (enum n1_sql_dialect)d, out, r.out_length);
            assert_int_equal(second.out_length, r.out_length);
            assert_int_equal(memcmp(again, out, r.out_length), 0);
            assert_true(second.hash == r.hash);
            assert_int_equal(second.literal_count, 0);
        }
    }
}

static struct n1_sql_redaction redact(enum n1_sql_dialect dialect, const char *text, char *out, size_t capacity)
{
    struct n1_sql_redaction r = {.out = out, .out_capacity = capacity};
    n1_sql_redact(&r, dialect, text, strlen(text));
    return r;
}

static void test_mask(void **state)
{
    (void)state;
    char out[128];
    struct n1_sql_redaction a = redact(N1_SQL_SQLITE, "a = ? AND b = 5 AND c = ?", out, sizeof out);
    struct n1_sql_redaction b = redact(N1_SQL_SQLITE, "a = 5 AND b = ? AND c = ?", out, sizeof out);
    assert_true(a.hash == b.hash);
    assert_int_equal(a.literal_mask, 2);
    assert_int_equal(b.literal_mask, 1);
    assert_int_equal(a.parameter_count, 2);
    assert_int_equal(a.literal_count, 1);
}

static void test_hash_tells_texts_apart(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "a", "b", "aa", "SELECT a", "SELECT b", "SELECT aaaaaaaa", "SELECT aaaaaaaaa", "SELECT a b", "SELECT ab"};
    char out[128];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(redact(N1_SQL_SQLITE, texts[i], out, sizeof out).hash !=
                        redact(N1_SQL_SQLITE, texts[j], out, sizeof out).hash);
    assert_true(redact(N1_SQL_SQLITE, "SELECT  1", out, sizeof out).hash ==
                redact(N1_SQL_SQLITE, "SELECT 22 ", out, sizeof out).hash);
}

static void test_cut_keeps_hash(void **state)
{
    (void)state;
    const char *text = "SELECT  a, 'secret', b FROM t WHERE c = 12345 AND d IN (1, 2, 3) ORDER BY 1";
    char whole[256], part[256];
    struct n1_sql_redaction full = redact(N1_SQL_POSTGRES, text, whole, sizeof whole);
    assert_false(full.is_cut);
    for (size_t capacity = 0; capacity <= full.out_length; capacity++) {
        memset(part, '#', sizeof part);
        struct n1_sql_redaction r = redact(N1_SQL_POSTGRES, text, part, capacity);
        assert_true(r.hash == full.hash);
        assert_int_equal(r.is_cut, capacity < full.out_length);
        assert_true(r.out_length <= capacity);
        assert_int_equal(part[capacity], '#');
        if (r.is_cut && capacity >= 3)
            assert_memory_equal(part + r.out_length - 3, N1_SQL_CUT_MARK, 3);
        size_t kept = r.is_cut ? r.out_length - (r.out_length >= 3 ? 3 : 0) : r.out_length;
        assert_int_equal(memcmp(part, whole, kept), 0);
        assert_int_equal(r.literal_count, full.literal_count);
    }
}

static void test_trailing_comment(void **state)
{
    (void)state;
    const char *text = "SELECT 1 /*a*/ FROM t /*route='x',traceid='y'*/ ; ";
    char out[128];
    struct n1_sql_redaction r = redact(N1_SQL_SQLITE, text, out, sizeof out);
    assert_int_equal(r.comment_length, strlen("route='x',traceid='y'"));
    assert_int_equal(memcmp(text + r.comment_offset, "route='x',traceid='y'", r.comment_length), 0);
    assert_int_equal(redact(N1_SQL_SQLITE, "SELECT /*a*/ 1", out, sizeof out).comment_length, 0);
}

/* Texts put together at random from pieces; every secret among them stands in literals only and none may survive. A blank
 * begins the literals that another piece in front would turn into something else (a8, ?8, aE''). */
static void test_no_value_survives(void **state)
{
    (void)state;
    static const char *const both[] = {"SELECT ",
                                       "a",
                                       " ",
                                       ",",
                                       "(",
                                       ")",
                                       "=",
                                       " IN (",
                                       "WHERE ",
                                       "'zqsecretqz!'",
                                       "'it''zqsecretqz'",
                                       " 987654321",
                                       " 98765.4321",
                                       "-",
                                       "--x\n",
                                       "/*zqsecretqz*/",
                                       " ORDER BY ",
                                       "\"n\"",
                                       ".",
                                       ";",
                                       " X'abcdefabcdef'",
                                       " AND ",
                                       "+",
                                       "VALUES (",
                                       "::",
                                       "varchar(",
                                       "CREATE ",
                                       "||",
                                       "?",
                                       " AS ",
                                       " 0xabcdef98765",
                                       "LIMIT ",
                                       "\n",
                                       "'",
                                       " LIKE ",
                                       "t.",
                                       "BETWEEN "};
    static const char *const sqlite[] = {":name", "[b]", "`c`", "@x", "?1"};
    static const char *const postgres[] = {
        "$1", " $$zqsecretqz$$", " $t$zqsecretqz$t$", " E'\\'zqsecretqz'", " U&'zqsecretqz'", "@?", "?|", "#>>", "[",
        "]",  "INTERVAL "};
    unsigned seed = 12345;
    for (int round = 0; round < 40000; round++) {
        bool is_sqlite = round % 2 == 0;
        char text[1024], out[1024], again[1024];
        size_t length = 0;
        for (int i = 0; i < 20; i++) {
            seed = seed * 1103515245 + 12345;
            size_t pick = seed >> 16;
            const char *const *pieces = pick % 5 ? both : is_sqlite ? sqlite : postgres;
            size_t count = pick % 5    ? sizeof both / sizeof *both
                           : is_sqlite ? sizeof sqlite / sizeof *sqlite
                                       : sizeof postgres / sizeof *postgres;
            const char *piece = pieces[pick / 5 % count];
            /* A lone quote would turn the literals inside out: only as the last piece. */
            if (strcmp(piece, "'") == 0 && i < 19)
                continue;
            memcpy(text + length, piece, strlen(piece));
            length += strlen(piece);
        }
        text[length] = 0;
        enum n1_sql_dialect dialect = is_sqlite ? N1_SQL_SQLITE : N1_SQL_POSTGRES;
        struct n1_sql_redaction r = redact(dialect, text, out, sizeof out - 1);
        out[r.out_length] = 0;

        static const char *const secrets[] = {"zqsecretqz", " 987654321", "98765", "4321", "abcdef"};
        for (size_t s = 0; s < sizeof secrets / sizeof *secrets; s++)
            if (strstr(out, secrets[s]))
                fail_msg("a value survived (dialect %d):\n  %s\n  %s", dialect, text, out);
        struct n1_sql_redaction second = redact(dialect, out, again, sizeof again - 1);
        again[second.out_length] = 0;
        if (strcmp(out, again) != 0 || second.hash != r.hash)
            fail_msg("not idempotent (dialect %d):\n  %s\n  %s\n  %s", dialect, text, out, again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_mask),
        cmocka_unit_test(test_hash_tells_texts_apart),
        cmocka_unit_test(test_cut_keeps_hash),
        cmocka_unit_test(test_trailing_comment),
        cmocka_unit_test(test_no_value_survives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
