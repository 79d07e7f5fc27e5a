/* Fingerprint texts: what each text becomes, which texts are one statement and which must never be, and what is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/sql/normalise.h"
#include "analyzer/sql/pg.h"
#include "trace/sql_redact.h"

#define BOTH 3

struct normalise_case {
    int dialects;
    const char *text;
    const char *normal;
};

static const struct normalise_case normalise_cases[] = {
    {BOTH, "", ""},
    {BOTH, " ; ", ""},
    {BOTH, "select  Id\n from Users where id=5;", "SELECT Id FROM Users WHERE id = ?"},
    {BOTH, "SELECT a.b , count( * ) FROM t a -- x\n", "SELECT a.b, count(*) FROM t a"},
    {BOTH, "SELECT \"a\".\"Id\" FROM \"A\" \"a\"", "SELECT \"a\".\"Id\" FROM \"A\" \"a\""},
    {BOTH, "a IN (1,2,3)", "a IN (?)"},
    {BOTH, "a IN (1)", "a IN (?)"},
    {BOTH, "a IN ('x', NULL, -5)", "a IN (?)"},
    {BOTH, "a IN (NULL, 1)", "a IN (?)"},
    {BOTH, "a NOT IN(1, 2)", "a NOT IN (?)"},
    {BOTH, "(a, b) IN ((1,2),(3,4))", "(a, b) IN ((?, ?))"},
    {BOTH, "a IN (f(1), f(2))", "a IN (f(?))"},
    {BOTH, "a IN (b, 1)", "a IN (b, ?)"},
    {BOTH, "a IN (SELECT b FROM c WHERE d IN (1, 2))", "a IN (SELECT b FROM c WHERE d IN (?))"},
    {BOTH, "a IN ()", "a IN ()"},
    {BOTH, "INSERT INTO t(a,b) VALUES (1,NULL),(2,'x'),(3,DEFAULT)", "INSERT INTO t (a, b) VALUES (?, ?)"},
    {BOTH, "INSERT INTO t (a, b) VALUES (TRUE, f(1, NULL))", "INSERT INTO t (a, b) VALUES (?, f(?, ?))"},
    {BOTH, "insert into s.t values (1) returning id", "INSERT INTO s.t VALUES (?) RETURNING id"},
    {BOTH, "INSERT INTO t VALUES (1), (2) ON CONFLICT DO NOTHING", "INSERT INTO t VALUES (?) ON CONFLICT DO NOTHING"},
    {BOTH, "x = -5 AND y = 3 - 2 AND z = -w", "x = ? AND y = ? - ? AND z = -w"},
    {BOTH, "a IS NULL AND b = true", "a IS NULL AND b = TRUE"},
    {BOTH, "SELECT a FROM t_2024_01 ORDER BY 1 LIMIT 5", "SELECT a FROM t_2024_01 ORDER BY 1 LIMIT ?"},
    {BOTH, "SAVEPOINT s140_x12", "SAVEPOINT s0_x0"},
    {BOTH, "savepoint active_record_1", "SAVEPOINT active_record_0"},
    {BOTH, "RELEASE SAVEPOINT \"s139836_x3\"", "RELEASE SAVEPOINT \"s0_x0\""},
    {BOTH, "ROLLBACK TO SAVEPOINT s1", "ROLLBACK TO SAVEPOINT s0"},
    {BOTH, "SAVEPOINT s3f2504e04f8911d39a0c0305e82c3301", "SAVEPOINT s0"},
    {BOTH, "RELEASE \"3f2504e0-4f89-11d3-9a0c-0305e82c3301\"", "RELEASE \"0\""},
    {BOTH, "SELECT a /* x */ . /* y */ b", "SELECT a.b"},
    {BOTH, "SELECT CASE WHEN a THEN 1 ELSE 2 END", "SELECT CASE WHEN a THEN ? ELSE ? END"},
    {BOTH, "SELECT t.select, \"select\" FROM t", "SELECT t.select, \"select\" FROM t"},
    {BOTH, "SELECT a FROM t...", "SELECT a FROM t..."},
    {BOTH, "SELECT 1; SELECT 2;", "SELECT ?; SELECT ?"},

    {N1_SQL_SQLITE, "SELECT a FROM t WHERE b=:b AND c=@c AND d=?3 AND e=?",
     "SELECT a FROM t WHERE b = ? AND c = ? AND d = ? AND e = ?"},
    {N1_SQL_SQLITE, "SELECT [a b], `c` FROM t WHERE d='x'", "SELECT [a b], `c` FROM t WHERE d = ?"},
    {N1_SQL_SQLITE, "SELECT a->>'$.b' FROM t", "SELECT a ->> ? FROM t"},

    {N1_SQL_POSTGRES, "SELECT a FROM t WHERE y = $1", "SELECT a FROM t WHERE y = ?"},
    {N1_SQL_POSTGRES, "SELECT a FROM t WHERE y IN ($1,$2)", "SELECT a FROM t WHERE y IN (?)"},
    {N1_SQL_POSTGRES, "SELECT a FROM t WHERE y = ANY($1)", "SELECT a FROM t WHERE y = ANY(?)"},
    {N1_SQL_POSTGRES, "SELECT a FROM t WHERE y = ANY (ARRAY[1,2,3])", "SELECT a FROM t WHERE y = ANY(ARRAY[?])"},
    {N1_SQL_POSTGRES, "a IN ($1::int, $2::int)", "a IN (?::int)"},
    {N1_SQL_POSTGRES, "a IN ('1'::uuid, '2'::text)", "a IN (?::uuid, ?::text)"},
    {N1_SQL_POSTGRES, "SELECT x::varchar( 20 ), y[1:2] FROM t", "SELECT x::varchar(20), y[? : ?] FROM t"},
    {N1_SQL_POSTGRES, "data ? 'k' AND data ?| array['a','b']", "data ? ? AND data ?| ARRAY[?]"},
    {N1_SQL_POSTGRES, "x = $$it's -- $$ AND y = E'\\''", "x = ? AND y = ?"},
    {N1_SQL_POSTGRES, "DECLARE \"_django_curs_139_sync_1\" NO SCROLL CURSOR FOR SELECT a FROM t1",
     "DECLARE \"_django_curs_0_sync_0\" NO SCROLL CURSOR FOR SELECT a FROM t1"},
    {N1_SQL_POSTGRES, "FETCH FORWARD 100 FROM c_7f2a1b3c4d_12", "FETCH FORWARD ? FROM c_0_0"},
    {N1_SQL_POSTGRES, "CLOSE \"_django_curs_139_sync_1\"", "CLOSE \"_django_curs_0_sync_0\""},
    {N1_SQL_POSTGRES, "DEALLOCATE pdo_stmt_00000003", "DEALLOCATE pdo_stmt_0"},
    {N1_SQL_POSTGRES, "EXECUTE qpsqlpstmt_1 (5, 'x')", "EXECUTE qpsqlpstmt_0(?, ?)"},
    {N1_SQL_POSTGRES, "PREPARE qpsqlpstmt_1 AS SELECT a1 FROM t WHERE b = $1",
     "PREPARE qpsqlpstmt_0 AS SELECT a1 FROM t WHERE b = ?"},
    {N1_SQL_POSTGRES, "UPDATE t2 SET a = 1 WHERE CURRENT OF c_12", "UPDATE t2 SET a = ? WHERE CURRENT OF c_0"},
    {N1_SQL_POSTGRES, "SELECT - - a, - -5", "SELECT - -a, ?"},
};

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof normalise_cases / sizeof *normalise_cases; i++) {
        for (int d = N1_SQL_SQLITE; d <= N1_SQL_POSTGRES; d++) {
            const struct normalise_case *c = &normalise_cases[i];
            struct n1_sql_normal normal, again;
            if (!(c->dialects & d))
                continue;
            n1_sql_normalise(&normal, (enum n1_sql_dialect)d, c->text, strlen(c->text));
            if (strcmp(normal.text, c->normal) != 0)
                fail_msg("case %zu, dialect %d: %s\n  is      %s\n  must be %s", i, d, c->text, normal.text, c->normal);
            assert_int_equal(normal.length, strlen(normal.text));
            n1_sql_normalise(&again, (enum n1_sql_dialect)d, normal.text, normal.length);
            assert_string_equal(again.text, normal.text);
            assert_true(again.fingerprint == normal.fingerprint);
            n1_sql_normal_release(&again);
            n1_sql_normal_release(&normal);
        }
    }
}

