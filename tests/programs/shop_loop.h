/* What the victims on the shop's database (examples/c_sqlite: 120 orders, 40 customers) share: the N+1 loop itself. */
#ifndef N1_TESTS_PROGRAMS_SHOP_LOOP_H
#define N1_TESTS_PROGRAMS_SHOP_LOOP_H

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

static inline sqlite3 *shop_open(const char *path)
{
    sqlite3 *db;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", path, sqlite3_errmsg(db));
        exit(1);
    }
    return db;
}

/* Steps over the orders (one statement) and looks up each one's customer (one statement each) until `count` orders are
 * done; calls `stop` then, in mid-loop with the parent unfinished, unless it is NULL. */
static inline void shop_loop(sqlite3 *db, int count, void (*stop)(void))
{
    sqlite3_stmt *orders, *customer;
    if (sqlite3_prepare_v2(db, "SELECT id, customer_id FROM shop_order ORDER BY id", -1, &orders, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "SELECT name FROM customer WHERE id = ?", -1, &customer, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s\n", sqlite3_errmsg(db));
        exit(1);
    }
    for (int i = 0; i < count && sqlite3_step(orders) == SQLITE_ROW; i++) {
        sqlite3_bind_int(customer, 1, sqlite3_column_int(orders, 1));
        while (sqlite3_step(customer) == SQLITE_ROW)
            ;
        sqlite3_reset(customer);
    }
    if (stop)
        stop();
    sqlite3_finalize(customer);
    sqlite3_finalize(orders);
}

#endif
