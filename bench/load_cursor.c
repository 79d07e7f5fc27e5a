/* load_cursor COUNT: the N+1 itself, on a database in memory with 10,000 rows: a cursor stays open, and for each of its rows
 * a prepared look-up by a key of the row runs. A statement is a look-up with the row that it is for; the cursor begins anew
 * after 1000 rows. */
#include "load.h"

#include <sqlite3.h>

struct shop {
    sqlite3_stmt *cursor, *lookup;
};

static int row_and_look_up(void *context, long i)
{
    struct shop *shop = context;
    int sum = 0;
    if (i % 1000 == 0) {
        sqlite3_reset(shop->cursor);
        sqlite3_bind_int64(shop->cursor, 1, i * 7919 % 9000);
    }
    if (sqlite3_step(shop->cursor) != SQLITE_ROW)
        return 0;
    sqlite3_bind_int64(shop->lookup, 1, sqlite3_column_int(shop->cursor, 0));
    while (sqlite3_step(shop->lookup) == SQLITE_ROW)
        sum += sqlite3_column_bytes(shop->lookup, 0);
    sqlite3_reset(shop->lookup);
    return sum;
}

int main(int argc, char **argv)
{
    struct shop shop;
    sqlite3 *db;
    if (argc != 2) {
        fprintf(stderr, "usage: load_cursor COUNT\n");
        return 2;
    }
    if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
        sqlite3_exec(db,
                     "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, owner INTEGER);"
                     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
                     " INSERT INTO item SELECT i, 'item ' || i, i * 7919 % 10000 + 1 FROM n",
                     NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "SELECT owner FROM item WHERE id > ? ORDER BY id LIMIT 1000", -1, &shop.cursor, NULL) !=
            SQLITE_OK ||
        sqlite3_prepare_v2(db, "SELECT name FROM item WHERE id = ?", -1, &shop.lookup, NULL) != SQLITE_OK) {
        fprintf(stderr, "load_cursor: %s\n", sqlite3_errmsg(db));
        return 1;
    }
    load_run(row_and_look_up, &shop, atol(argv[1]), 1);
    sqlite3_finalize(shop.lookup);
    sqlite3_finalize(shop.cursor);
    sqlite3_close(db);
    return 0;
}
