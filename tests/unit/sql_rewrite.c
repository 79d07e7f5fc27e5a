/* Replacing statements: a flat table of parent, child and what comes out; each one for SQLite is then prepared by SQLite itself
 * (ambiguous or missing columns would show), and some are run beside the loop that they replace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>
#include <sqlite3.h>

#include "analyzer/sql/rewrite.h"

#define BOTH 3

struct rewrite_case {
    int dialects;
    const char *parent;
    const char *child;
    int child_operand;
    const char *parent_column;
    enum n1_sql_cardinality cardinality;
    bool is_limit_one;
    enum n1_sql_rewrite_form form;
    const char *answer;
};

static const struct rewrite_case rewrite_cases[] = {
#include "sql_rewrite_cases.inc"
};

static const char schema[] =
    "CREATE TABLE post (id, title, author_id, year, body, count, name, created, draft, x, parent_id, \"authorId\", "
    "data, a);"
    "CREATE TABLE author (id, name, org, k, city, \"fullName\", \"authorId\", parent_id);"
    "CREATE TABLE blog_post (id, title, author_id, draft); CREATE TABLE blog_author (id, name);"
    "CREATE TABLE tag (id, name); CREATE TABLE post_tags (post_id, tag_id);"
    "CREATE TABLE comment (id, parent_id); CREATE TABLE country (id, city); CREATE TABLE a (id, name);"
    "CREATE TABLE t (id, a, b, c, k, n, z, post_id, a_id, \"post.id\"); CREATE TABLE u (x, y, a);"
    "CREATE TABLE shelf (id, place, room); CREATE TABLE book (id, title, year, author_id, shelf_id);"
    "CREATE TABLE best (year); CREATE TABLE writer (id, name, room);";

static void rewrite(const struct rewrite_case *c, enum n1_sql_dialect dialect, struct n1_sql_rewrite_answer *answer)
{
    struct n1_sql_shape parent = {0}, child;
    if (*c->parent)
        n1_sql_shape_read(&parent, dialect, c->parent, strlen(c->parent), 0);
    n1_sql_shape_read(&child, dialect, c->child, strlen(c->child), 0);
    struct n1_sql_rewrite_request request = {.parent = *c->parent ? &parent : NULL,
                                             .child = &child,
                                             .parent_column = c->parent_column,
                                             .child_operand = c->child_operand,
                                             .cardinality = c->cardinality,
                                             .is_limit_one = c->is_limit_one};
    int status = n1_sql_rewrite(&request, answer);
    assert_int_equal(status, answer->sql ? 0 : -1);
    assert_true((answer->sql == NULL) != (answer->why_not == NULL));
    assert_int_equal(answer->form == N1_SQL_REWRITE_NONE, answer->sql == NULL);
    n1_sql_shape_release(&parent);
    n1_sql_shape_release(&child);
}

static void test_table(void **state)
{
    (void)state;
    sqlite3 *db;
    int failures = 0;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, schema, NULL, NULL, NULL), SQLITE_OK);
    for (size_t i = 0; i < sizeof rewrite_cases / sizeof *rewrite_cases; i++) {
        for (int d = N1_SQL_SQLITE; d <= N1_SQL_POSTGRES; d++) {
            const struct rewrite_case *c = &rewrite_cases[i];
            struct n1_sql_rewrite_answer answer;
            if (!(c->dialects & d))
                continue;
            rewrite(c, (enum n1_sql_dialect)d, &answer);
            const char *text = answer.sql ? answer.sql : answer.why_not;
            if (answer.form != c->form || strcmp(text, c->answer) != 0) {
                print_error("case %zu, dialect %d: %s | %s\n  is      %d %s\n  must be %d %s\n", i, d, c->parent,
                            c->child, (int)answer.form, text, (int)c->form, c->answer);
                failures++;
            }
            sqlite3_stmt *stmt = NULL;
            if (answer.sql && d == N1_SQL_SQLITE && sqlite3_prepare_v2(db, answer.sql, -1, &stmt, NULL) != SQLITE_OK) {
                print_error("SQLite refuses %s: %s\n", answer.sql, sqlite3_errmsg(db));
                failures++;
            }
            sqlite3_finalize(stmt);
            g_free(answer.sql);
        }
    }
    sqlite3_close(db);
    assert_int_equal(failures, 0);
}

/* ---- the loop and its replacement give the same rows ------------------------------------------------------------------ */

