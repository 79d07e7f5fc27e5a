/* What looks like a loop and is none: no finding of any kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/analyzer_script.h"

static int double_of(int i)
{
    return 2 * i;
}

/* Ids 1..30 of one table, then a loop over 1..9 into another: small numbers meet. */
static void counting_loop_after_a_list(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT id, title FROM product", "", rows_of(30, double_of));
    for (int i = 1; i <= 9; i++)
        script_query(s, "slot:12 main:4", "SELECT name FROM shelf WHERE id = ?", fmt("%d", i), "shelf");
    script_expect(s, 0);
}

/* The same with thirty: a loop it is, but nobody may say that the list drives it. */
static void counting_loop_is_no_n_plus_one(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT id, title FROM product", "", rows_of(30, double_of));
    for (int i = 1; i <= 30; i++)
        script_query(s, "slot:12 main:4", "SELECT name FROM shelf WHERE id = ?", fmt("%d", i), "shelf");
    script_expect(s, 1, "query_loop likely in_bulk() x30 at slot:12");
}

/* Requests with a list of one and one look-up each, and two of them at the same time. */
static void one_look_up_per_request(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 1; i <= 50; i++) {
        s->tid = 1 + (uint32_t)i % 2;
        script_query(s, "handle:10 serve:3", "SELECT id, user_id FROM session WHERE token = ?",
                     fmt("token-%d", i * 7919), fmt("%d,%d", i, i % 9 + 1));
        s->tid = 1 + (uint32_t)i % 2;
        script_query(s, "handle:11 serve:3", "SELECT id, name FROM users WHERE id = ?", fmt("%d", i % 9 + 1),
                     fmt("%d,x", i % 9 + 1));
        script_pause(s, 30);
    }
    script_expect(s, 0);
}

/* A page lists users; later requests show single ones of them. */
static void details_after_a_list(void **state)
{
    (void)state;
    struct script *s = script_new();
    static const int wanted[] = {17, 3, 25, 3, 8, 29, 11};
    script_query(s, "list_view:10 dispatch:5 main:3", "SELECT id, name FROM users", "", rows_of(30, double_of));
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        script_pause(s, 40);
        script_query(s, "detail_view:20 dispatch:5 main:3", "SELECT id, name, bio FROM users WHERE id = ?",
                     fmt("%d", wanted[i]), fmt("%d,x,y", wanted[i]));
    }
    script_expect(s, 0);
}

/* The same from the script that listed them, as a list of constants asks: no frame tells it from a loop, but it is no walk. */
static void a_few_picked_rows(void **state)
{
    (void)state;
    struct script *s = script_new();
    static const int wanted[] = {33, 5, 12, 47};
    script_query(s, "main:3", "SELECT id, title FROM post", "", rows_of(50, double_of));
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        script_query(s, "show:9 main:5", "SELECT id, author_id FROM post WHERE id = ?", fmt("%d", wanted[i]),
                     fmt("%d,%d", wanted[i], wanted[i] * 7919));
        script_query(s, "show:10 main:5", "SELECT name FROM author WHERE id = ?", fmt("%d", wanted[i] * 7919), "x");
    }
    script_expect(s, 0);
}

/* A counter's first values stand in the list's order by themselves. */
static void a_counter_within_a_list(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "main:3", "SELECT id, title FROM book", "", rows_of(30, double_of));
    for (int i = 1; i <= 4; i++)
        script_query(s, "main:5", "SELECT count(*) FROM chapter WHERE book_id = ?", fmt("%d", i), "2");
    script_expect(s, 0);
}

/* What a dashboard counts for each state stands in the list that was shown before: it is no loop over the list. */
static void classes_of_a_list(void **state)
{
    (void)state;
    static const char *const states[] = {"booked", "in_transit", "delivered", "lost"};
    GString *rows = g_string_new(NULL);
    for (int i = 0; i < 48; i++)
        g_string_append_printf(rows, "%s%d,%s", i > 0 ? ";" : "", 100 + i, states[i % 4]);
    struct script *s = script_new();
    script_query(s, "main:3", "SELECT id, stage FROM consignments", "", rows->str);
    for (size_t i = 0; i < 4; i++)
        script_query(s, "main:5", "SELECT count(*) FROM consignments WHERE stage = ?", states[i], "12");
    g_string_free(rows, TRUE);
    script_expect(s, 0);
}

/* … and each detail brings its own look-up: the list is no loop of theirs. */
static void details_with_look_ups_after_a_list(void **state)
{
    (void)state;
    struct script *s = script_new();
    static const int wanted[] = {17, 3, 25, 3, 8, 29, 11};
    script_query(s, "home:10 dispatch:5 main:3", "SELECT id, title FROM post", "", rows_of(30, double_of));
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        script_query(s, "detail:20 dispatch:5 main:3", "SELECT id, author_id FROM post WHERE id = ?",
                     fmt("%d", wanted[i]), fmt("%d,%d", wanted[i], 40 + wanted[i]));
        script_query(s, "detail:21 dispatch:5 main:3", "SELECT id, name FROM author WHERE id = ?",
                     fmt("%d", 40 + wanted[i]), fmt("%d,x", 40 + wanted[i]));
    }
    script_expect(s, 0);
}

