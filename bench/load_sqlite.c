/* load_sqlite LOAD COUNT PATHS: statements on a database in memory with 10,000 rows.
 *   lookup    a prepared look-up by key: bind, step, column, step, reset
 *   prepare   the same, prepared and finalized each time
 *   scan      1000 rows a statement, three columns read of each
 *   sparse    the same by keys that do not follow each other
 *   texts     the same by keys of text */
#include "load.h"

#include <sqlite3.h>
#include <string.h>

struct shop {
    sqlite3 *db;
    sqlite3_stmt *statement;
};

static const char items[] = "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price INTEGER);"
                            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
                            " INSERT INTO item SELECT i, 'item ' || i, i * 31 % 997 FROM n";
static const char parts[] =
    "CREATE TABLE part (id INTEGER PRIMARY KEY, name TEXT, price INTEGER, number INTEGER, code TEXT);"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
    " INSERT INTO part SELECT i, 'item ' || i, i * 31 % 997, i * 7907, printf('item-%06d', i) FROM n";
static const char lookup_sql[] = "SELECT name FROM item WHERE id = ?";
static const char scan_sql[] = "SELECT id, name, price FROM item WHERE id > ? ORDER BY id LIMIT 1000";

static const char sparse_sql[] = "SELECT number AS ref, name, price FROM part WHERE id > ? ORDER BY id LIMIT 1000";
static const char texts_sql[] = "SELECT code AS ref, name, price FROM part WHERE id > ? ORDER BY id LIMIT 1000";

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
        fprintf(stderr, "load_sqlite: %s\n", sqlite3_errmsg(db));
        exit(1);
    }
    return statement;
}

static int look_up(sqlite3_stmt *statement, long i)
{
    int sum = 0;
    sqlite3_bind_int64(statement, 1, i * 7919 % 10000 + 1);
    while (sqlite3_step(statement) == SQLITE_ROW)
        sum += sqlite3_column_bytes(statement, 0);
    sqlite3_reset(statement);
    return sum;
}

static int lookup(void *context, long i)
{
    struct shop *shop = context;
    return look_up(shop->statement, i);
}

static int prepare_each(void *context, long i)
{
    struct shop *shop = context;
    sqlite3_stmt *statement = prepare(shop->db, lookup_sql);
    int sum = look_up(statement, i);
    sqlite3_finalize(statement);
    return sum;
}

static int scan(void *context, long i)
{
    struct shop *shop = context;
    int sum = 0;
    sqlite3_bind_int64(shop->statement, 1, i * 7919 % 9000);
    while (sqlite3_step(shop->statement) == SQLITE_ROW)
        sum += sqlite3_column_int(shop->statement, 0) + sqlite3_column_bytes(shop->statement, 1) +
               sqlite3_column_int(shop->statement, 2);
    sqlite3_reset(shop->statement);
    return sum & 0xff;
}

static int scan_texts(void *context, long i)
{
    struct shop *shop = context;
    int sum = 0;
    sqlite3_bind_int64(shop->statement, 1, i * 7919 % 9000);
    while (sqlite3_step(shop->statement) == SQLITE_ROW)
        sum += sqlite3_column_text(shop->statement, 0)[5] + sqlite3_column_bytes(shop->statement, 1) +
               sqlite3_column_int(shop->statement, 2);
    sqlite3_reset(shop->statement);
    return sum & 0xff;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name, *tables, *sql;
        int (*work)(void *context, long i);
    } loads[] = {{"lookup", items, lookup_sql, lookup},
                 {"prepare", items, lookup_sql, prepare_each},
                 {"scan", items, scan_sql, scan},
                 {"sparse", parts, sparse_sql, scan},
                 {"texts", parts, texts_sql, scan_texts}};
    for (size_t i = 0; argc == 4 && i < sizeof loads / sizeof loads[0]; i++) {
        if (strcmp(argv[1], loads[i].name) != 0)
            continue;
        struct shop shop;
        if (sqlite3_open(":memory:", &shop.db) != SQLITE_OK ||
            sqlite3_exec(shop.db, loads[i].tables, NULL, NULL, NULL) != SQLITE_OK)
            return 1;
        shop.statement = prepare(shop.db, loads[i].sql);
        load_run(loads[i].work, &shop, atol(argv[2]), atol(argv[3]));
        sqlite3_finalize(shop.statement);
        sqlite3_close(shop.db);
        return 0;
    }
    fprintf(stderr, "usage: load_sqlite lookup|prepare|scan|sparse|texts COUNT PATHS\n");
    return 2;
}
