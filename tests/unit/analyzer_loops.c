/* Loops without a parent, duplicates, writes, and values written back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/analyzer_script.h"

static void query_loop_over_a_list_of_keys(void **state)
{
    (void)state;
    for (int n = 9; n <= 10; n++) {
        struct script *s = script_new();
        for (int i = 1; i <= n; i++)
            script_query(s, "price:7 main:3", "SELECT id, price FROM product WHERE sku = ?", fmt("sku-%d", i * 37),
                         fmt("%d,5", i));
        if (n < 10)
            script_expect(s, 0);
        else
            script_expect(s, 1, "query_loop likely in_bulk() x10 at price:7");
    }
}

/* A pause cuts the stretch, and what comes after is too short to be one: all look-ups are evidence all the same. */
static void pauses_cost_no_evidence(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 1; i <= 17; i++) {
        if (i == 13)
            script_pause(s, 60000);
        script_query(s, "price:7 main:3", "SELECT id, price FROM product WHERE sku = ?", fmt("sku-%d", i * 37),
                     fmt("%d,5", i));
    }
    script_expect(s, 1, "query_loop likely in_bulk() x17 at price:7");
}

static void one_row_again_and_again(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 1; i <= 30; i++)
        script_query(s, "hit:7 main:3", "UPDATE hits SET n = ? WHERE page = ?", fmt("%d,/home", 1000 + i * 3), "");
    script_expect(s, 1, "write_loop likely update_expression() x30 at hit:7");

    s = script_new();
    for (int i = 1; i <= 30; i++)
        script_query(s, "hit:7 main:3", "UPDATE hits SET n = ? WHERE page = ?", fmt("%d,/page/%d", 1000 + i * 3, i),
                     "");
    script_expect(s, 1, "write_loop likely bulk_update() x30 at hit:7");
}

/* A driver that was given all rows: no loop of the user's, and with SQLite no round trips. */
static void loops_of_drivers(void **state)
{
    static const struct {
        const char *stack;
        enum n1_dialect dialect;
        bool is_loop;
    } cases[] = {
        {"!executemany:0 store:7 main:3", N1_DIALECT_SQLITE, false},
        {"!executemany:0 !do_executemany:9 store:7 main:3", N1_DIALECT_SQLITE, false},
        {"!DBI::st::execute_for_fetch:5 store:7 main:3", N1_DIALECT_SQLITE, false},
        {"!executemany:0 store:7 main:3", N1_DIALECT_POSTGRES, true},
        {"store:7 !executemany:0 main:3", N1_DIALECT_SQLITE, true}, /* a generator that writes while it is asked */
        {"executemany:7 main:3", N1_DIALECT_SQLITE, true},          /* the user's own function of that name */
        {"!execute:0 store:7 main:3", N1_DIALECT_SQLITE, true},
    };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct script *s = script_new();
        s->dialect = cases[k].dialect;
        for (int i = 1; i <= 30; i++)
            script_query(s, cases[k].stack, "INSERT INTO t (a, b) VALUES (?, ?)", fmt("%d,x%d", i, i), "");
        if (!cases[k].is_loop)
            script_expect(s, 0);
        else if (cases[k].stack[0] == 'e')
            script_expect(s, 1, "write_loop likely bulk_create() x30 at executemany:7");
        else
            script_expect(s, 1, "write_loop likely bulk_create() x30 at store:7");
    }
}

/* One call in the same line as a loop: two places, one of them a loop. */
static void loop_beside_a_drivers(void **state)
{
    (void)state;
    struct script *s = script_new();
    s->dialect = N1_DIALECT_SQLITE;
    for (int i = 1; i <= 60; i++)
        script_query(s, i <= 30 ? "!executemany:0 store:7 main:3" : "!execute:0 store:7 main:3",
                     "INSERT INTO t (a) VALUES (?)", fmt("%d", i), "");
    script_expect(s, 1, "write_loop likely bulk_create() x30 at store:7");
}

