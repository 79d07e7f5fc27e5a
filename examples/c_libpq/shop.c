/* An ordinary program on libpq: a shop's orders and their customers. It knows nothing of the profiler.
 *   shop CONNINFO seed | slow | slow_prepared | fast | slow_reverse | fast_reverse
 * slow asks for each order's customer (slow_prepared by a named statement), fast joins; slow_reverse asks for each
 * customer's orders, fast_reverse groups. A pair prints the same. Try: n1prof run -- shop postgresql:///shop slow */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

PGresult *shop_find_customer(PGconn *db, const char *id);
PGresult *shop_find_customer_prepared(PGconn *db, const char *id);
PGresult *shop_find_orders(PGconn *db, const char *customer_id);
int shop_print_orders(PGconn *db);
int shop_print_orders_prepared(PGconn *db);
int shop_print_orders_joined(PGconn *db);
int shop_print_customers(PGconn *db);
int shop_print_customers_grouped(PGconn *db);
int shop_seed(PGconn *db);

/* The result, or the end of the program. */
static PGresult *must(PGconn *db, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        fprintf(stderr, "shop: %s", PQerrorMessage(db));
        exit(1);
    }
    return result;
}

PGresult *shop_find_customer(PGconn *db, const char *id)
{
    const char *values[] = {id};
    PGresult *found = PQexecParams(db, "SELECT name FROM customer WHERE id = $1", 1, NULL, values, NULL, NULL, 0);
    return must(db, found);
}

PGresult *shop_find_customer_prepared(PGconn *db, const char *id)
{
    const char *values[] = {id};
    PGresult *found = PQexecPrepared(db, "find_customer", 1, values, NULL, NULL, 0);
    return must(db, found);
}

PGresult *shop_find_orders(PGconn *db, const char *customer_id)
{
    const char *values[] = {customer_id};
    PGresult *found = PQexecParams(db, "SELECT id, total FROM shop_order WHERE customer_id = $1 ORDER BY id", 1, NULL,
                                   values, NULL, NULL, 0);
    return must(db, found);
}

static int print_orders(PGconn *db, PGresult *(*find_customer)(PGconn *db, const char *id))
{
    PGresult *orders = must(db, PQexec(db, "SELECT id, customer_id, total FROM shop_order ORDER BY id"));
    for (int i = 0; i < PQntuples(orders); i++) {
        PGresult *customer = find_customer(db, PQgetvalue(orders, i, 1));
        printf("order %s of %s: %s\n", PQgetvalue(orders, i, 0), PQgetvalue(customer, 0, 0), PQgetvalue(orders, i, 2));
        PQclear(customer);
    }
    PQclear(orders);
    return 0;
}

int shop_print_orders(PGconn *db)
{
    return print_orders(db, shop_find_customer);
}

int shop_print_orders_prepared(PGconn *db)
{
    PQclear(must(db, PQprepare(db, "find_customer", "SELECT name FROM customer WHERE id = $1", 1, NULL)));
    return print_orders(db, shop_find_customer_prepared);
}

int shop_print_orders_joined(PGconn *db)
{
    PGresult *orders = must(db, PQexec(db, "SELECT o.id, c.name, o.total FROM shop_order o "
                                           "JOIN customer c ON c.id = o.customer_id ORDER BY o.id"));
    for (int i = 0; i < PQntuples(orders); i++)
        printf("order %s of %s: %s\n", PQgetvalue(orders, i, 0), PQgetvalue(orders, i, 1), PQgetvalue(orders, i, 2));
    PQclear(orders);
    return 0;
}

int shop_print_customers(PGconn *db)
{
    PGresult *customers = must(db, PQexec(db, "SELECT id, name FROM customer ORDER BY id"));
    for (int i = 0; i < PQntuples(customers); i++) {
        PGresult *orders = shop_find_orders(db, PQgetvalue(customers, i, 0));
        long total = 0;
        for (int j = 0; j < PQntuples(orders); j++)
            total += atol(PQgetvalue(orders, j, 1));
        printf("%s: %d orders, %ld\n", PQgetvalue(customers, i, 1), PQntuples(orders), total);
        PQclear(orders);
    }
    PQclear(customers);
    return 0;
}

int shop_print_customers_grouped(PGconn *db)
{
    PGresult *customers =
        must(db, PQexec(db, "SELECT c.name, count(o.id), coalesce(sum(o.total), 0) FROM customer c "
                            "LEFT JOIN shop_order o ON o.customer_id = c.id GROUP BY c.id, c.name ORDER BY c.id"));
    for (int i = 0; i < PQntuples(customers); i++)
        printf("%s: %s orders, %s\n", PQgetvalue(customers, i, 0), PQgetvalue(customers, i, 1),
               PQgetvalue(customers, i, 2));
    PQclear(customers);
    return 0;
}

int shop_seed(PGconn *db)
{
    PQclear(must(db, PQexec(db, "SET client_min_messages = warning; DROP TABLE IF EXISTS shop_order, customer;"
                                "CREATE TABLE customer (id integer PRIMARY KEY, name text NOT NULL);"
                                "CREATE TABLE shop_order (id integer PRIMARY KEY, customer_id integer NOT NULL "
                                "  REFERENCES customer(id), total integer NOT NULL);"
                                "INSERT INTO customer SELECT i, 'Customer ' || i FROM generate_series(1, 40) i;"
                                "INSERT INTO shop_order SELECT i, i * 7 % 40 + 1, i * 31 % 97 "
                                "  FROM generate_series(1, 120) i;")));
    return 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(PGconn *db);
    } actions[] = {
        {"seed", shop_seed},
        {"slow", shop_print_orders},
        {"slow_prepared", shop_print_orders_prepared},
        {"fast", shop_print_orders_joined},
        {"slow_reverse", shop_print_customers},
        {"fast_reverse", shop_print_customers_grouped},
    };
    for (size_t i = 0; argc == 3 && i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(argv[2], actions[i].name) != 0)
            continue;
        PGconn *db = PQconnectdb(argv[1]);
        if (PQstatus(db) != CONNECTION_OK) {
            fprintf(stderr, "shop: %s", PQerrorMessage(db));
            PQfinish(db);
            return 1;
        }
        int status = actions[i].run(db);
        PQfinish(db);
        return status;
    }
    fprintf(stderr, "usage: shop CONNINFO seed|slow|slow_prepared|fast|slow_reverse|fast_reverse\n");
    return 2;
}