static void batches(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int chunk = 0; chunk < 12; chunk++) {
        int first = chunk * 3;
        script_query(s, "list:10 main:3", "SELECT id, author_id FROM post WHERE id > ? ORDER BY id LIMIT 3",
                     fmt("%d", first),
                     fmt("%d,%d;%d,%d;%d,%d", first + 1, 40 + chunk, first + 2, 60 + chunk, first + 3, 80 + chunk));
        script_query(s, "list:11 main:3", "SELECT id, name FROM author WHERE id IN (?, ?, ?)",
                     fmt("%d,%d,%d", 40 + chunk, 60 + chunk, 80 + chunk),
                     fmt("%d,x;%d,y;%d,z", 40 + chunk, 60 + chunk, 80 + chunk));
    }
    script_expect(s, 0);
}

static void offset_pagination(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int page = 0; page < 20; page++)
        script_query(s, "page:10 main:3", "SELECT id, author_id FROM post ORDER BY id LIMIT ? OFFSET ?",
                     fmt("10,%d", page * 10), fmt("%d,%d;%d,%d", page * 10 + 1, 5, page * 10 + 2, 6));
    script_expect(s, 0);
}

static void keyset_pagination(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int page = 0; page < 20; page++)
        script_query(s, "page:10 main:3", "SELECT id, title FROM post WHERE id > ? ORDER BY id LIMIT 2",
                     fmt("%d", page * 2), fmt("%d,a;%d,b", page * 2 + 1, page * 2 + 2));
    script_expect(s, 0);
}

static void queue_worker(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int job = 1; job <= 20; job++) {
        script_query(s, "take:10 main:3", "BEGIN", "", "");
        script_query(s, "take:11 main:3", "SELECT id, payload_id FROM job WHERE state = ? ORDER BY id LIMIT 1", "0",
                     fmt("%d,%d", job, 100 + job));
        script_query(s, "take:12 main:3", "SELECT id, body FROM payload WHERE id = ?", fmt("%d", 100 + job),
                     fmt("%d,x", 100 + job));
        script_query(s, "take:13 main:3", "UPDATE job SET state = ? WHERE id = ?", fmt("1,%d", job), "");
        script_query(s, "take:14 main:3", "COMMIT", "", "");
    }
    script_expect(s, 0);
}

static void polling(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 0; i < 30; i++) {
        script_query(s, "poll:10 main:3", "SELECT count(*) FROM job WHERE state = ?", "0", "0");
        script_pause(s, 50);
    }
    script_expect(s, 0);
}

static void retries(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 0; i < 8; i++) {
        s->error = i < 7 ? 5 : 0;
        script_query(s, "retry:10 main:3", "SELECT v FROM t WHERE id = ?", "7", i < 7 ? "" : "1");
    }
    script_expect(s, 0);
}

static void savepoints_and_catalogues(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 0; i < 30; i++) {
        script_query(s, "!driver:1 main:3", fmt("SAVEPOINT s%d", i), "", "");
        script_query(s, "!driver:2 main:3", "PRAGMA table_info(post)", "", "0,id,integer");
        script_query(s, "!driver:3 main:3", "SELECT name FROM sqlite_master WHERE name = ?", fmt("table_%d", i), "x");
        script_query(s, "!driver:4 main:3", fmt("RELEASE s%d", i), "", "");
    }
    script_expect(s, 0);
}

static void inserts_in_batches(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 0; i < 20; i++)
        script_query(s, "load:10 main:3", "INSERT INTO t (a, b) VALUES (?, ?), (?, ?)",
                     fmt("%d,1,%d,2", 2 * i, 2 * i + 1), "");
    script_expect(s, 0);
}

static void different_look_ups_of_one_page(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "view:10 main:3", "SELECT id, author_id FROM post WHERE id = ?", "7", "7,3");
    script_query(s, "view:11 main:3", "SELECT id, name FROM author WHERE id = ?", "3", "3,x");
    script_query(s, "view:12 main:3", "SELECT id, post_id FROM comment WHERE post_id = ?", "7", "71,7;72,7;73,7");
    script_query(s, "view:13 main:3", "SELECT count(*) FROM comment WHERE post_id = ?", "7", "3");
    script_query(s, "view:14 main:3", "SELECT value FROM settings WHERE name = ?", "theme", "dark");
    script_expect(s, 0);
}

/* A list whose first row only is followed. */
static void one_row_of_a_list(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT id, author_id FROM post", "", rows_of(30, double_of));
    script_query(s, "show:12 main:4", "SELECT id, name FROM author WHERE id = ?", "2", "2,x");
    script_expect(s, 0);
}

