/* What goes wrong outside: names, values and orders of calls that cannot be, models that do not fit their tables, files and
 * connections that go away. Each has Django's exception and says where and what instead; the scope works on. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "models.h"
#include "orm/session.h"

static const char *url;
static bool is_postgres;
static char folder[] = "/tmp/orm_mistakes_XXXXXX", file[64], file_url[80];
static orm_db *db;

static void run(orm_db *on, const char *sql)
{
    orm_run_text(on, sql, true);
    if (orm_status_of(on) != ORM_OK)
        fail_msg("%s: %s", sql, orm_errmsg(on));
}

static orm_db *open_scope(void)
{
    orm_db *own = orm_open(url);
    if (is_postgres)
        run(own, "SET search_path TO orm_mistakes");
    return own;
}

static int set_up(void **state)
{
    (void)state;
    if (is_postgres) {
        db = orm_open(url);
        run(db, "DROP SCHEMA IF EXISTS orm_mistakes CASCADE");
        run(db, "CREATE SCHEMA orm_mistakes");
        orm_close(db);
    } else {
        unlink(file);
    }
    db = open_scope();
    orm_create_tables(db);
    Author *ann = orm_create(Author, orm_all(db, Author), "name='ann', age=30");
    for (int i = 0; ann && i < 5; i++)
        orm_create(Post, orm_all(db, Post),
                   "author=?, title=?, views=?, likes=1, published=True, weight=1.0, created='2026-01-01'", &ann->row,
                   "post", i);
    return orm_status_of(db) != ORM_OK;
}

static int tear_down(void **state)
{
    (void)state;
    orm_close(db);
    return 0;
}

static void assert_works(void)
{
    int64_t n = orm_count(orm_all(db, Post));
    if (orm_status_of(db) != ORM_OK || n != 5)
        fail_msg("the scope counts %d: %s %s", (int)n, orm_status_name(orm_status_of(db)), orm_errmsg(db));
}

static void assert_failed(orm_status status, const char *text)
{
    if (orm_status_of(db) != status || !strstr(orm_errmsg(db), text))
        fail_msg("wanted %s with \"%s\", got %s: %s", orm_status_name(status), text, orm_status_name(orm_status_of(db)),
                 orm_errmsg(db));
    orm_clear(db);
}

/* ---- what is written wrong --------------------------------------------------------------------------------------------------- */

static const struct {
    orm_step_op op;
    const char *text;
    orm_status status;
    const char *says, *caret; /* caret: what stands at it, or NULL: no caret */
} texts[] = {
    {ORM_S_FILTER, "titel='x'", ORM_FIELD_ERROR, "Choices are: author, author_id, created", "titel"},
    {ORM_S_FILTER, "views=1, author__nmae='x'", ORM_FIELD_ERROR, "nmae", "author__nmae"},
    {ORM_S_FILTER, "views__gtt=1", ORM_FIELD_ERROR, "Unsupported lookup 'gtt'", "views__gtt"},
    {ORM_S_FILTER, "title__year=1", ORM_FIELD_ERROR, "Unsupported lookup 'year'", "title__year"},
    {ORM_S_FILTER, "views='abc'", ORM_VALUE_ERROR, "expected a number but got 'abc'", "views"},
    {ORM_S_FILTER, "created='tomorrow'", ORM_VALIDATION, "tomorrow", "created"},
    {ORM_S_FILTER, "published='perhaps'", ORM_VALIDATION, "perhaps", "published"},
    {ORM_S_FILTER, "price='much'", ORM_VALIDATION, "much", "price"},
    {ORM_S_FILTER, "views__in=3", ORM_TYPE_ERROR, "needs a list or a queryset", "views__in"},
    {ORM_S_FILTER, "views__isnull=3", ORM_VALUE_ERROR, "True or False", "views__isnull"},
    {ORM_S_FILTER, "views__gt=None", ORM_VALUE_ERROR, "None", "views__gt"},
    {ORM_S_FILTER, "views=F('veiws')", ORM_FIELD_ERROR, "Choices are", "'veiws'"},
    {ORM_S_FILTER, "views=", ORM_SYNTAX, "", NULL},
    {ORM_S_FILTER, "Q(views=1", ORM_SYNTAX, "expected ',' or ')'", NULL},
    {ORM_S_FILTER, "views=Foo('x')", ORM_NAME, "Foo", "Foo"},
    {ORM_S_ANNOTATE, "n=Count('nots')", ORM_FIELD_ERROR, "Choices are", "'nots'"},
    {ORM_S_ANNOTATE, "views=Count('notes')", ORM_VALUE_ERROR, "conflicts with a field on the model", "Count"},
    {ORM_S_ANNOTATE, "F('views') + 1", ORM_ATTRIBUTE, "name it", NULL},
    {ORM_S_ORDER_BY_EXPR, "F('veiws').desc()", ORM_FIELD_ERROR, "Choices are", "'veiws'"},
};

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const orm_val v[] = {orm_v_text(texts[i].text), {.tag = ORM_END}};
        const orm_step steps[] = {{.op = texts[i].op, .text = texts[i].text, .v = v}, {.op = ORM_S_END}};
        orm_qs *failed = orm_chain_(orm_all(db, Post), steps);
        assert_non_null(failed);
        assert_null(orm_iter_(failed, &Post_model));
        assert_int_equal(orm_count(failed), -1);
        const char *message = orm_errmsg(db), *shown = strstr(message, texts[i].text);
        const char *at = texts[i].caret ? strstr(texts[i].text, texts[i].caret) : NULL;
        const char *caret = strrchr(message, '\n');
        size_t column = caret ? strcspn(caret, "^") : 0;
        if (!shown || !caret || (at && column != 5 + (size_t)(at - texts[i].text)))
            fail_msg("no caret at \"%s\": %s", texts[i].caret ? texts[i].caret : texts[i].text, message);
        assert_failed(texts[i].status, texts[i].says);
        assert_works();
    }
}