static const char data[] = "CREATE TABLE author (id INTEGER PRIMARY KEY, name); CREATE TABLE book (id INTEGER PRIMARY "
                           "KEY, author_id, title, pages);"
                           "INSERT INTO author VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd');"
                           "INSERT INTO book VALUES (10, 1, 'p', 100), (11, 1, 'q', 50), (12, 2, 'r', 70), (13, NULL, "
                           "'s', 10), (14, 4, 't', 20),"
                           " (15, 4, 'u', 90), (16, 4, 'v', 30);";

static void put_row(GString *out, sqlite3_stmt *stmt, int from)
{
    for (int i = from; i < sqlite3_column_count(stmt); i++) {
        const unsigned char *text = sqlite3_column_text(stmt, i);
        g_string_append_printf(out, "%s,", text ? (const char *)text : "NULL");
    }
    g_string_append_c(out, ';');
}

/* Each parent row, then the child's rows for the key in the parent's column `key_at`. */
static char *run_loop(sqlite3 *db, const char *parent, const char *child, int key_at)
{
    GString *out = g_string_new(NULL);
    sqlite3_stmt *outer, *inner;
    assert_int_equal(sqlite3_prepare_v2(db, parent, -1, &outer, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, child, -1, &inner, NULL), SQLITE_OK);
    while (sqlite3_step(outer) == SQLITE_ROW) {
        GString *row = g_string_new(NULL);
        put_row(row, outer, 0);
        g_string_truncate(row, row->len - 1);
        sqlite3_bind_value(inner, 1, sqlite3_column_value(outer, key_at));
        bool is_found = false;
        while (sqlite3_step(inner) == SQLITE_ROW) {
            is_found = true;
            g_string_append(out, row->str);
            put_row(out, inner, 0);
        }
        if (!is_found)
            g_string_append_printf(out, "%sNULL,;", row->str);
        sqlite3_reset(inner);
        g_string_free(row, TRUE);
    }
    sqlite3_finalize(outer);
    sqlite3_finalize(inner);
    return g_string_free(out, FALSE);
}

static char *run_one(sqlite3 *db, const char *sql)
{
    GString *out = g_string_new(NULL);
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW)
        put_row(out, stmt, 0);
    sqlite3_finalize(stmt);
    return g_string_free(out, FALSE);
}

struct equal_case {
    const char *parent, *child;
    int key_at;
    const char *parent_column;
    enum n1_sql_cardinality cardinality;
};

static const struct equal_case equal_cases[] = {
    {"SELECT id, author_id FROM book ORDER BY id", "SELECT name FROM author WHERE id = ?", 1, "author_id",
     N1_SQL_TO_ONE},
    {"SELECT b.id, b.author_id AS x FROM book b ORDER BY b.title DESC", "SELECT a.name FROM author a WHERE ? = a.id", 1,
     "x", N1_SQL_TO_ONE},
    {"SELECT * FROM book ORDER BY pages", "SELECT name FROM author WHERE id = ?", 1, "author_id", N1_SQL_TO_ONE},
    {"SELECT id, name FROM author ORDER BY id", "SELECT COUNT(*) FROM book WHERE author_id = ?", 0, "id",
     N1_SQL_TO_MANY},
    {"SELECT id, name FROM author ORDER BY name DESC",
     "SELECT MAX(pages) FROM book b WHERE b.author_id = ? AND b.pages < b.id * b.id", 0, "id", N1_SQL_TO_MANY},
    {"SELECT id, name FROM author ORDER BY id", "SELECT SUM(pages) IS NULL FROM book WHERE author_id = ?", 0, "id",
     N1_SQL_TO_MANY},
    {"SELECT id, name FROM author ORDER BY id", "SELECT EXISTS(SELECT title FROM book WHERE author_id = ?)", 0, "id",
     N1_SQL_TO_MANY},
    {"SELECT id, title FROM book ORDER BY id", "SELECT pages FROM book WHERE id = ?", 0, "id", N1_SQL_TO_ONE},
};