static uint64_t fingerprint(enum n1_sql_dialect dialect, const char *text)
{
    struct n1_sql_normal normal;
    n1_sql_normalise(&normal, dialect, text, strlen(text));
    uint64_t value = normal.fingerprint;
    n1_sql_normal_release(&normal);
    return value;
}

/* One group a row: all texts of a group have one fingerprint, those of different groups have different ones. */
static const char *const groups[][5] = {
    {"SELECT a FROM t WHERE y = $1", "select a from t where y=5", "SELECT A FROM T WHERE y = 'x' -- c",
     "SELECT a /*traceid='1'*/ FROM t WHERE y = -7;", "SELECT a\n\tFROM t WHERE y = $12 /*traceid='2'*/"},
    {"SELECT a FROM t WHERE y IN ($1)", "SELECT a FROM t WHERE y IN ($1, $2)", "SELECT a FROM t WHERE y in (1,2,3,4)"},
    {"SELECT a FROM t WHERE y = ANY($1)", "SELECT a FROM t WHERE y = any ('{1,2}')"},
    {"SELECT a FROM t WHERE y = ANY(ARRAY[1])", "SELECT a FROM t WHERE y = ANY(ARRAY[1,2])"},
    {"SELECT a FROM t WHERE y IS NULL"},
    {"SELECT \"A\" FROM t WHERE y = 1"},
    {"SELECT a FROM t_2024_01 WHERE y = 1"},
    {"SELECT a FROM t_2024_02 WHERE y = 1"},
    {"SELECT a, b FROM t WHERE y = 1"},
    {"SELECT a FROM t WHERE y = 1 ORDER BY 1"},
    {"SELECT a FROM t WHERE y = 1 ORDER BY 2"},
    {"INSERT INTO t (a) VALUES (1)", "INSERT INTO t(a) VALUES (1), (NULL)", "insert into t (a) values ($1),($2)"},
    {"SAVEPOINT s1_x1", "SAVEPOINT s22_x333"},
};