static void test_order_of_calls(void **state)
{
    (void)state;
    orm_qs *posts = orm_from(db, Post, order_by("id")), *few = orm_chain(posts, slice(0, 2));
    orm_chain(few, filter("views=1"));
    assert_failed(ORM_ASSERTION, "Cannot filter a query once a slice has been taken.");
    orm_chain(few, order_by("views"));
    assert_failed(ORM_ASSERTION, "Cannot reorder a query once a slice has been taken.");
    orm_chain(few, reverse());
    assert_failed(ORM_TYPE_ERROR, "Cannot reverse a query once a slice has been taken.");
    assert_int_equal(orm_delete(few), -1);
    assert_failed(ORM_ASSERTION, "Cannot use 'limit' or 'offset' with delete.");
    assert_int_equal(orm_update(few, "views=1"), -1);
    assert_failed(ORM_ASSERTION, "Cannot update a query once a slice has been taken.");
    orm_chain(posts, slice(-2, -1));
    assert_failed(ORM_ASSERTION, "Negative indexing is not supported.");
    assert_null(orm_iter_(orm_chain(posts, values("id")), &Post_model));
    assert_failed(ORM_TYPE_ERROR, "records");
    assert_null(orm_iter_(posts, &Author_model));
    assert_failed(ORM_TYPE_ERROR, "this queryset gives Post, not Author");
    assert_int_equal(orm_end(db), ORM_TRANSACTION);
    assert_failed(ORM_TRANSACTION, "without orm_begin()");
    assert_works();
}

/* ---- a model and its table ---------------------------------------------------------------------------------------------------- */

static void test_no_such_table(void **state)
{
    (void)state;
    run(db, "DROP TABLE blog_note");
    assert_int_equal(orm_count(orm_all(db, Note)), -1);
    assert_failed(is_postgres ? ORM_PROGRAMMING : ORM_OPERATIONAL, "blog_note");
    assert_works();
    assert_null(orm_create(Note, orm_all(db, Note), "rank=1"));
    assert_failed(is_postgres ? ORM_PROGRAMMING : ORM_OPERATIONAL, "blog_note");
    assert_works();
}

static void test_no_such_column(void **state)
{
    (void)state;
    run(db, "ALTER TABLE blog_author RENAME COLUMN age TO years");
    assert_null(orm_first(Author, orm_all(db, Author)));
    assert_failed(is_postgres ? ORM_PROGRAMMING : ORM_OPERATIONAL, "age");
    assert_works();
    assert_int_equal(orm_count(orm_from(db, Author, filter("name='ann'"))),
                     1); /* what is not asked for is not missed */
    orm_begin(db);
    assert_int_equal(orm_update(orm_all(db, Author), "age=1"), -1);
    assert_failed(is_postgres ? ORM_PROGRAMMING : ORM_OPERATIONAL, "age");
    assert_int_equal(orm_count(orm_all(db, Post)), -1);
    assert_failed(ORM_TRANSACTION, "No queries until orm_end()");
    orm_end(db);
    orm_clear(db);
    assert_works();
}

