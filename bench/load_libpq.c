/* load_libpq CONNINFO COUNT PATHS: a look-up by key with a statement that was prepared once. */
#include "load.h"

#include <libpq-fe.h>

static void must(PGresult *result, PGconn *db)
{
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        fprintf(stderr, "load_libpq: %s", PQerrorMessage(db));
        exit(1);
    }
    PQclear(result);
}

static int lookup(void *context, long i)
{
    char key[24];
    const char *values[] = {key};
    snprintf(key, sizeof key, "%ld", i * 7919 % 10000 + 1);
    PGresult *found = PQexecPrepared(context, "lookup", 1, values, NULL, NULL, 0);
    int sum = PQgetlength(found, 0, 0);
    PQclear(found);
    return sum;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: load_libpq CONNINFO COUNT PATHS\n");
        return 2;
    }
    PGconn *db = PQconnectdb(argv[1]);
    must(PQexec(db,
                "CREATE TEMPORARY TABLE item AS SELECT i AS id, 'item ' || i AS name FROM generate_series(1, 10000) i"),
         db);
    must(PQexec(db, "ALTER TABLE item ADD PRIMARY KEY (id)"), db);
    must(PQprepare(db, "lookup", "SELECT name FROM item WHERE id = $1", 1, NULL), db);
    load_run(lookup, db, atol(argv[2]), atol(argv[3]));
    PQfinish(db);
    return 0;
}