static void test_groups(void **state)
{
    (void)state;
    enum { COUNT = sizeof groups / sizeof *groups };
    for (size_t i = 0; i < COUNT; i++) {
        uint64_t first = fingerprint(N1_SQL_POSTGRES, groups[i][0]);
        for (size_t k = 1; k < 5 && groups[i][k]; k++)
            if (fingerprint(N1_SQL_POSTGRES, groups[i][k]) != first)
                fail_msg("not one statement: %s | %s", groups[i][0], groups[i][k]);
        for (size_t j = 0; j < i; j++)
            if (fingerprint(N1_SQL_POSTGRES, groups[j][0]) == first)
                fail_msg("one fingerprint for two statements: %s | %s", groups[i][0], groups[j][0]);
    }
}

/* The text as sent and its redacted form are one statement. */
static void test_redacted_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof normalise_cases / sizeof *normalise_cases; i++) {
        for (int d = N1_SQL_SQLITE; d <= N1_SQL_POSTGRES; d++) {
            char redacted[512];
            const char *text = normalise_cases[i].text;
            struct n1_sql_redaction r = {.out = redacted, .out_capacity = sizeof redacted - 1};
            n1_sql_redact(&r, (enum n1_sql_dialect)d, text, strlen(text));
            redacted[r.out_length] = 0;
            if (fingerprint((enum n1_sql_dialect)d, text) != fingerprint((enum n1_sql_dialect)d, redacted))
                fail_msg("dialect %d: %s\n  redacted %s", d, text, redacted);
        }
    }
}

/* Baselines hold fingerprints: raise N1_SQL_FINGERPRINT_VERSION when this value has to change. */
static void test_fingerprint_is_stable(void **state)
{
    (void)state;
    assert_int_equal(N1_SQL_FINGERPRINT_VERSION, 1);
    assert_true(fingerprint(N1_SQL_SQLITE, "SELECT a FROM t WHERE b = ?") ==
                fingerprint(N1_SQL_POSTGRES, "SELECT a FROM t WHERE b = $1"));
    assert_true(fingerprint(N1_SQL_SQLITE, "SELECT a FROM t WHERE b = ?") == UINT64_C(0x94e4c80660b0d917));
}

static void test_counts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t lists, longest, rows, operands;
        bool is_cut;
    } cases[] = {
        {"SELECT 1", 0, 0, 0, 1, false},
        {"a IN (1)", 1, 1, 0, 1, false},
        {"a IN (1,2,3) AND b IN (4)", 2, 3, 0, 4, false},
        {"VALUES (1,2),(3,4),(5,6)", 0, 0, 3, 6, false},
        {"INSERT INTO t VALUES (1, 2) ON CONFLICT (a) DO UPDATE SET b = 3", 0, 0, 1, 3, false},
        {"SELECT a FROM ...", 0, 0, 0, 0, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct n1_sql_normal n;
        n1_sql_normalise(&n, N1_SQL_POSTGRES, cases[i].text, strlen(cases[i].text));
        assert_int_equal(n.list_count, cases[i].lists);
        assert_int_equal(n.longest_list, cases[i].longest);
        assert_int_equal(n.values_rows, cases[i].rows);
        assert_int_equal(n.operand_count, cases[i].operands);
        assert_int_equal(n.is_cut, cases[i].is_cut);
        n1_sql_normal_release(&n);
    }
}

static void test_postgres_parser(void **state)
{
    (void)state;
    assert_true(n1_sql_pg_parses("SELECT a FROM t WHERE y = ? AND z IN (?)"));
    assert_true(n1_sql_pg_parses("SELECT a FROM t WHERE y=? AND z ->> 'a' = '?'"));
    assert_true(
        n1_sql_pg_parses("SELECT a FROM t LEFT JOIN LATERAL (SELECT b FROM u WHERE u.t = t.id LIMIT 1) x ON TRUE"));
    assert_false(n1_sql_pg_parses("SELECT a FROM WHERE"));
    assert_false(n1_sql_pg_parses("SELECT [a] FROM t"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),         cmocka_unit_test(test_groups),
        cmocka_unit_test(test_redacted_form), cmocka_unit_test(test_fingerprint_is_stable),
        cmocka_unit_test(test_counts),        cmocka_unit_test(test_postgres_parser),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