/* The table takes what the struct cannot hold: the first such row ends the query, named with its column. */
static void test_cells_that_do_not_fit(void **state)
{
    (void)state;
    static const struct {
        const char *column, *value, *says;
    } cells[] = {{"views", "NULL", "column blog_post.views holds None, but the field is declared without null"},
                 {"published", "NULL", "blog_post.published holds None"},
                 {"weight", "NULL", "blog_post.weight holds None"},
                 {"created", "NULL", "blog_post.created holds None"},
                 {"views", "'many'", "blog_post.views holds 'many', which its field cannot take"},
                 {"published", "'perhaps'", "blog_post.published holds 'perhaps'"},
                 {"weight", "'heavy'", "blog_post.weight holds 'heavy'"},
                 {"score", "'high'", "blog_post.score holds 'high'"},
                 {"price", "'much'", "blog_post.price holds 'much'"},
                 {"day", "'someday'", "blog_post.day holds 'someday'"},
                 {"created", "'yesterday'", "blog_post.created holds 'yesterday'"},
                 {"author_id", "'ann'", "blog_post.author_id holds 'ann'"}};
    run(db, "DROP TABLE blog_note");
    run(db, "ALTER TABLE blog_post RENAME TO strict_post");
    run(db, "CREATE TABLE blog_post AS SELECT * FROM strict_post");
    char sql[200], key[40];
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        if (is_postgres && cells[i].value[0] == '\'')
            continue; /* its columns have types */
        snprintf(sql, sizeof sql, "UPDATE blog_post SET %s = %s WHERE id = 3", cells[i].column, cells[i].value);
        run(db, sql);
        assert_null(orm_get(Post, orm_from(db, Post, filter("id=3"))));
        snprintf(key, sizeof key, "Post 3: column blog_post.%s", cells[i].column);
        assert_non_null(strstr(orm_errmsg(db), key));
        assert_failed(ORM_DATA, cells[i].says);
        assert_int_equal(orm_len(orm_all(db, Post)), -1);
        assert_failed(ORM_DATA, cells[i].says);
        Post *later = orm_get(Post, orm_from(db, Post, filter("id=3"), only("title")));
        assert_non_null(later);
        assert_int_equal(orm_load(&later->row, cells[i].column), ORM_DATA);
        assert_failed(ORM_DATA, cells[i].says);
        assert_int_equal(orm_len(orm_from(db, Post, filter("id__lt=3"))), 2);
        snprintf(sql, sizeof sql, "UPDATE blog_post SET %s = (SELECT %s FROM strict_post WHERE id = 3) WHERE id = 3",
                 cells[i].column, cells[i].column);
        run(db, sql);
        assert_works();
        assert_int_equal(orm_len(orm_all(db, Post)), 5);
    }
}

/* ---- a connection that is lost -------------------------------------------------------------------------------------------------- */

static int backend(void)
{
    orm_db *own = db;
    struct orm_statement st = {.sql = "SELECT pg_backend_pid()"};
    struct orm_cursor cur;
    orm_val pid = {.tag = ORM_NULL};
    if (orm_run(own, &st, true, &cur)) {
        if (own->driver->next(&cur, &own->error) > 0)
            own->driver->cell(&cur, 0, ORM_T_INT, &own->arena, &pid);
        orm_finish(own, &cur);
    }
    return (int)pid.u.i;
}

/* Returns when the server has ended the connection of db. */
static void lose_connection(void)
{
    char sql[200];
    int pid = backend();
    orm_db *killer = orm_open(url);
    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d, 5000)", pid);
    run(killer, sql);
    orm_close(killer);
}

/* The search path was the lost connection's. */
static void assert_works_again(void)
{
    run(db, "SET search_path TO orm_mistakes");
    assert_works();
}

static void test_lost_outside(void **state)
{
    (void)state;
    lose_connection();
    assert_int_equal(orm_count(orm_all(db, Post)), -1);
    assert_failed(ORM_OPERATIONAL, "terminating connection");
    assert_works_again();
    lose_connection();
    assert_null(orm_create(Author, orm_all(db, Author), "name='x'"));
    assert_failed(ORM_OPERATIONAL, "");
    assert_works_again();
    Post *p = orm_first(Post, orm_all(db, Post));
    assert_non_null(p);
    lose_connection();
    assert_null(Post_author(p));
    assert_failed(ORM_OPERATIONAL, "");
    assert_works_again();
    assert_string_equal(Post_author(p)->name, "ann");
}