static void test_same_rows(void **state)
{
    (void)state;
    sqlite3 *db;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, data, NULL, NULL, NULL), SQLITE_OK);
    for (size_t i = 0; i < sizeof equal_cases / sizeof *equal_cases; i++) {
        const struct equal_case *c = &equal_cases[i];
        struct rewrite_case request = {
            .parent = c->parent, .child = c->child, .parent_column = c->parent_column, .cardinality = c->cardinality};
        struct n1_sql_rewrite_answer answer;
        rewrite(&request, N1_SQL_SQLITE, &answer);
        if (!answer.sql)
            fail_msg("%s | %s: %s", c->parent, c->child, answer.why_not);
        char *loop = run_loop(db, c->parent, c->child, c->key_at), *one = run_one(db, answer.sql);
        if (strcmp(loop, one) != 0)
            fail_msg("%s | %s\n  %s\n  loop %s\n  one  %s", c->parent, c->child, answer.sql, loop, one);
        g_free(loop);
        g_free(one);
        g_free(answer.sql);
    }
    sqlite3_close(db);
}

/* Two values change: operands 0 and 1, fed by `columns` of the parent, or by nobody. */
static void test_composite_keys(void **state)
{
    (void)state;
    static const struct {
        enum n1_sql_dialect dialect;
        const char *parent, *child, *columns[2], *answer; /* NULL: none */
    } cases[] = {
        {N1_SQL_SQLITE,
         "SELECT a, b FROM line",
         "SELECT cents FROM price WHERE k = ? AND n = ?",
         {"a", "b"},
         "SELECT line.a, line.b, price.cents FROM line LEFT JOIN price ON price.k = line.a AND price.n = line.b"},
        {N1_SQL_SQLITE,
         "",
         "SELECT cents FROM price WHERE k = ? AND n = ? AND z > ?",
         {NULL, NULL},
         "SELECT cents, k, n FROM price WHERE (k, n) IN (VALUES (?, ?)) AND z > ?"},
        {N1_SQL_POSTGRES,
         "",
         "SELECT cents FROM price WHERE (k = $1) AND (n = $2) ORDER BY k",
         {NULL, NULL},
         "SELECT cents, k, n FROM price WHERE ((k, n) IN ((?, ?))) ORDER BY k"},
        {N1_SQL_SQLITE,
         "SELECT a, b FROM line",
         "SELECT count(*) FROM price WHERE k = ? AND n = ?",
         {"a", "b"},
         "SELECT line.a, line.b, (SELECT count(*) FROM price WHERE k = line.a AND n = line.b) AS count FROM line"},
        {N1_SQL_SQLITE,
         "SELECT a, b FROM line",
         "SELECT count(*) FROM price WHERE k = ? AND n = ?",
         {"a", NULL},
         "SELECT k, n, count(*) AS count FROM price WHERE (k, n) IN (VALUES (?, ?)) GROUP BY k, n"},
        {N1_SQL_SQLITE, "SELECT a, b FROM line", "SELECT cents FROM price WHERE k = ? AND n > ?", {"a", NULL}, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct n1_sql_shape parent = {0}, child;
        if (*cases[i].parent)
            n1_sql_shape_read(&parent, cases[i].dialect, cases[i].parent, strlen(cases[i].parent), 0);
        n1_sql_shape_read(&child, cases[i].dialect, cases[i].child, strlen(cases[i].child), 0);
        struct n1_sql_rewrite_link further = {1, cases[i].columns[1]};
        struct n1_sql_rewrite_request request = {.parent = *cases[i].parent ? &parent : NULL,
                                                 .child = &child,
                                                 .parent_column = cases[i].columns[0],
                                                 .further = &further,
                                                 .further_count = 1,
                                                 .cardinality = N1_SQL_TO_ONE};
        struct n1_sql_rewrite_answer answer;
        n1_sql_rewrite(&request, &answer);
        if (g_strcmp0(answer.sql, cases[i].answer) != 0)
            fail_msg("%s\n  wanted %s\n  got    %s (%s)", cases[i].child, cases[i].answer, answer.sql, answer.why_not);
        g_free(answer.sql);
        n1_sql_shape_release(&parent);
        n1_sql_shape_release(&child);
    }
}

/* Whichever of the two columns was taken for the key: the list has them as the look-up's parameters come. */
static void test_order_of_a_composite_key(void **state)
{
    (void)state;
    const char *text = "SELECT cents FROM price WHERE k = ? AND n = ?";
    for (int fed = 0; fed < 2; fed++) {
        struct n1_sql_shape child;
        n1_sql_shape_read(&child, N1_SQL_SQLITE, text, strlen(text), 0);
        struct n1_sql_rewrite_link further = {1 - fed, NULL};
        struct n1_sql_rewrite_request request = {.child = &child,
                                                 .child_operand = fed,
                                                 .further = &further,
                                                 .further_count = 1,
                                                 .cardinality = N1_SQL_TO_MANY};
        struct n1_sql_rewrite_answer answer;
        assert_int_equal(n1_sql_rewrite(&request, &answer), 0);
        assert_non_null(strstr(answer.sql, " WHERE (k, n) IN (VALUES (?, ?))"));
        g_free(answer.sql);
        n1_sql_shape_release(&child);
    }
}

static void test_walks(void **state)
{
    (void)state;
    static const struct {
        const char *child, *column, *answer;
        enum n1_sql_cardinality cardinality;
    } cases[] = {
        {"SELECT id, name FROM category WHERE parent_id = ? ORDER BY id", "id",
         "WITH RECURSIVE walk AS (SELECT id, name FROM category WHERE parent_id IN (?) UNION ALL SELECT category.id, "
         "category.name FROM category JOIN walk ON category.parent_id = walk.id) SELECT * FROM walk",
         N1_SQL_TO_MANY},
        {"SELECT c.* FROM category AS c WHERE c.id = ? AND c.state = ?", "parent_id",
         "WITH RECURSIVE walk AS (SELECT c.* FROM category AS c WHERE c.id IN (?) AND c.state = ? UNION ALL SELECT c.* "
         "FROM "
         "category AS c JOIN walk ON c.id = walk.parent_id WHERE c.state = ?) SELECT * FROM walk",
         N1_SQL_TO_ONE},
        {"SELECT max(id) FROM category WHERE parent_id = ?", "id", NULL, N1_SQL_TO_ONE},
        {"SELECT id FROM category WHERE parent_id = ? ORDER BY id LIMIT 1", "id", NULL, N1_SQL_TO_MANY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct n1_sql_shape child;
        n1_sql_shape_read(&child, N1_SQL_SQLITE, cases[i].child, strlen(cases[i].child), 0);
        struct n1_sql_rewrite_request request = {.child = &child,
                                                 .parent_column = cases[i].column,
                                                 .cardinality = cases[i].cardinality,
                                                 .is_recursive = true};
        struct n1_sql_rewrite_answer answer;
        n1_sql_rewrite(&request, &answer);
        if (g_strcmp0(answer.sql, cases[i].answer) != 0)
            fail_msg("%s\n  wanted %s\n  got    %s (%s)", cases[i].child, cases[i].answer, answer.sql, answer.why_not);
        g_free(answer.sql);
        n1_sql_shape_release(&child);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_table), cmocka_unit_test(test_same_rows),
                                       cmocka_unit_test(test_composite_keys),
                                       cmocka_unit_test(test_order_of_a_composite_key), cmocka_unit_test(test_walks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
