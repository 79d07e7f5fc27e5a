/* Loops over requests, and loops inside of one: a web framework's frames lie between the program's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/analyzer_script.h"

#define FLASK  " !/flask/app.py/dispatch_request:40 !/flask/app.py/wsgi_app:50 !/werkzeug/test.py/run_wsgi_app:60"
#define BEFORE " !/flask/app.py/preprocess_request:38 !/flask/app.py/wsgi_app:50 !/werkzeug/test.py/run_wsgi_app:60"

static int double_of(int i)
{
    return 2 * i;
}

static int same_of(int i)
{
    return i + 1000;
}

/* One place makes all requests: the list, then each of its rows in order. */
static void pages_behind_a_list(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "books:10" FLASK " main:3", "SELECT id, title FROM book", "", rows_of(30, same_of));
    for (int i = 1; i <= 30; i++)
        script_query(s, "book:20" FLASK " main:3", "SELECT title FROM book WHERE id = ?", fmt("%d", i), "x");
    script_expect(s, 0);
}

/* The script reads the list itself: the values are its own, and so may be the loop. */
static void requests_for_the_scripts_own_list(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "main:2", "SELECT id, title FROM book", "", rows_of(30, same_of));
    for (int i = 1; i <= 30; i++)
        script_query(s, "book:20" FLASK " main:3", "SELECT title FROM book WHERE id = ?", fmt("%d", i), "x");
    script_expect(s, 1, "query_loop possible in_bulk() x30 at book:20");
}

/* A server without the web: sqlgrey's on Net::Server asks the same for each mail. */
static void requests_of_a_mail_server(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 1; i <= 30; i++)
        script_query(s, "awl:12 mux_input:27 !/perl5/Net/Server/Multiplex.pm/mux_input:220 !loop:659 main:2697",
                     "SELECT 1 FROM awl WHERE src = ?", fmt("%d", i), "");
    script_expect(s, 1, "query_loop possible in_bulk() x30 at awl:12");
}

static void loop_inside_of_a_handler(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "books:10" FLASK " main:3", "SELECT id, author_id FROM book", "", rows_of(30, double_of));
    for (int i = 1; i <= 30; i++)
        script_query(s, "books:11" FLASK " main:3", "SELECT name FROM author WHERE id = ?", fmt("%d", 2 * i), "x");
    script_expect(s, 1, "n_plus_one proven select_related(author) book.author_id->author.id x30 at books:11");
}

/* The handler is a library's, and calls one of the program's functions for each field: all of it is one request. */
static void resolvers_of_a_query_language(void **state)
{
    (void)state;
#define GRAPHQL " !/graphql/execution/execute.py/resolve_field:540 !/graphene/view.py/dispatch:80" FLASK " main:3"
    struct script *s = script_new();
    script_query(s, "resolve_books:10" GRAPHQL, "SELECT id, author_id FROM book", "", rows_of(30, double_of));
    for (int i = 1; i <= 30; i++) {
        script_query(s, "resolve_author:20" GRAPHQL, "SELECT name FROM author WHERE id = ?", fmt("%d", 2 * i), "x");
        script_query(s, "resolve_price:30" GRAPHQL, "SELECT price FROM tariff WHERE zone = ?", fmt("zone-%d", 31 * i),
                     "5");
    }
    script_expect(s, 2, "n_plus_one proven select_related(author) book.author_id->author.id x30 at resolve_author:20",
                  "query_loop possible in_bulk() x30 at resolve_price:30");
}

/* What the framework calls before each handler reads the list that the handler walks. */
static void list_read_before_the_handler(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "menu:5" BEFORE " main:3", "SELECT id, author_id FROM book", "", rows_of(30, double_of));
    for (int i = 1; i <= 30; i++)
        script_query(s, "books:11" FLASK " main:3", "SELECT name FROM author WHERE id = ?", fmt("%d", 2 * i), "x");
    script_expect(s, 1, "n_plus_one proven select_related(author) book.author_id->author.id x30 at books:11");
}

/* Each request asks who it is first: between its look-ups the thread was elsewhere. */
static void requests_with_a_session(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 1; i <= 30; i++) {
        script_query(s, "who:5" BEFORE " main:3", "SELECT login FROM session WHERE sid = ?", "abcdefgh", "ada");
        script_query(s, "book:20" FLASK " main:3", "SELECT title FROM book WHERE id = ?", fmt("%d", i), "x");
    }
    script_expect(s, 0);
}

/* The program's own middleware is a layer, and no handler that loops. */
static void requests_through_own_middleware(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 1; i <= 30; i++) {
        script_query(s, "__call__:6" FLASK " main:3", "SELECT login FROM session WHERE sid = ?",
                     fmt("%d", i % 2 + 5000), "ada");
        script_query(s, "book:20 __call__:7" FLASK " main:3", "SELECT title FROM book WHERE id = ?", fmt("%d", i), "x");
    }
    script_expect(s, 0);
}

/* Tasks of one thread, all of which have come to the same question before the first answer is there. */
static void ask_at_once(struct script *s, int tasks)
{
    uint64_t asked[32];
    for (int i = 1; i <= tasks; i++) {
        s->connection = (uint32_t)i;
        script_query(s, "request:5 !asyncio:6", "SELECT 1 FROM pg_type", "", "1");
    }
    for (int i = 1; i <= tasks; i++) {
        s->connection = (uint32_t)i;
        asked[i] = script_open(s, "request:7 !asyncio:6", "SELECT guest_code FROM booking WHERE code = ?",
                               fmt("bk-%d", 37 * i));
    }
    for (int i = 1; i <= tasks; i++) {
        s->connection = (uint32_t)i;
        script_row(s, asked[i], 0, fmt("g-%d", 41 * i));
        script_end(s, asked[i], 1);
    }
}

/* Each goes on with what it found: a request on a connection of its own, in whatever order the answers came. */
static void tasks_in_step(void **state)
{
    (void)state;
    struct script *s = script_new();
    ask_at_once(s, 12);
    for (int i = 1; i <= 12; i++) {
        s->connection = (uint32_t)i;
        script_query(s, "request:8 !asyncio:6", "SELECT name FROM guest WHERE code = ?", fmt("g-%d", 41 * i), "x");
    }
    script_expect(s, 0);
}

/* Nothing follows: one job, given to a pool's connections. */
static void one_job_side_by_side(void **state)
{
    (void)state;
    struct script *s = script_new();
    ask_at_once(s, 12);
    script_expect(s, 1, "query_loop likely in_bulk() x12 at request:7");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_behind_a_list),
        cmocka_unit_test(requests_for_the_scripts_own_list),
        cmocka_unit_test(requests_of_a_mail_server),
        cmocka_unit_test(loop_inside_of_a_handler),
        cmocka_unit_test(list_read_before_the_handler),
        cmocka_unit_test(resolvers_of_a_query_language),
        cmocka_unit_test(tasks_in_step),
        cmocka_unit_test(one_job_side_by_side),
        cmocka_unit_test(requests_with_a_session),
        cmocka_unit_test(requests_through_own_middleware),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
