/* Every scenario with the first, second, third ... allocation failing, until one run needs no more: in the arena (here a
 * block for each piece, so that every orm_alloc() can fail), in SQLite and in libpq; alone, and with all that follow.
 * Each run gives the right answer or a MemoryError; afterwards no cursor and no transaction is open, the rows are those of
 * before or behind the whole scenario, and the scope answers. Leaks are the sanitizer's business.
 *     test_memory [--pg] [--every N]      every N-th allocation only, for a quick run */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing.h"
#include "scenarios.h"

const char *scenario_postgres_url;
static const char *url = "sqlite::memory:";
static unsigned long every = 1;
static orm_db *db;
static struct seen rows_before;

void seen_add(struct seen *out, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(out->text + out->n, sizeof out->text - out->n, fmt, ap);
    va_end(ap);
    if (n > 0 && out->n + (size_t)n < sizeof out->text)
        out->n += (size_t)n;
}

void seen_error(struct seen *out, orm_db *of)
{
    if (orm_status_of(of) == ORM_OK || orm_status_of(of) == ORM_NOMEM)
        return;
    seen_add(out, "[%s: %s]", orm_status_name(orm_status_of(of)), orm_errmsg(of));
    orm_clear(of);
}

/* ---- the rows -------------------------------------------------------------------------------------------------------------- */

static void insert(const char *sql)
{
    orm_run_text(db, sql, true);
    if (orm_status_of(db) != ORM_OK)
        fail_msg("%s", orm_errmsg(db));
}

static void put_rows(void)
{
    static const char *const tables[] = {"blog_note",    "blog_post_tags", "blog_post",
                                         "blog_profile", "blog_tag",       "blog_author"};
    char sql[64];
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        snprintf(sql, sizeof sql, "DELETE FROM %s", tables[i]);
        insert(sql);
    }
    insert("INSERT INTO blog_author (id, name, age) VALUES (1, 'ann', 30), (2, 'bob', NULL), (3, 'cid', 20)");
    insert("INSERT INTO blog_profile (id, author_id, bio) VALUES (1, 1, 'first')");
    insert("INSERT INTO blog_tag (id, name) VALUES (1, 'a'), (2, 'b')");
    insert("INSERT INTO blog_post (id, author_id, editor_id, title, views, likes, price, published, featured, day, "
           "created, "
           "weight) VALUES "
           "(1, 1, 2, 'Alpha', 10, 1, 1.5, true, true, '2026-02-28', '2025-12-31 23:59:59.999999', 0.5),"
           "(2, 1, NULL, 'beta 100%', 20, 30, NULL, true, NULL, '2026-02-28', '2026-01-01 00:00:00', 0),"
           "(3, 2, 1, 'Gamma_x', 30, 3, 2.5, false, false, '2026-02-28', '2026-06-07 13:05:09', 0),"
           "(4, 2, NULL, 'alphabet', 5, 5, 2.5, true, false, NULL, '2026-12-07 13:05:09', 0)");
    insert("INSERT INTO blog_post_tags (id, post_id, tag_id) VALUES (1, 1, 1), (2, 1, 2), (3, 2, 1), (4, 3, 2)");
    insert("INSERT INTO blog_note (id, post_id, rank) VALUES (1, 3, 1)");
}

/* Every row, keys that the database made up left out. */
static void see_rows(struct seen *out)
{
    *out = (struct seen){.n = 0};
    orm_each(Author, a, orm_from(db, Author, order_by("name", "age")))
        seen_add(out, "%s %d;", a->name, a->age.set ? (int)a->age.v : -1);
    orm_each(Post, p, orm_from(db, Post, order_by("title"), prefetch_related("tags"), select_related("author")))
    {
        seen_add(out, "%s %d %d %s %d:", p->title, (int)p->views, (int)p->price.v.coef, Post_author(p)->name,
                 p->editor.set);
        orm_each(Tag, t, Post_tags(p)) seen_add(out, "%s,", t->name);
    }
    seen_add(out, "%d", (int)orm_count(orm_all(db, Note)));
    if (orm_status_of(db) != ORM_OK)
        fail_msg("the scope is not usable: %s", orm_errmsg(db));
}

static int set_up(void **state)
{
    (void)state;
    db = orm_open(url);
    if (strncmp(url, "postgres", 8) == 0) {
        orm_run_text(db, "CREATE SCHEMA IF NOT EXISTS orm_memory", true);
        orm_run_text(db, "SET search_path TO orm_memory", true);
    }
    orm_create_tables(db);
    /* keys that are made up begin behind those given */
    for (int i = 0; i < 10 && strncmp(url, "postgres", 8) == 0; i++)
        insert("SELECT nextval('blog_author_id_seq'), nextval('blog_post_id_seq'), nextval('blog_tag_id_seq'), "
               "nextval('blog_post_tags_id_seq')");
    put_rows();
    see_rows(&rows_before);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    orm_close(db);
    return 0;
}