static void test_lost_inside(void **state)
{
    (void)state;
    orm_begin(db);
    orm_update(orm_all(db, Post), "views=100");
    orm_begin(db);
    lose_connection();
    assert_int_equal(orm_update(orm_all(db, Post), "views=200"), -1);
    assert_int_equal(orm_end(db), ORM_OPERATIONAL);
    orm_clear(db);
    assert_int_equal(orm_count(orm_all(db, Post)), -1); /* not on a new connection, outside of what was begun */
    assert_failed(ORM_TRANSACTION, "No queries until orm_end()");
    orm_end(db);
    orm_clear(db);
    assert_works_again();
    assert_int_equal(orm_count(orm_from(db, Post, filter("views__gte=100"))), 0);
}

static void test_lost_at_commit(void **state)
{
    (void)state;
    orm_begin(db);
    orm_update(orm_all(db, Post), "views=100");
    lose_connection();
    assert_int_equal(orm_end(db), ORM_OPERATIONAL);
    assert_failed(ORM_OPERATIONAL, "");
    assert_works_again();
    assert_int_equal(orm_count(orm_from(db, Post, filter("views__gte=100"))), 0);
}

static void test_lost_while_iterating(void **state)
{
    (void)state;
    orm_iterator *it = orm_iterator_open(orm_from(db, Post, order_by("id")), 2);
    assert_non_null(orm_iterator_next(Post, it));
    lose_connection();
    int n = 1;
    while (orm_iterator_next(Post, it))
        n++;
    assert_int_equal(n, 2); /* those that had been fetched */
    assert_failed(ORM_OPERATIONAL, "");
    orm_iterator_close(it);
    orm_clear(db);
    assert_works_again();
}

static void test_no_server(void **state)
{
    (void)state;
    static const char *const urls[] = {"postgresql://nobody@127.0.0.1:1/none",
                                       "postgresql://[",
                                       "nosuch://x",
                                       "",
                                       "sqlite:///nowhere/at/all.db",
                                       "sqlite::memory:?colour=red",
                                       "sqlite::memory:?cache_size=1;DROP",
                                       "sqlite::memory:?cache_size=",
                                       "sqlite::memory:?cache_size=10&mmap_size",
                                       "sqlite::memory:?journal_mode=wal"}; /* only a file can be */
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        orm_db *none = orm_open(urls[i]);
        assert_non_null(none);
        assert_int_equal(orm_status_of(none), ORM_OPERATIONAL);
        assert_true(strlen(orm_errmsg(none)) > 10);
        orm_clear(none);
        assert_int_equal(orm_count(orm_all(none, Post)), -1);
        assert_int_equal(orm_status_of(none), ORM_OPERATIONAL);
        orm_clear(none);
        orm_begin(none);
        orm_end(none);
        orm_close(none);
    }
}

static void test_url_options(void **state)
{
    (void)state;
    char place[] = "/tmp/orm_options.XXXXXX", text[300], odd[200], wal[200];
    assert_non_null(mkdtemp(place));
    snprintf(text, sizeof text,
             "sqlite://%s/a.db?journal_mode=WAL&mmap_size=1048576&cache_size=-4096&synchronous=normal", place);
    orm_db *one = orm_open(text);
    assert_string_equal(orm_errmsg(one), "");
    orm_create_tables(one);
    assert_string_equal(orm_errmsg(one), "");
    snprintf(wal, sizeof wal, "%s/a.db-wal", place);
    assert_int_equal(access(wal, F_OK), 0);
    orm_close(one);
    snprintf(text, sizeof text, "%s/a.db", place);
    assert_int_equal(unlink(text), 0);
    snprintf(odd, sizeof odd, "%s/why?", place); /* no '=': a name */
    snprintf(text, sizeof text, "sqlite://%s", odd);
    one = orm_open(text);
    orm_create_tables(one);
    assert_string_equal(orm_errmsg(one), "");
    orm_close(one);
    assert_int_equal(unlink(odd), 0);
    assert_int_equal(rmdir(place), 0);
}

/* ---- a file that is gone, locked, read-only, broken -------------------------------------------------------------------------------- */