/* One sale after the other, each a transaction of several writes. Alone in its transaction, a write is a loop's. */
static void units_of_work(void **state)
{
    (void)state;
    for (int is_joint = 0; is_joint < 2; is_joint++) {
        struct script *s = script_new();
        for (int i = 1; i <= 30; i++) {
            script_query(s, "sell:5 main:3", "BEGIN", "", "");
            if (is_joint)
                script_query(s, "sell:6 main:3", "UPDATE account SET balance = balance + ? WHERE aid = ?",
                             fmt("%d,%d", 500 + i * 13, i * 7919), "");
            script_query(s, "sell:8 main:3", "INSERT INTO history (aid, delta) VALUES (?, ?)",
                         fmt("%d,%d", i * 7919, 500 + i * 13), "");
            script_query(s, "sell:9 main:3", "COMMIT", "", "");
        }
        if (is_joint)
            script_expect(s, 0);
        else
            script_expect(s, 1, "write_loop likely bulk_create() x30 at sell:8");
    }
}

/* The batch goes over the column that varies, whichever stands first. */
static void batches_what_varies(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 1; i <= 30; i++)
        script_query(s, "show:7 main:3", "SELECT x FROM note WHERE kind = ? AND ref = ?", fmt("9,ref-%d", i * 37), "x");
    struct n1_report *r = script_report(s);
    assert_int_equal(r->n_findings, 1);
    assert_non_null(r->finding[0].suggestion.sql);
    assert_non_null(strstr(r->finding[0].suggestion.sql, "ref IN (?)"));
    assert_null(strstr(r->finding[0].suggestion.sql, "kind IN"));
    n1_report_free(r);
}

static void same_answer_again(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 1; i <= 8; i++) {
        script_query(s, "theme:7 main:3", "SELECT value FROM settings WHERE name = ?", "theme", "dark");
        script_query(s, "work:9 main:3", "INSERT INTO log (n) VALUES (datetime('now'))", "", "");
    }
    struct n1_report *r = script_report(s);
    int duplicates = 0;
    for (size_t i = 0; i < r->n_findings; i++)
        duplicates += r->finding[i].kind == N1_KIND_DUPLICATE_QUERY && r->finding[i].evidence.executions == 8 &&
                      r->finding[i].suggestion.action == N1_ACTION_CACHE;
    assert_int_equal(duplicates, 1);
    n1_report_free(r);
}

static void same_key_in_a_loop_is_a_duplicate(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 1; i <= 8; i++)
        script_query(s, "rate:7 main:3", "SELECT rate FROM tax WHERE country = ?", "de", "19");
    script_expect(s, 1, "duplicate_query proven cache() x8 at rate:7");
}

/* php-fpm and the like: a connection a request, requests without a pause. */
static void same_answer_on_new_connections(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 1; i <= 20; i++) {
        s->connection = (uint32_t)i;
        script_query(s, "page:7 main:3", "SELECT value FROM settings WHERE name = ?", "theme", "dark");
    }
    script_expect(s, 0);
}

/* Cursors that stay open carry their parameters at their beginning only. */
static void open_cursors_with_other_parameters(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 1; i <= 8; i++) {
        uint64_t list = script_open(s, "rate:7 main:3", "SELECT rate FROM tax WHERE country = ?", fmt("country %d", i));
        script_row(s, list, 0, fmt("%d", 10000 + i));
        script_end(s, list, 1);
    }
    script_expect(s, 0);
}

static void inserts_one_by_one(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 1; i <= 20; i++)
        script_query(s, "load:7 main:3", "INSERT INTO item (name, n) VALUES (?, ?)", fmt("name %d,%d", i, i), "");
    script_expect(s, 1, "write_loop likely bulk_create() x20 at load:7");
}

static void updates_of_listed_rows(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:5 main:3", "SELECT id, name FROM item", "", "11,a;12,b;13,c;14,d;15,e;16,f");
    for (int i = 11; i <= 16; i++)
        script_query(s, "mark:7 main:3", "UPDATE item SET seen_at = ? WHERE id = ?", fmt("2024-01-%d,%d", i, i), "");
    script_expect(s, 1, "write_loop proven bulk_update() item.id->item.id x6 at mark:7");
}

