/* As a careful C programmer writes it: prepared statements, text results, one allocation a title. And bare: the same
 * statements in the form that costs least (binary, an array of keys), whose rows libpq takes in and nobody reads. */
#include <endian.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

static PGconn *pg;

static bool open_db(const char *url)
{
    pg = PQconnectdb(url);
    PQclear(PQexec(pg, "SET TimeZone = 'UTC'"));
    return PQstatus(pg) == CONNECTION_OK;
}

static void close_db(void)
{
    PQfinish(pg);
}

#define COLUMNS "id, author_id, title, pages, price, published, views, created"

static PGresult *check(PGresult *r)
{
    if (PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK)
        return r;
    fprintf(stderr, "bench_orm: %s", PQresultErrorMessage(r));
    exit(1);
}

static void read_book(const PGresult *r, int i, struct book *b)
{
    b->id = strtoll(PQgetvalue(r, i, 0), NULL, 10);
    b->author_id = strtoll(PQgetvalue(r, i, 1), NULL, 10);
    b->title = strdup(PQgetvalue(r, i, 2));
    b->pages = strtoll(PQgetvalue(r, i, 3), NULL, 10);
    b->price = strtod(PQgetvalue(r, i, 4), NULL);
    b->published = PQgetvalue(r, i, 5)[0] == 't';
    b->views = strtoll(PQgetvalue(r, i, 6), NULL, 10);
    b->created_us = bench_read_datetime(PQgetvalue(r, i, 7));
}

static int64_t take(struct book *b)
{
    int64_t sum = b->id + b->author_id + b->pages + (int64_t)b->price + b->published + b->views + b->created_us % 1000 +
                  b->title[0];
    free(b->title);
    return sum;
}

static struct book *read_books(const PGresult *r)
{
    struct book *books = calloc((size_t)PQntuples(r) + 1, sizeof *books);
    for (int i = 0; books && i < PQntuples(r); i++)
        read_book(r, i, &books[i]);
    return books;
}

static int64_t fetch(void)
{
    int64_t sum = 0;
    PGresult *r = check(PQexec(pg, "SELECT " COLUMNS " FROM bench_book"));
    struct book *books = read_books(r);
    int n = PQntuples(r);
    PQclear(r);
    for (int i = 0; i < n; i++)
        sum += take(&books[i]);
    free(books);
    return sum;
}

static int64_t lookup(void)
{
    int64_t sum = 0;
    PQclear(check(PQprepare(pg, "by_id", "SELECT " COLUMNS " FROM bench_book WHERE id = $1::int", 1, NULL)));
    for (int i = 1; i <= n_books; i++) {
        char text[16];
        const char *values[] = {text};
        struct book b;
        snprintf(text, sizeof text, "%d", i);
        PGresult *r = check(PQexecPrepared(pg, "by_id", 1, values, NULL, NULL, 0));
        if (PQntuples(r) == 1) {
            read_book(r, 0, &b);
            sum += take(&b);
        }
        PQclear(r);
    }
    PQclear(check(PQexec(pg, "DEALLOCATE by_id")));
    return sum;
}

static int64_t inside_of(int64_t (*work)(void))
{
    PQclear(check(PQexec(pg, "BEGIN")));
    int64_t sum = work();
    PQclear(check(PQexec(pg, "COMMIT")));
    return sum;
}

static int64_t inside(void)
{
    return inside_of(lookup);
}