static void test_removed(void **state)
{
    (void)state;
    unlink(file); /* an open file goes on: reading does */
    assert_works();
    orm_close(db);
    db = open_scope(); /* a new, empty one */
    assert_int_equal(orm_count(orm_all(db, Post)), -1);
    assert_failed(ORM_OPERATIONAL, "no such table: blog_post");
}

static void test_locked(void **state)
{
    (void)state;
    orm_db *other = open_scope();
    run(other, "BEGIN EXCLUSIVE");
    run(db, "PRAGMA busy_timeout = 20");
    assert_int_equal(orm_update(orm_all(db, Post), "views=1"), -1);
    assert_failed(ORM_OPERATIONAL, "database is locked");
    orm_begin(db);
    assert_null(orm_create(Author, orm_all(db, Author), "name='x'"));
    assert_int_equal(orm_end(db), ORM_OPERATIONAL);
    assert_failed(ORM_OPERATIONAL, "database is locked");
    run(other, "ROLLBACK");
    assert_works();
    /* a reader keeps the writer's COMMIT waiting: the transaction is undone, not left open */
    orm_iterator *it = orm_iterator_open(orm_from(other, Post, order_by("id")), 1);
    assert_non_null(orm_iterator_next(Post, it));
    orm_begin(db);
    assert_int_equal(orm_update(orm_all(db, Post), "views=100"), 5);
    assert_int_equal(orm_end(db), ORM_OPERATIONAL);
    assert_failed(ORM_OPERATIONAL, "database is locked");
    orm_iterator_close(it);
    assert_int_equal(orm_count(orm_from(db, Post, filter("views=100"))), 0);
    orm_close(other);
    assert_works();
}

static void test_read_only(void **state)
{
    (void)state;
    run(db, "PRAGMA query_only = 1");
    assert_int_equal(orm_update(orm_all(db, Post), "views=1"), -1);
    assert_failed(ORM_OPERATIONAL, "readonly database");
    assert_int_equal(orm_delete(orm_all(db, Author)), -1);
    assert_failed(ORM_OPERATIONAL, "readonly database");
    assert_works();
}

static void overwrite(long at, size_t n)
{
    FILE *f = fopen(file, "r+b");
    assert_non_null(f);
    fseek(f, at, SEEK_SET);
    for (size_t i = 0; i < n; i++)
        fputc('x', f);
    fclose(f);
}

static void test_corrupt(void **state)
{
    (void)state;
    orm_close(db);
    overwrite(4096, 40960); /* behind the first page: the schema is read, no table is */
    db = open_scope();
    assert_null(orm_first(Post, orm_all(db, Post)));
    assert_failed(ORM_DATABASE, "malformed");
    assert_int_equal(orm_update(orm_all(db, Post), "views=1"), -1);
    assert_failed(ORM_DATABASE, "malformed");
    orm_close(db);
    overwrite(0, 100);
    db = open_scope();
    assert_null(orm_first(Post, orm_all(db, Post)));
    assert_failed(ORM_DATABASE, "file is not a database");
    assert_int_equal(orm_inspect(db), ORM_DATABASE);
    orm_clear(db);
}

int main(int argc, char **argv)
{
    is_postgres = argc > 1 && strcmp(argv[1], "--pg") == 0;
    if (is_postgres)
        url = getenv("N1_TEST_PG_URL");
    else if (mkdtemp(folder)) {
        snprintf(file, sizeof file, "%s/db", folder);
        snprintf(file_url, sizeof file_url, "sqlite://%s", file);
        url = file_url;
    }
    if (!url) {
        fputs("no N1_TEST_PG_URL, or no folder\n", stderr);
        return 1;
    }
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest sqlite[] = {
        T(test_url_options),    T(test_texts),     T(test_order_of_calls), T(test_no_such_table),
        T(test_no_such_column), T(test_no_server), T(test_removed),        T(test_cells_that_do_not_fit),
        T(test_locked),         T(test_read_only), T(test_corrupt)};
    const struct CMUnitTest postgres[] = {
        T(test_texts),          T(test_order_of_calls),       T(test_no_such_table),
        T(test_no_such_column), T(test_lost_outside),         T(test_lost_inside),
        T(test_lost_at_commit), T(test_lost_while_iterating), T(test_cells_that_do_not_fit)};
    int status =
        is_postgres ? cmocka_run_group_tests(postgres, NULL, NULL) : cmocka_run_group_tests(sqlite, NULL, NULL);
    if (!is_postgres) {
        unlink(file);
        rmdir(folder);
    }
    return status;
}
