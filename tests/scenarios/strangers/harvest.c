/* libpq: prepared once, executed per row; a report with COUNT per row and the latest per row; a batch with ANY */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static PGconn *db;
static PGresult *must(PGresult *r)
{
    ExecStatusType s = PQresultStatus(r);
    if (s != PGRES_COMMAND_OK && s != PGRES_TUPLES_OK) {
        fprintf(stderr, "%s", PQerrorMessage(db));
        exit(3);
    }
    return r;
}
static PGresult *run(const char *name, const char *a)
{
    return must(PQexecPrepared(db, name, 1, &a, NULL, NULL, 0));
}
static void load(void)
{
    PQclear(must(PQexec(
        db, "DROP TABLE IF EXISTS grower, crop, harvest; CREATE TABLE grower(id bigint primary key, name text, region "
            "text);"
            "CREATE TABLE crop(id bigint primary key, grower_id bigint, kind text); CREATE TABLE harvest(id serial "
            "primary key, crop_id bigint, day int, kg int);"
            "INSERT INTO grower SELECT 5000+i*13, 'g'||i, 'r'||i%3 FROM generate_series(1,15) i;"
            "INSERT INTO crop SELECT 900+i, 5000+(i%15+1)*13, 'k'||i%4 FROM generate_series(1,45) i;"
            "INSERT INTO harvest(crop_id, day, kg) SELECT 900+i%45+1, i, i*3%17 FROM generate_series(1,300) i")));
}
int main(void)
{
    db = PQconnectdb(getenv("SCENARIO_DB"));
    load();
    PQclear(must(PQprepare(db, "crops", "SELECT id, kind FROM crop WHERE grower_id = $1 ORDER BY id", 1, NULL)));
    PQclear(must(
        PQprepare(db, "last", "SELECT day, kg FROM harvest WHERE crop_id = $1 ORDER BY day DESC LIMIT 1", 1, NULL)));
    PQclear(must(PQprepare(db, "many", "SELECT count(*) FROM harvest WHERE crop_id = $1", 1, NULL)));
    PGresult *g = must(PQexec(db, "SELECT id, name FROM grower ORDER BY name"));
    for (int i = 0; i < PQntuples(g); i++) {
        PGresult *c = run("crops", PQgetvalue(g, i, 0)); // @harvest_1
        for (int k = 0; k < PQntuples(c); k++) {
            PGresult *h = run("last", PQgetvalue(c, k, 0)); // @harvest_2
            PGresult *n = run("many", PQgetvalue(c, k, 0)); // @harvest_3
            printf("%s %s %s\n", PQgetvalue(g, i, 1), PQntuples(h) ? PQgetvalue(h, 0, 1) : "-", PQgetvalue(n, 0, 0));
            PQclear(h);
            PQclear(n);
        }
        PQclear(c);
    }
    PQclear(g);
    const char *any = "{901,902,903,904,905}";
    PQclear(
        must(PQexecParams(db, "SELECT id, kind FROM crop WHERE id = ANY($1::bigint[])", 1, NULL, &any, NULL, NULL, 0)));
    for (int r = 0; r < 3; r++) {
        char region[8];
        snprintf(region, sizeof region, "r%d", r);
        const char *a = region;
        PQclear(must(PQexecParams(db, "SELECT count(*) FROM grower WHERE region = $1", 1, NULL, &a, NULL, NULL, 0)));
    }
    PQfinish(db);
    return 0;
}
