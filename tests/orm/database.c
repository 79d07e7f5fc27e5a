#include "tests/orm/database.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "orm/session.h"

orm_db *db;
const char *test_url = "sqlite::memory:";
bool test_is_postgres;

bool test_choose_database(int argc, char **argv)
{
    test_is_postgres = argc > 1 && strcmp(argv[1], "--pg") == 0;
    if (test_is_postgres)
        test_url = getenv("N1_TEST_PG_URL");
    if (!test_url)
        fputs("--pg needs N1_TEST_PG_URL\n", stderr);
    return test_url;
}

void test_open(const char *schema)
{
    static const char *const steps[][2] = {
        {"DROP SCHEMA IF EXISTS ", " CASCADE"}, {"CREATE SCHEMA ", ""}, {"SET search_path TO ", ""}};
    db = orm_open(test_url);
    for (size_t i = 0; test_is_postgres && i < sizeof steps / sizeof *steps; i++) {
        char sql[100];
        snprintf(sql, sizeof sql, "%s%s%s", steps[i][0], schema, steps[i][1]);
        orm_run_text(db, sql, true);
    }
}

int test_close(void **state)
{
    (void)state;
    orm_close(db);
    return 0;
}

void assert_ok(void)
{
    if (orm_status_of(db) != ORM_OK)
        fail_msg("%s: %s\n%s", orm_status_name(orm_status_of(db)), orm_errmsg(db), orm_last_sql(db));
}