static void stock_written_back(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "sell:5 main:3", "SELECT id, stock FROM item WHERE id = ?", "7", "7,41");
    script_query(s, "sell:6 main:3", "UPDATE item SET stock = ? WHERE id = ?", "40,7", "");
    script_expect(s, 1, "read_modify_write likely update_expression() x1 at sell:6");

    s = script_new(); /* the database computes */
    script_query(s, "sell:5 main:3", "SELECT id, stock FROM item WHERE id = ?", "7", "7,41");
    script_query(s, "sell:6 main:3", "UPDATE item SET stock = stock - ? WHERE id = ?", "1,7", "");
    script_expect(s, 0);

    s = script_new(); /* locked */
    s->dialect = N1_DIALECT_POSTGRES;
    script_query(s, "sell:5 main:3", "SELECT id, stock FROM item WHERE id = $1 FOR UPDATE", "7", "7,41");
    script_query(s, "sell:6 main:3", "UPDATE item SET stock = $1 WHERE id = $2", "40,7", "");
    script_expect(s, 0);

    s = script_new(); /* compared */
    script_query(s, "sell:5 main:3", "SELECT id, stock, version FROM item WHERE id = ?", "7", "7,41,3");
    script_query(s, "sell:6 main:3", "UPDATE item SET stock = ?, version = ? WHERE id = ? AND version = ?", "40,4,7,3",
                 "");
    script_expect(s, 0);

    s = script_new(); /* another row */
    script_query(s, "sell:5 main:3", "SELECT id, stock FROM item WHERE id = ?", "7", "7,41");
    script_query(s, "sell:6 main:3", "UPDATE item SET stock = ? WHERE id = ?", "40,8", "");
    script_expect(s, 0);
}

/* Rows that a loop wrote are read back by the key that the write returned. */
static void read_after_write(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 1; i <= 8; i++) {
        script_query(s, "add:7 main:3", "INSERT INTO entry (note) VALUES (?) RETURNING id", fmt("n%d", i),
                     fmt("%d", 500 + i));
        script_query(s, "add:9 main:3", "SELECT id, note FROM entry WHERE id = ?", fmt("%d", 500 + i),
                     fmt("%d,n%d", 500 + i, i));
    }
    script_expect(s, 2, "write_loop likely bulk_create() x8 at add:7",
                  "n_plus_one proven load_columns() entry.id->entry.id x8 at add:9");
}

/* SELECT, then a transaction around the INSERT: the commit does not end the loop of the SELECTs. */
static void transactions_between_reads(void **state)
{
    (void)state;
    struct script *s = script_new();
    for (int i = 1; i <= 12; i++) {
        script_query(s, "get:7 main:3", "SELECT id FROM tag WHERE name = ?", fmt("word-%d", i * 37), "");
        script_query(s, "put:8 main:3", "BEGIN", "", "");
        script_query(s, "put:9 main:3", "INSERT INTO tag (name) VALUES (?)", fmt("word-%d", i * 37), "");
        script_query(s, "put:10 main:3", "COMMIT", "", "");
    }
    script_expect(s, 2, "query_loop possible in_bulk() x12 at get:7", "write_loop likely bulk_create() x12 at put:9");
}

/* Each row of a list is read, changed and written back: not only the first one's. */
static void every_row_of_a_list(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "pay:7 main:3", "SELECT id, balance FROM account", "", "1,1000;2,2000;3,3000;4,4000");
    for (int i = 1; i <= 4; i++)
        script_query(s, "pay:9 main:3", "UPDATE account SET balance = ? WHERE id = ?", fmt("%d,%d", i * 1000 + 20, i),
                     "");
    script_expect(s, 1, "read_modify_write likely update_expression() x4 at pay:9");
}

/* More of them are a loop that writes row by row: one finding, which says the other. A row that is written again and again is that other. */
static void one_update_is_one_finding(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "pay:7 main:3", "SELECT id, balance FROM account", "", "1,1000;2,2000;3,3000;4,4000;5,5000;6,6000");
    for (int i = 1; i <= 6; i++)
        script_query(s, "pay:9 main:3", "UPDATE account SET balance = ? WHERE id = ?", fmt("%d,%d", i * 1000 + 20, i),
                     "");
    struct n1_report *r = script_report(s);
    assert_int_equal(r->n_findings, 1);
    assert_int_equal(r->finding[0].kind, N1_KIND_WRITE_LOOP);
    assert_int_equal(r->finding[0].evidence.executions, 6);
    assert_non_null(strstr(r->finding[0].suggestion.text, "another session"));
    n1_report_free(r);

    s = script_new();
    for (int i = 0; i < 12; i++) {
        script_query(s, "hit:7 main:3", "SELECT hits FROM counter WHERE name = ?", "home", fmt("%d", 4000 + i));
        script_query(s, "hit:8 main:3", "UPDATE counter SET hits = ? WHERE name = ?", fmt("%d,home", 4001 + i), "");
    }
    script_expect(s, 1, "read_modify_write likely update_expression() x12 at hit:8");
}

