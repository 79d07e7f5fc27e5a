/* Every way into an N+1, at sizes 0, 1, 2, 5 and 50, each with its mended twin, which must be silent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/analyzer_script.h"

static const int sizes[] = {0, 1, 2, 5, 50};
#define EACH_SIZE(n) for (size_t size_at = 0, n = 0; size_at < 5 && ((n = (size_t)sizes[size_at]), 1); size_at++)

static int author_of(int i)
{
    return i * 7 % 13 + 1;
}

/* Sizes 0 and 1 are no loops. */
static void expect_one(struct script *s, size_t n, const char *finding)
{
    if (n < 2)
        script_expect(s, 0);
    else
        script_expect(s, 1, finding);
}

static const char *const posts = "SELECT id, author_id FROM blog_post ORDER BY id";

static void forward_key(void **state)
{
    (void)state;
    EACH_SIZE(n)
    {
        struct script *s = script_new();
        script_query(s, "!execute:9 list:10 main:3", posts, "", rows_of((int)n, author_of));
        for (int i = 1; i <= (int)n; i++)
            script_query(s, "!execute:9 show:12 main:4", "SELECT id, name FROM blog_author WHERE id = ?",
                         fmt("%d", author_of(i)), fmt("%d,Name %d", author_of(i), author_of(i)));
        expect_one(
            s, n,
            fmt("n_plus_one proven select_related(author) blog_post.author_id->blog_author.id x%d at show:12", (int)n));

        s = script_new();
        script_query(s, "list:10 main:3",
                     "SELECT p.id, p.author_id, a.name FROM blog_post p JOIN blog_author a ON a.id = p.author_id", "",
                     rows_of((int)n, author_of));
        script_expect(s, 0);
    }
}

static void reverse_key(void **state)
{
    (void)state;
    EACH_SIZE(n)
    {
        struct script *s = script_new();
        script_query(s, "list:10 main:3", posts, "", rows_of((int)n, author_of));
        for (int i = 1; i <= (int)n; i++)
            script_query(s, "show:12 main:4", "SELECT id, post_id, body FROM blog_comment WHERE post_id = ?",
                         fmt("%d", i), i % 2 ? fmt("%d,%d,x;%d,%d,y", 100 + 2 * i, i, 101 + 2 * i, i) : "");
        expect_one(s, n,
                   fmt("n_plus_one proven prefetch_related(comment) blog_post.id->blog_comment.post_id x%d at show:12",
                       (int)n));

        s = script_new();
        script_query(s, "list:10 main:3", posts, "", rows_of((int)n, author_of));
        script_query(s, "list:11 main:3", "SELECT id, post_id, body FROM blog_comment WHERE post_id IN (?, ?, ?)",
                     "1,2,3", "101,1,x;102,1,y;103,2,z");
        script_expect(s, 0);
    }
}

static void many_to_many(void **state)
{
    (void)state;
    EACH_SIZE(n)
    {
        struct script *s = script_new();
        script_query(s, "list:10 main:3", posts, "", rows_of((int)n, author_of));
        for (int i = 1; i <= (int)n; i++)
            script_query(s, "show:12 main:4",
                         "SELECT t.id, t.name FROM blog_tag t INNER JOIN blog_post_tags pt ON t.id = pt.tag_id WHERE "
                         "pt.post_id = ?",
                         fmt("%d", i), fmt("%d,a;%d,b", i % 5 + 1, i % 5 + 2));
        expect_one(s, n,
                   fmt("n_plus_one proven prefetch_related(tags) blog_post.id->blog_post_tags.post_id x%d at show:12",
                       (int)n));
    }
}

/* The proven loop first, though the guessed one cost more. */
static void certain_before_guessed(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 1; i <= 60; i++)
        script_query(s, "fill:20 main:2", "INSERT INTO visit (day, hits) VALUES (?, ?)", fmt("%d,%d", i, i * 31), "");
    script_query(s, "list:10 main:3", posts, "", rows_of(10, author_of));
    for (int i = 1; i <= 10; i++)
        script_query(s, "show:12 main:4", "SELECT id, post_id, body FROM blog_comment WHERE post_id = ?", fmt("%d", i),
                     fmt("%d,%d,x", 100 + i, i));
    struct n1_report *r = script_report(s);
    assert_true(r->n_findings >= 2);
    assert_int_equal(r->finding[0].kind, N1_KIND_N_PLUS_ONE);
    n1_report_free(r);
}