static void repeated_after_a_write(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 0; i < 4; i++) {
        script_query(s, "a:10 main:3", "SELECT sum(v) FROM stock", "", "5");
        script_query(s, "a:11 main:3", "UPDATE stock SET v = v + 1 WHERE id = ?", fmt("%d", 80000 + i * 7919), "");
    }
    script_expect(s, 0);
}

static void nothing_at_all(void **state)
{
    (void)state;
    script_expect(script_new(), 0);
}

/* Each post's author has the number of some other post that is looked up later: a list is walked, not a chain. */
static void a_list_is_no_chain(void **state)
{
    (void)state;
    static const int authors[] = {3, 5, 2, 4, 1};
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT id FROM post WHERE views >= 0", "", "1;2;3;4;5");
    for (int i = 1; i <= 5; i++)
        script_query(s, "show:12 main:4", "SELECT * FROM post WHERE id = ?", fmt("%d", i),
                     fmt("%d,%d", i, authors[i - 1]));
    script_expect(s, 1, "n_plus_one proven load_columns() post.id->post.id x5 at show:12");
}

/* Keys that the program knows, after a loop over orders and their lines: each stands in some order's lines, in no order of them. The
 * lines were gone through long before. */
static void keys_that_old_lists_held(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT order_no FROM open_orders", "", "71301;71302;71303;71304;71305");
    for (int i = 0; i < 5; i++)
        script_query(s, "items:12 main:4", "SELECT pos, product_sku FROM order_line WHERE order_no = ?",
                     fmt("%d", 71301 + i), fmt("1,BREAD-%d;2,BREAD-%d", 100 + i, 105 + i));
    for (int i = 0; i < 6; i++)
        script_query(s, "stock:20 main:9", "SELECT stock FROM product WHERE sku = ?", fmt("BREAD-%d", 100 + i * 7 % 10),
                     "50");
    script_expect(
        s, 1,
        "n_plus_one proven prefetch_related(order_line) open_orders.order_no->order_line.order_no x5 at items:12");
}

/* The same look-ups while each order's lines are at hand, most of them out of a cache: a loop. */
static void keys_that_fresh_lists_held(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT order_no FROM open_orders", "", "71301;71302;71303;71304;71305");
    for (int i = 0; i < 5; i++) {
        script_query(s, "items:12 main:4", "SELECT pos, product_sku FROM order_line WHERE order_no = ?",
                     fmt("%d", 71301 + i), fmt("1,BREAD-100;2,BREAD-%d", 105 + i));
        script_query(s, "stock:20 main:9", "SELECT stock FROM product WHERE sku = ?", fmt("BREAD-%d", 105 + i), "50");
    }
    script_expect(
        s, 2, "n_plus_one proven prefetch_related(order_line) open_orders.order_no->order_line.order_no x5 at items:12",
        "n_plus_one proven select_related(product) order_line.product_sku->product.sku x5 at stock:20");
}

/* Five of a list's rows are opened, from top to bottom as it happens: each page reads its owner and its roles. */
static void opened_from_top_to_bottom(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "main:3", "SELECT id, owner_id FROM tickets ORDER BY id", "", rows_of(30, double_of));
    for (int i = 3; i <= 23; i += 4) {
        script_query(s, "main:5", "SELECT name FROM owners WHERE id = ?", fmt("%d", 2 * i), "x");
        script_query(s, "main:6", "SELECT name FROM roles WHERE instance = ?", fmt("%d", i), "requestor");
    }
    script_expect(s, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counting_loop_after_a_list),
        cmocka_unit_test(counting_loop_is_no_n_plus_one),
        cmocka_unit_test(one_look_up_per_request),
        cmocka_unit_test(details_after_a_list),
        cmocka_unit_test(a_few_picked_rows),
        cmocka_unit_test(opened_from_top_to_bottom),
        cmocka_unit_test(a_counter_within_a_list),
        cmocka_unit_test(classes_of_a_list),
        cmocka_unit_test(details_with_look_ups_after_a_list),
        cmocka_unit_test(batches),
        cmocka_unit_test(offset_pagination),
        cmocka_unit_test(keyset_pagination),
        cmocka_unit_test(queue_worker),
        cmocka_unit_test(polling),
        cmocka_unit_test(retries),
        cmocka_unit_test(savepoints_and_catalogues),
        cmocka_unit_test(inserts_in_batches),
        cmocka_unit_test(different_look_ups_of_one_page),
        cmocka_unit_test(one_row_of_a_list),
        cmocka_unit_test(repeated_after_a_write),
        cmocka_unit_test(nothing_at_all),
        cmocka_unit_test(a_list_is_no_chain),
        cmocka_unit_test(keys_that_old_lists_held),
        cmocka_unit_test(keys_that_fresh_lists_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