static int64_t prefetch(void)
{
    int64_t sum = 0;
    PGresult *r = check(PQexec(pg, "SELECT id, name FROM bench_author"));
    int n = PQntuples(r);
    int64_t *ids = calloc((size_t)n, sizeof *ids);
    char **names = calloc((size_t)n, sizeof *names), (*texts)[16] = calloc((size_t)n + 1, sizeof *texts);
    const char **values = calloc((size_t)n + 1, sizeof *values);
    struct book ***of = calloc((size_t)n, sizeof *of);
    size_t *n_of = calloc((size_t)n, sizeof *n_of);
    char *sql = malloc(200 + 7 * (size_t)n), *p;
    if (!ids || !names || !texts || !values || !of || !n_of || !sql)
        abort();
    p = sql + sprintf(sql, "SELECT " COLUMNS " FROM bench_book WHERE id <= $1::int AND author_id IN (");
    snprintf(texts[0], 16, "%d", n_prefetched);
    values[0] = texts[0];
    for (int i = 0; i < n; i++) {
        ids[i] = strtoll(PQgetvalue(r, i, 0), NULL, 10);
        names[i] = strdup(PQgetvalue(r, i, 1));
        of[i] = malloc(32 * sizeof(struct book *));
        snprintf(texts[i + 1], 16, "%d", (int)ids[i]);
        values[i + 1] = texts[i + 1];
        p += sprintf(p, "%s$%d", i ? "," : "", i + 2);
    }
    sprintf(p, ")");
    PQclear(r);
    r = check(PQexecParams(pg, sql, n + 1, NULL, values, NULL, NULL, 0));
    struct book *books = read_books(r);
    int n_read = PQntuples(r);
    PQclear(r);
    for (int i = 0; i < n_read; i++) {
        size_t at = (size_t)books[i].author_id - 1; /* keys run from 1 */
        if (n_of[at] < 32)
            of[at][n_of[at]++] = &books[i];
    }
    for (int i = 0; i < n; i++) {
        sum += ids[i];
        for (size_t k = 0; k < n_of[i]; k++)
            sum += take(of[i][k]);
        free(names[i]);
        free(of[i]);
    }
    free(ids);
    free(names);
    free(texts);
    free(values);
    free(of);
    free(n_of);
    free(sql);
    free(books);
    return sum;
}

/* ---- bare --------------------------------------------------------------------------------------------------------------- */

static int64_t bare_fetch(void)
{
    PQclear(check(PQexecParams(pg, "SELECT " COLUMNS " FROM bench_book", 0, NULL, NULL, NULL, NULL, 1)));
    return 0;
}

static int64_t bare_lookup(void)
{
    PQclear(check(PQprepare(pg, "by_id", "SELECT " COLUMNS " FROM bench_book WHERE id = $1::int", 1, NULL)));
    for (int i = 1; i <= n_books; i++) {
        uint32_t key = htobe32((uint32_t)i);
        const char *value = (const char *)&key;
        PQclear(check(PQexecPrepared(pg, "by_id", 1, &value, &(int){4}, &(int){1}, 1)));
    }
    PQclear(check(PQexec(pg, "DEALLOCATE by_id")));
    return 0;
}

static int64_t bare_inside(void)
{
    return inside_of(bare_lookup);
}

static int64_t bare_prefetch(void)
{
    char *keys = malloc(8 * (size_t)n_authors + 8), *p = keys, last[16];
    if (!keys)
        abort();
    PQclear(check(PQexecParams(pg, "SELECT id, name FROM bench_author", 0, NULL, NULL, NULL, NULL, 1)));
    for (int i = 0; i < n_authors; i++)
        p += sprintf(p, "%c%d", i ? ',' : '{', i + 1);
    sprintf(p, "}");
    snprintf(last, sizeof last, "%d", n_prefetched);
    const char *values[] = {last, keys},
               *sql = "SELECT " COLUMNS " FROM bench_book WHERE id <= $1::int AND author_id = ANY($2)";
    PQclear(check(PQexecParams(pg, sql, 2, NULL, values, NULL, NULL, 1)));
    free(keys);
    return 0;
}

const struct side side_libpq = {"hand", open_db, fetch, lookup, inside, prefetch, NULL, NULL, close_db};
const struct side bare_libpq = {"bare",        open_db, bare_fetch, bare_lookup, bare_inside,
                                bare_prefetch, NULL,    NULL,       close_db};