/* Tables of one name in two schemas (of PostgreSQL, or ATTACHed) are two tables. */
static void tables_of_two_schemas(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "copy:7 main:3", "SELECT id, stock FROM old.item WHERE id = ?", "7", "7,41");
    script_query(s, "copy:9 main:3", "UPDATE main.item SET stock = ? WHERE id = ?", "42,7", "");
    script_expect(s, 0);

    s = script_new();
    script_query(s, "sell:7 main:3", "SELECT id, stock FROM main.item WHERE id = ?", "7", "7,41");
    script_query(s, "sell:9 main:3", "UPDATE item SET stock = ? WHERE id = ?", "40,7", "");
    script_expect(s, 1, "read_modify_write likely update_expression() x1 at sell:9");
}

/* In SQLite nobody commits between a transaction's read and its write. */
static void read_inside_a_transaction(void **state)
{
    (void)state;
    for (int inside = 0; inside <= 1; inside++) {
        struct script *s = script_new();
        if (inside)
            script_query(s, "pay:6 main:3", "BEGIN", "", "");
        script_query(s, "pay:7 main:3", "SELECT balance FROM account WHERE id = ?", "1", "1000");
        if (!inside)
            script_query(s, "pay:8 main:3", "BEGIN", "", "");
        script_query(s, "pay:9 main:3", "UPDATE account SET balance = ? WHERE id = ?", "990,1", "");
        script_query(s, "pay:10 main:3", "COMMIT", "", "");
        if (inside)
            script_expect(s, 0);
        else
            script_expect(s, 1, "read_modify_write likely update_expression() x1 at pay:9");
    }
}

/* Rows of a link table are marked one by one, by both columns of their key. Another list holds one of the two values as well. */
static void writes_by_a_key_of_two_columns(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "plan:8 main:2", "SELECT course_id, title FROM course", "",
                 "7031,a;7032,b;7033,c;7034,d;7035,e;7036,f");
    script_query(s, "pay:10 main:3", "SELECT course_id, pupil_id FROM enrolment WHERE paid = ?", "0",
                 "7031,9101;7032,9102;7033,9103;7034,9104;7035,9105;7036,9106");
    for (int i = 1; i <= 6; i++)
        script_query(s, "pay:12 main:3", "UPDATE enrolment SET paid = ? WHERE course_id = ? AND pupil_id = ?",
                     fmt("1,%d,%d", 7030 + i, 9100 + i), "");
    script_expect(s, 1, "write_loop proven bulk_update() enrolment.course_id->enrolment.course_id x6 at pay:12");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(query_loop_over_a_list_of_keys),
        cmocka_unit_test(loops_of_drivers),
        cmocka_unit_test(loop_beside_a_drivers),
        cmocka_unit_test(units_of_work),
        cmocka_unit_test(batches_what_varies),
        cmocka_unit_test(one_row_again_and_again),
        cmocka_unit_test(pauses_cost_no_evidence),
        cmocka_unit_test(same_answer_again),
        cmocka_unit_test(same_key_in_a_loop_is_a_duplicate),
        cmocka_unit_test(same_answer_on_new_connections),
        cmocka_unit_test(open_cursors_with_other_parameters),
        cmocka_unit_test(inserts_one_by_one),
        cmocka_unit_test(updates_of_listed_rows),
        cmocka_unit_test(stock_written_back),
        cmocka_unit_test(read_after_write),
        cmocka_unit_test(transactions_between_reads),
        cmocka_unit_test(every_row_of_a_list),
        cmocka_unit_test(one_update_is_one_finding),
        cmocka_unit_test(tables_of_two_schemas),
        cmocka_unit_test(read_inside_a_transaction),
        cmocka_unit_test(writes_by_a_key_of_two_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