/* ---- the runs -------------------------------------------------------------------------------------------------------------- */

struct expected {
    struct seen seen, rows;
};

static void check_run(const struct scenario *s, const struct expected *e, const struct seen *got, unsigned long at,
                      bool for_ever)
{
    orm_status status = orm_status_of(db);
    struct seen rows = {.n = 0};
    if (status != ORM_NOMEM && strcmp(got->text, e->seen.text) != 0)
        fail_msg("%s(%s), allocation %lu%s: saw %s\ninstead of %s", s->name, s->text ? s->text : "", at,
                 for_ever ? " and on" : "", got->text, e->seen.text);
    if (db->depth || db->cursors || db->guard)
        fail_msg("%s, allocation %lu: something stays open: depth %u, owed %u, cursor %d, guard %d, %s", s->name, at,
                 db->depth, db->owed, db->cursors != NULL, db->guard != NULL, orm_errmsg(db));
    orm_clear(db);
    see_rows(&rows);
    bool is_kept = strcmp(rows.text, e->rows.text) == 0, is_undone = strcmp(rows.text, rows_before.text) == 0;
    if (status == ORM_NOMEM ? !is_kept && !is_undone : !is_kept)
        fail_msg("%s, allocation %lu%s: the rows are\n%s\ninstead of\n%s", s->name, at, for_ever ? " and on" : "",
                 rows.text, e->rows.text);
    if (!is_undone)
        put_rows();
}

/* What the scope has learned from earlier runs: everything, nothing, and it may not learn. */
enum memory_of_shapes { SHAPES_KEPT, SHAPES_DROPPED, SHAPES_OFF };

static void run_scenario(const struct scenario *s, enum memory_of_shapes shapes, bool for_ever)
{
    static struct expected e;
    static struct seen got;
    size_t mark = orm_mark(db);
    unsigned long at = 1 + (unsigned long)(unsigned char)(s->text ? s->text[0] : s->name[1]) % every, n_failed = 0;
    db->shapes.is_off = shapes == SHAPES_OFF;
    for (int i = 0; i < 2; i++) { /* the second time statements are prepared */
        e.seen = (struct seen){.n = 0};
        s->run(db, s->text, &e.seen);
        assert_int_equal(orm_status_of(db), ORM_OK);
        see_rows(&e.rows);
        put_rows();
    }
    if (e.seen.n == 0 && !s->changes_rows)
        fail_msg("%s(%s) sees nothing", s->name, s->text ? s->text : "");
    for (bool fired = true; fired; at += every) {
        got = (struct seen){.n = 0};
        if (shapes == SHAPES_DROPPED)
            orm_shapes_release(&db->shapes);
        failing_start(at, for_ever);
        s->run(db, s->text, &got);
        fired = failing_stop();
        n_failed += orm_status_of(db) == ORM_NOMEM;
        check_run(s, &e, &got, at, for_ever);
        orm_rewind(db, mark);
    }
    assert_true(n_failed > 0);
    if (getenv("N1_TEST_VERBOSE"))
        print_message("%s(%s): %lu allocations, %lu errors: %s\n", s->name, s->text ? s->text : "", at, n_failed,
                      e.seen.text);
}

static void test_each(void **state)
{
    for (const struct scenario *s = *state; s->name; s++) {
        run_scenario(s, SHAPES_KEPT, false);
        run_scenario(s, SHAPES_DROPPED, false);
        run_scenario(s, SHAPES_OFF, true);
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--pg") == 0)
            url = scenario_postgres_url = getenv("N1_TEST_PG_URL");
        else if (strcmp(argv[i], "--every") == 0 && i + 1 < argc)
            every = strtoul(argv[++i], NULL, 10);
    }
    if (!url || every == 0) {
        fputs("N1_TEST_PG_URL is not set, or --every 0\n", stderr);
        return 1;
    }
    setenv("PGGSSENCMODE", "disable", 1); /* libgssapi itself dies without memory */
    setenv("PGSSLMODE", "disable", 1);
    const struct CMUnitTest tests[] = {
        {"test_reading", test_each, set_up, tear_down, (void *)(uintptr_t)read_scenarios},
        {"test_shell", test_each, set_up, tear_down, (void *)(uintptr_t)shell_scenarios},
        {"test_writing", test_each, set_up, tear_down, (void *)(uintptr_t)write_scenarios}};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
