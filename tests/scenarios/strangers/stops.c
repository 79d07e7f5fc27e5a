/* libpq: COPY-like load by multi-row insert, cursor FETCH loop with look-ups, async send loop, pipeline-free innocents */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static PGconn *db, *other;
static PGresult *ok(PGresult *r)
{
    ExecStatusType s = PQresultStatus(r);
    if (s != PGRES_COMMAND_OK && s != PGRES_TUPLES_OK) {
        fprintf(stderr, "%s", PQresultErrorMessage(r));
        exit(3);
    }
    return r;
}
__attribute__((noinline)) static char *lookup(PGconn *c, const char *sql, const char *key, char *out)
{
    PGresult *r = ok(PQexecParams(c, sql, 1, NULL, &key, NULL, NULL, 0));
    snprintf(out, 64, "%s", PQntuples(r) ? PQgetvalue(r, 0, 0) : "");
    PQclear(r);
    return out;
}
__attribute__((noinline)) static void by_cursor(void)
{
    char buffer[64];
    PQclear(ok(PQexec(db, "BEGIN")));
    PQclear(ok(PQexec(db, "DECLARE c CURSOR FOR SELECT id, city_code FROM stop ORDER BY id")));
    for (;;) {
        PGresult *r = ok(PQexec(db, "FETCH 10 FROM c"));
        int n = PQntuples(r);
        for (int i = 0; i < n; i++)
            puts(lookup(other, "SELECT name FROM city WHERE code = $1", PQgetvalue(r, i, 1), buffer)); // @stops_1
        PQclear(r);
        if (n == 0)
            break;
    }
    PQclear(ok(PQexec(db, "CLOSE c")));
    PQclear(ok(PQexec(db, "COMMIT")));
}
__attribute__((noinline)) static void sent(void)
{
    PGresult *r = ok(PQexec(db, "SELECT id FROM line"));
    for (int i = 0; i < PQntuples(r); i++) {
        const char *key = PQgetvalue(r, i, 0);
        const char *sql = "SELECT stop_id FROM line_stop WHERE line_id = $1 ORDER BY pos";
        PQsendQueryParams(other, sql, 1, NULL, &key, NULL, NULL, 0); // @stops_2
        for (PGresult *x; (x = PQgetResult(other)) != NULL; PQclear(x))
            printf("%d\n", PQntuples(ok(x)));
    }
    PQclear(r);
}
int main(void)
{
    char b[64];
    db = PQconnectdb(getenv("SCENARIO_DB"));
    other = PQconnectdb(getenv("SCENARIO_DB"));
    PQclear(ok(
        PQexec(db, "DROP TABLE IF EXISTS stop, city, line, line_stop; CREATE TABLE city(code text primary key, name "
                   "text); CREATE TABLE stop(id int primary key, city_code text); CREATE TABLE line(id int primary "
                   "key); CREATE TABLE line_stop(line_id int, stop_id int, pos int);"
                   "INSERT INTO city SELECT 'C'||i, 'city '||i FROM generate_series(1,9) i; INSERT INTO stop SELECT i, "
                   "'C'||(i%9+1) FROM generate_series(1,35) i; INSERT INTO line SELECT i*3 FROM generate_series(1,12) "
                   "i; INSERT INTO line_stop SELECT (i%12+1)*3, i, i FROM generate_series(1,70) i")));
    by_cursor();
    sent();
    puts(lookup(db, "SELECT city_code FROM stop WHERE id = $1", "17", b));
    puts(lookup(db, "SELECT name FROM city WHERE code = $1", b, b));
    PQfinish(db);
    PQfinish(other);
    return 0;
}