/* Another database, so no name tells; small numbers, so the values alone could be a counter's. But each look-up came between
 * fetching its row and the next. */
static void in_step_with_a_cursor(void **state)
{
    (void)state;
    struct script *s = script_new();
    uint64_t list = script_open(s, "list:10 main:3", "SELECT id FROM customer", "");
    for (int i = 1; i <= 30; i++) {
        script_row(s, list, (uint32_t)i - 1, fmt("%d", i));
        s->connection = 2;
        script_query(s, "list:12 main:3", "SELECT v FROM pref WHERE cid = ?", fmt("%d", i), fmt("v%d", i));
        s->connection = 1;
    }
    script_end(s, list, 30);
    struct n1_report *r = script_report(s);
    assert_int_equal(r->n_findings, 1);
    assert_int_equal(r->finding[0].kind, N1_KIND_N_PLUS_ONE);
    assert_int_equal(r->finding[0].suggestion.action, N1_ACTION_IN_BULK);
    n1_report_free(r);
}

/* Literals in the text, as psycopg2 sends them. */
static void literals_in_the_text(void **state)
{
    (void)state;
    EACH_SIZE(n)
    {
        struct script *s = script_new();
        s->dialect = N1_DIALECT_POSTGRES;
        s->with_literals = true;
        script_query(s, "list:10 main:3", posts, "", rows_of((int)n, author_of));
        for (int i = 1; i <= (int)n; i++)
            script_query(s, "show:12 main:4", "SELECT id, name FROM blog_author WHERE id = ? LIMIT ?",
                         fmt("%d,21", author_of(i)), fmt("%d,Name", author_of(i)));
        expect_one(
            s, n,
            fmt("n_plus_one proven select_related(author) blog_post.author_id->blog_author.id x%d at show:12", (int)n));
    }
}

static void aggregate_per_row(void **state)
{
    (void)state;
    EACH_SIZE(n)
    {
        struct script *s = script_new();
        script_query(s, "list:10 main:3", posts, "", rows_of((int)n, author_of));
        for (int i = 1; i <= (int)n; i++)
            script_query(s, "show:12 main:4", "SELECT count(*) FROM blog_comment WHERE post_id = ?", fmt("%d", i),
                         fmt("%d", i % 4));
        expect_one(
            s, n, fmt("n_plus_one proven annotate(comment) blog_post.id->blog_comment.post_id x%d at show:12", (int)n));
    }
}

static void deferred_column(void **state)
{
    (void)state;
    EACH_SIZE(n)
    {
        struct script *s = script_new();
        script_query(s, "list:10 main:3", "SELECT id, title FROM blog_post", "", rows_of((int)n, author_of));
        for (int i = 1; i <= (int)n; i++)
            script_query(s, "show:12 main:4", "SELECT id, body FROM blog_post WHERE id = ?", fmt("%d", i),
                         fmt("%d,Text %d", i, i));
        expect_one(s, n, fmt("n_plus_one proven load_columns() blog_post.id->blog_post.id x%d at show:12", (int)n));
    }
}

/* A table of the same name in another schema is another table: its columns are not the parent's own. */
static void own_row_of_another_schema(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT id, title FROM main.blog_post", "", rows_of(12, author_of));
    for (int i = 1; i <= 12; i++)
        script_query(s, "show:12 main:4", "SELECT id, body FROM old.blog_post WHERE id = ?", fmt("%d", i),
                     fmt("%d,Text %d", i, i));
    struct n1_report *report = script_report(s);
    assert_int_equal(report->n_findings, 1);
    assert_int_equal(report->finding[0].confidence, N1_PROVEN);
    assert_int_not_equal(report->finding[0].suggestion.action, N1_ACTION_LOAD_COLUMNS);
    n1_report_free(report);
}

