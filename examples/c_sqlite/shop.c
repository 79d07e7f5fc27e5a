/* An ordinary program on SQLite: a shop's orders and their customers. It knows nothing of the profiler.
 *   shop DATABASE seed | slow | fast | slow_reverse | fast_reverse
 * slow asks for each order's customer, fast joins; slow_reverse asks for each customer's orders, fast_reverse reads
 * them all at once. A pair prints the same. Try: n1prof run -- shop shop.db slow */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int shop_customer_name(sqlite3_stmt *find_customer, int id, char *name, size_t size);
int shop_print_orders(sqlite3 *db);
int shop_print_orders_joined(sqlite3 *db);
int shop_count_orders(sqlite3_stmt *find_orders, int customer_id, int *total);
int shop_print_customers(sqlite3 *db);
int shop_print_customers_at_once(sqlite3 *db);
int shop_seed(sqlite3 *db);

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
        fprintf(stderr, "shop: %s\n", sqlite3_errmsg(db));
        exit(1);
    }
    return statement;
}

int shop_customer_name(sqlite3_stmt *find_customer, int id, char *name, size_t size)
{
    sqlite3_bind_int(find_customer, 1, id);
    int rc = sqlite3_step(find_customer);
    if (rc == SQLITE_ROW)
        snprintf(name, size, "%s", (const char *)sqlite3_column_text(find_customer, 0));
    sqlite3_reset(find_customer);
    return rc == SQLITE_ROW ? 0 : 1;
}

int shop_print_orders(sqlite3 *db)
{
    sqlite3_stmt *orders = prepare(db, "SELECT id, customer_id, total FROM shop_order ORDER BY id");
    sqlite3_stmt *find_customer = prepare(db, "SELECT name FROM customer WHERE id = ?");
    int failed = 0;
    while (!failed && sqlite3_step(orders) == SQLITE_ROW) {
        char name[64] = "";
        failed = shop_customer_name(find_customer, sqlite3_column_int(orders, 1), name, sizeof name);
        printf("order %d of %s: %d\n", sqlite3_column_int(orders, 0), name, sqlite3_column_int(orders, 2));
    }
    sqlite3_finalize(find_customer);
    sqlite3_finalize(orders);
    return failed;
}

int shop_print_orders_joined(sqlite3 *db)
{
    sqlite3_stmt *orders = prepare(db, "SELECT o.id, c.name, o.total FROM shop_order o "
                                       "JOIN customer c ON c.id = o.customer_id ORDER BY o.id");
    while (sqlite3_step(orders) == SQLITE_ROW)
        printf("order %d of %s: %d\n", sqlite3_column_int(orders, 0), (const char *)sqlite3_column_text(orders, 1),
               sqlite3_column_int(orders, 2));
    return sqlite3_finalize(orders) != SQLITE_OK;
}

int shop_count_orders(sqlite3_stmt *find_orders, int customer_id, int *total)
{
    int count = 0;
    sqlite3_bind_int(find_orders, 1, customer_id);
    while (sqlite3_step(find_orders) == SQLITE_ROW) {
        *total += sqlite3_column_int(find_orders, 1);
        count++;
    }
    sqlite3_reset(find_orders);
    return count;
}

int shop_print_customers(sqlite3 *db)
{
    sqlite3_stmt *customers = prepare(db, "SELECT id, name FROM customer ORDER BY id");
    sqlite3_stmt *find_orders = prepare(db, "SELECT id, total FROM shop_order WHERE customer_id = ? ORDER BY id");
    while (sqlite3_step(customers) == SQLITE_ROW) {
        int total = 0;
        int count = shop_count_orders(find_orders, sqlite3_column_int(customers, 0), &total);
        printf("%s: %d orders, %d\n", (const char *)sqlite3_column_text(customers, 1), count, total);
    }
    sqlite3_finalize(find_orders);
    return sqlite3_finalize(customers) != SQLITE_OK;
}

int shop_print_customers_at_once(sqlite3 *db)
{
    sqlite3_stmt *customers = prepare(db, "SELECT id, name FROM customer ORDER BY id");
    sqlite3_stmt *orders = prepare(db, "SELECT customer_id, total FROM shop_order ORDER BY customer_id, id");
    int has_order = sqlite3_step(orders) == SQLITE_ROW;
    while (sqlite3_step(customers) == SQLITE_ROW) {
        int total = 0, count = 0;
        while (has_order && sqlite3_column_int(orders, 0) == sqlite3_column_int(customers, 0)) {
            total += sqlite3_column_int(orders, 1);
            count++;
            has_order = sqlite3_step(orders) == SQLITE_ROW;
        }
        printf("%s: %d orders, %d\n", (const char *)sqlite3_column_text(customers, 1), count, total);
    }
    sqlite3_finalize(orders);
    return sqlite3_finalize(customers) != SQLITE_OK;
}

int shop_seed(sqlite3 *db)
{
    const char *script =
        "DROP TABLE IF EXISTS shop_order; DROP TABLE IF EXISTS customer;"
        "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
        "CREATE TABLE shop_order (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer(id),"
        "                         total INTEGER NOT NULL);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)"
        "  INSERT INTO customer SELECT i, 'Customer ' || i FROM n;"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)"
        "  INSERT INTO shop_order SELECT i, i * 7 % 40 + 1, i * 31 % 97 FROM n;";
    char *message = NULL;
    if (sqlite3_exec(db, script, NULL, NULL, &message) == SQLITE_OK)
        return 0;
    fprintf(stderr, "shop: %s\n", message);
    sqlite3_free(message);
    return 1;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(sqlite3 *db);
    } actions[] = {
        {"seed", shop_seed},
        {"slow", shop_print_orders},
        {"fast", shop_print_orders_joined},
        {"slow_reverse", shop_print_customers},
        {"fast_reverse", shop_print_customers_at_once},
    };
    for (size_t i = 0; argc == 3 && i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(argv[2], actions[i].name) != 0)
            continue;
        sqlite3 *db;
        if (sqlite3_open(argv[1], &db) != SQLITE_OK) {
            fprintf(stderr, "shop: %s: %s\n", argv[1], sqlite3_errmsg(db));
            return 1;
        }
        int status = actions[i].run(db);
        sqlite3_close(db);
        return status;
    }
    fprintf(stderr, "usage: shop DATABASE seed|slow|fast|slow_reverse|fast_reverse\n");
    return 2;
}
