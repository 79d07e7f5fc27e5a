/* The database that a test of the ORM runs on: SQLite in memory or, with --pg, a schema of its own on the PostgreSQL of
 * N1_TEST_PG_URL. */
#ifndef TESTS_ORM_DATABASE_H
#define TESTS_ORM_DATABASE_H

#include "orm/orm.h"

extern orm_db *db; /* of the test that runs */
extern const char *test_url;
extern bool test_is_postgres;

/* Reads --pg. False, and says so: there is no PostgreSQL. */
bool test_choose_database(int argc, char **argv);
/* Opens db, empty: what an earlier run left in the schema is dropped. */
void test_open(const char *schema);
int test_close(void **state); /* a cmocka tear-down */
void assert_ok(void);         /* no error is pending */

#endif