/* post → author → country: two findings, the second caused by the first. */
static void nested_chain(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", posts, "", rows_of(5, author_of));
    for (int i = 1; i <= 5; i++) {
        script_query(s, "show:12 main:4", "SELECT id, country_id FROM blog_author WHERE id = ?",
                     fmt("%d", author_of(i)), fmt("%d,%d", author_of(i), 60 - i));
        script_query(s, "show:13 main:4", "SELECT id, name FROM blog_country WHERE id = ?", fmt("%d", 60 - i),
                     fmt("%d,Land", 60 - i));
    }
    struct n1_report *r = script_report(s);
    assert_int_equal(r->n_findings, 2);
    const struct n1_finding *country =
        strcmp(r->finding[0].link.child_table, "blog_country") == 0 ? &r->finding[0] : &r->finding[1];
    const struct n1_finding *author = country == &r->finding[0] ? &r->finding[1] : &r->finding[0];
    assert_string_equal(country->link.parent_table, "blog_author");
    assert_string_equal(country->suggestion.argument, "country");
    assert_string_equal(author->suggestion.argument, "author");
    assert_null(author->caused_by);
    assert_string_equal(country->caused_by, author->id);
    n1_report_free(r);
}

/* a, b, a, b …: the second child's parameter also stands in the first child's rows, as an echo. */
static void two_queries_per_row(void **state)
{
    (void)state;
    EACH_SIZE(n)
    {
        struct script *s = script_new();
        script_query(s, "list:10 main:3", posts, "", rows_of((int)n, author_of));
        for (int i = 1; i <= (int)n; i++) {
            script_query(s, "show:12 main:4", "SELECT id, post_id FROM blog_comment WHERE post_id = ?", fmt("%d", i),
                         fmt("%d,%d;%d,%d", 200 + 2 * i, i, 201 + 2 * i, i));
            script_query(s, "show:13 main:4", "SELECT id, post_id FROM blog_like WHERE post_id = ?", fmt("%d", i),
                         fmt("%d,%d;%d,%d", 900 + 2 * i, i, 901 + 2 * i, i));
        }
        if (n < 2)
            script_expect(s, 0);
        else
            script_expect(
                s, 2,
                fmt("n_plus_one proven prefetch_related(comment) blog_post.id->blog_comment.post_id x%d at show:12",
                    (int)n),
                fmt("n_plus_one proven prefetch_related(like) blog_post.id->blog_like.post_id x%d at show:13", (int)n));
    }
}

static void all_rows_share_one_parent(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", posts, "", "1,5;2,5;3,5;4,5;5,5;6,5");
    for (int i = 1; i <= 6; i++)
        script_query(s, "show:12 main:4", "SELECT id, name FROM blog_author WHERE id = ?", "5", "5,Asha");
    script_expect(s, 1, "n_plus_one proven select_related(author) blog_post.author_id->blog_author.id x6 at show:12");
}

/* Few authors, many posts: what the look-ups themselves returned must not hide the list, nor must their flags. */
static void few_values_many_rows(void **state)
{
    (void)state;
    struct script *s = script_new();
    GString *rows = g_string_new(NULL);
    for (int i = 1; i <= 600; i++)
        g_string_append_printf(rows, "%s%d,%d", i > 1 ? ";" : "", i, i * 5 % 3 + 1);
    script_query(s, "list:10 main:3", posts, "", rows->str);
    g_string_free(rows, TRUE);
    for (int i = 1; i <= 600; i++)
        script_query(s, "show:12 main:4", "SELECT id, name, active, level FROM blog_author WHERE id = ?",
                     fmt("%d", i * 5 % 3 + 1), fmt("%d,Name,1,%d", i * 5 % 3 + 1, i % 3 + 1));
    script_expect(s, 1, "n_plus_one proven select_related(author) blog_post.author_id->blog_author.id x600 at show:12");
}

/* A generator: the parent is still being fetched while its children run. */
static void open_cursor(void **state)
{
    (void)state;
    EACH_SIZE(n)
    {
        struct script *s = script_new();
        uint64_t list = script_open(s, "list:10 main:3", posts, "");
        for (int i = 1; i <= (int)n; i++) {
            script_row(s, list, (uint32_t)i - 1, fmt("%d,%d", i, author_of(i)));
            script_query(s, "show:12 main:4", "SELECT id, name FROM blog_author WHERE id = ?", fmt("%d", author_of(i)),
                         fmt("%d,Name", author_of(i)));
        }
        script_end(s, list, n);
        expect_one(
            s, n,
            fmt("n_plus_one proven select_related(author) blog_post.author_id->blog_author.id x%d at show:12", (int)n));
    }
}

static void server_side_cursor(void **state)
{
    (void)state;
    struct script *s = script_new();
    s->dialect = N1_DIALECT_POSTGRES;
    script_query(s, "list:10 main:3", "DECLARE c1 CURSOR FOR SELECT id, author_id FROM blog_post", "", "");
    for (int page = 0; page < 3; page++) {
        script_query(s, "list:11 main:3", "FETCH FORWARD 2 FROM c1", "",
                     fmt("%d,%d;%d,%d", 2 * page + 1, 7 - page, 2 * page + 2, 30 + page));
        for (int i = 0; i < 2; i++)
            script_query(s, "show:12 main:4", "SELECT id, name FROM blog_author WHERE id = $1",
                         fmt("%d", i ? 30 + page : 7 - page), fmt("%d,Name", i ? 30 + page : 7 - page));
    }
    script_query(s, "list:11 main:3", "CLOSE c1", "", "");
    script_expect(s, 1, "n_plus_one proven select_related(author) blog_post.author_id->blog_author.id x6 at show:12");
}

/* Pages of rows, each with its loop: one finding over all pages. */
static void pages_with_loops(void **state)
{
    (void)state;
    struct script *s = script_new();
    int last = 0;
    for (int page = 0; page < 4; page++) {
        script_query(s, "page:10 main:3", "SELECT id, author_id FROM blog_post WHERE id > ? ORDER BY id LIMIT 3",
                     fmt("%d", last),
                     fmt("%d,%d;%d,%d;%d,%d", last + 1, author_of(last + 1), last + 2, author_of(last + 2), last + 3,
                         author_of(last + 3)));
        for (int i = 1; i <= 3; i++)
            script_query(s, "show:12 main:4", "SELECT id, name FROM blog_author WHERE id = ?",
                         fmt("%d", author_of(last + i)), fmt("%d,Name", author_of(last + i)));
        last += 3;
    }
    script_expect(s, 1, "n_plus_one proven select_related(author) blog_post.author_id->blog_author.id x12 at show:12");
}

/* Parent rows in the main thread, look-ups in four workers. */
static void worker_threads(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", posts, "", rows_of(20, author_of));
    for (int i = 1; i <= 20; i++) {
        s->tid = 2 + (uint32_t)i % 4;
        s->connection = s->tid;
        script_query(s, "work:40 thread:1", "SELECT id, name FROM blog_author WHERE id = ?", fmt("%d", author_of(i)),
                     fmt("%d,Name", author_of(i)));
    }
    script_expect(s, 1, "n_plus_one proven select_related(author) blog_post.author_id->blog_author.id x20 at work:40");
}

/* The first call goes through other frames of the library than the later ones. */
static void cold_and_warm(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", posts, "", rows_of(2, author_of));
    for (int i = 1; i <= 2; i++)
        script_query(s, i == 1 ? "!execute:9 !compile:4 show:12 main:4" : "!execute:9 show:12 main:4",
                     "SELECT id, name FROM blog_author WHERE id = ?", fmt("%d", author_of(i)),
                     fmt("%d,Name", author_of(i)));
    script_expect(s, 1, "n_plus_one proven select_related(author) blog_post.author_id->blog_author.id x2 at show:12");
}

/* Every third row is looked up, and something else runs between. */
static void some_of_the_rows(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", posts, "", rows_of(30, author_of));
    for (int i = 3; i <= 30; i += 3) {
        script_query(s, "show:12 main:4", "SELECT id, name FROM blog_author WHERE id = ?", fmt("%d", author_of(i)),
                     fmt("%d,Name", author_of(i)));
        script_query(s, "log:50 main:5", "INSERT INTO log (t) VALUES (datetime('now'))", "", "");
        script_pause(s, 30);
    }
    script_expect(s, 1, "n_plus_one proven select_related(author) blog_post.author_id->blog_author.id x10 at show:12");
}

/* First level eager, second lazy: one finding, at level two. */
static void second_level_lazy(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", posts, "", "1,11;2,12;3,13");
    script_query(s, "list:10 main:3", "SELECT id, name FROM blog_author WHERE id IN (?, ?, ?)", "11,12,13",
                 "11,a;12,b;13,c");
    for (int i = 11; i <= 13; i++)
        script_query(s, "show:12 main:4", "SELECT id, author_id FROM blog_book WHERE author_id = ?", fmt("%d", i),
                     fmt("%d,%d;%d,%d", 3 * i, i, 3 * i + 1, i));
    script_expect(s, 1, "n_plus_one proven prefetch_related(book) blog_author.id->blog_book.author_id x3 at show:12");
}

static void two_loops_on_two_lines(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", posts, "", rows_of(5, author_of));
    for (int line = 12; line <= 20; line += 8) {
        for (int i = 1; i <= 5; i++)
            script_query(s, fmt("list:%d main:3", line), "SELECT id, name FROM blog_author WHERE id = ?",
                         fmt("%d", author_of(i)), fmt("%d,Name", author_of(i)));
    }
    script_expect(s, 2, "n_plus_one proven select_related(author) blog_post.author_id->blog_author.id x5 at list:12",
                  "n_plus_one proven select_related(author) blog_post.author_id->blog_author.id x5 at list:20");
}

/* A tree walked depth first: the stacks differ in depth only. */
static void recursion(void **state)
{
    (void)state;
    struct script *s = script_new();
    const char *sql = "SELECT id FROM node WHERE parent_id = ?";
    script_query(s, "walk:5 main:3", sql, "1", "2;3");
    script_query(s, "walk:5 walk:6 main:3", sql, "2", "4;5");
    script_query(s, "walk:5 walk:6 walk:6 main:3", sql, "4", "");
    script_query(s, "walk:5 walk:6 walk:6 main:3", sql, "5", "");
    script_query(s, "walk:5 walk:6 main:3", sql, "3", "6;7");
    script_query(s, "walk:5 walk:6 walk:6 main:3", sql, "6", "");
    script_query(s, "walk:5 walk:6 walk:6 main:3", sql, "7", "");
    struct n1_report *r = script_report(s);
    assert_int_equal(r->n_findings, 1);
    assert_int_equal(r->finding[0].kind, N1_KIND_N_PLUS_ONE);
    assert_non_null(strstr(r->finding[0].suggestion.text, "recursive"));
    n1_report_free(r);
}

/* 101 queries against 1 (join) and 2 (second query). */
static void counts_of_the_advice(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", posts, "", rows_of(100, author_of));
    for (int i = 1; i <= 100; i++)
        script_query(s, "show:12 main:4", "SELECT id, name FROM blog_author WHERE id = ?", fmt("%d", author_of(i)),
                     fmt("%d,Name", author_of(i)));
    struct n1_report *r = script_report(s);
    assert_int_equal(r->totals.statements, 101);
    assert_int_equal(r->n_findings, 1);
    assert_int_equal(r->finding[0].evidence.parent_rows, 100);
    assert_int_equal(r->finding[0].evidence.distinct_parameters, 13);
    assert_int_equal(r->finding[0].evidence.matched_parameters, 13);
    assert_true(r->finding[0].evidence.in_order);
    assert_int_equal(r->finding[0].suggestion.queries_before, 101);
    assert_int_equal(r->finding[0].suggestion.queries_after, 1);
    assert_int_equal(r->finding[0].suggestion.saved_ns, 100 * 5000);
    n1_report_free(r);
}

/* LIMIT with an order picks one of several: no join brings it. */
static void latest_of_each(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT id, title FROM book", "", rows_of(12, author_of));
    for (int i = 1; i <= 12; i++)
        script_query(s, "show:12 main:4", "SELECT body FROM review WHERE book_id = ? ORDER BY id DESC LIMIT 1",
                     fmt("%d", i), "good");
    script_expect(s, 1, "n_plus_one proven prefetch_related(review) book.id->review.book_id x12 at show:12");
}

/* The program's ids among a catalogue's small numbers. */
static void after_the_catalogue(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT id, author_id FROM post", "", "1,2;2,1");
    for (int i = 0; i < 12; i++)
        script_query(s, "show:12 main:4", fmt("PRAGMA table_info(t%d)", i), "", "0,1,1;1,2,1;2,1,2");
    for (int i = 2; i >= 1; i--)
        script_query(s, "show:12 main:4", "SELECT id, name FROM author WHERE id = ?", fmt("%d", i), fmt("%d,N", i));
    script_expect(s, 1, "n_plus_one proven select_related(author) post.author_id->author.id x2 at show:12");
}

static void prepared_in_sql(void **state)
{
    (void)state;
    struct script *s = script_new();
    s->dialect = N1_DIALECT_POSTGRES;
    script_query(s, "list:8 main:3", "PREPARE by_id (int) AS SELECT name FROM author WHERE id = $1", "", "");
    script_query(s, "list:10 main:3", "SELECT id, author_id FROM post", "", "1,4;2,3;3,7;4,9;5,2");
    s->with_literals = true;
    static const int ids[] = {4, 3, 7, 9, 2};
    for (int i = 0; i < 5; i++)
        script_query(s, "show:12 main:4", "EXECUTE by_id (?)", fmt("%d", ids[i]), "N");
    script_expect(s, 1, "n_plus_one proven select_related(author) post.author_id->author.id x5 at show:12");
}

/* A flag that is one and the same in all rows and in all look-ups drives nothing, whatever its name. */
static void a_flag_is_no_key(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT id, fuzzy FROM translation WHERE lang = ?", "4711",
                 "8101,90210;8102,90210;8103,90210;8104,90210;8105,90210;8106,90210");
    for (int i = 1; i <= 6; i++)
        script_query(s, "show:12 main:4", "SELECT value FROM translation WHERE fuzzy = ? AND source = ?",
                     fmt("90210,%d", 3000 + i * i), "x");
    struct n1_report *r = script_report(s);
    for (size_t i = 0; i < r->n_findings; i++)
        assert_int_not_equal(r->finding[i].kind, N1_KIND_N_PLUS_ONE);
    n1_report_free(r);
}

/* One line of the program, one library, two statements: each is shown with the functions that it went through. */
static void a_stack_is_its_statements_own(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "!open:1 main:3", "SELECT id, author_id FROM post", "", rows_of(10, author_of));
    for (int i = 1; i <= 10; i++)
        script_query(s, "!fetch:2 !walk:7 main:3", "SELECT id, name FROM author WHERE id = ?", fmt("%d", author_of(i)),
                     fmt("%d,x", author_of(i)));
    struct n1_report *r = script_report(s);
    assert_int_equal(r->n_findings, 1);
    const struct n1_finding *f = &r->finding[0];
    assert_string_equal(f->parent.stack.frame[0].function, "open");
    assert_string_equal(f->child.stack.frame[0].function, "fetch");
    assert_int_equal(f->child.stack.count, 3);
    assert_string_equal(f->child.location.function, "main");
    n1_report_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_key),
        cmocka_unit_test(reverse_key),
        cmocka_unit_test(many_to_many),
        cmocka_unit_test(certain_before_guessed),
        cmocka_unit_test(in_step_with_a_cursor),
        cmocka_unit_test(literals_in_the_text),
        cmocka_unit_test(aggregate_per_row),
        cmocka_unit_test(deferred_column),
        cmocka_unit_test(own_row_of_another_schema),
        cmocka_unit_test(nested_chain),
        cmocka_unit_test(two_queries_per_row),
        cmocka_unit_test(all_rows_share_one_parent),
        cmocka_unit_test(few_values_many_rows),
        cmocka_unit_test(open_cursor),
        cmocka_unit_test(server_side_cursor),
        cmocka_unit_test(pages_with_loops),
        cmocka_unit_test(worker_threads),
        cmocka_unit_test(cold_and_warm),
        cmocka_unit_test(some_of_the_rows),
        cmocka_unit_test(second_level_lazy),
        cmocka_unit_test(two_loops_on_two_lines),
        cmocka_unit_test(recursion),
        cmocka_unit_test(counts_of_the_advice),
        cmocka_unit_test(latest_of_each),
        cmocka_unit_test(after_the_catalogue),
        cmocka_unit_test(prepared_in_sql),
        cmocka_unit_test(a_flag_is_no_key),
        cmocka_unit_test(a_stack_is_its_statements_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
