/* As a careful C programmer writes it: statements prepared once, columns read by type, texts copied. And bare: every row is
 * stepped to, no column is read; without SQLite's own locks, which one thread does not need. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

static sqlite3 *db;

static bool open_db(const char *url)
{
    return sqlite3_open_v2(url + strlen("sqlite://"), &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK;
}

static bool open_bare(const char *url)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    return sqlite3_open_v2(url + strlen("sqlite://"), &db, flags, NULL) == SQLITE_OK;
}

static void close_db(void)
{
    sqlite3_close(db);
}

#define COLUMNS "id, author_id, title, pages, price, published, views, created"

static void read_book(sqlite3_stmt *st, struct book *b)
{
    b->id = sqlite3_column_int64(st, 0);
    b->author_id = sqlite3_column_int64(st, 1);
    b->title = strdup((const char *)sqlite3_column_text(st, 2));
    b->pages = sqlite3_column_int64(st, 3);
    b->price = sqlite3_column_double(st, 4);
    b->published = sqlite3_column_int(st, 5) != 0;
    b->views = sqlite3_column_int64(st, 6);
    b->created_us = bench_read_datetime((const char *)sqlite3_column_text(st, 7));
}

static int64_t take(struct book *b)
{
    int64_t sum = b->id + b->author_id + b->pages + (int64_t)b->price + b->published + b->views + b->created_us % 1000 +
                  b->title[0];
    free(b->title);
    return sum;
}

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK) {
        fprintf(stderr, "bench_orm: %s\n", sqlite3_errmsg(db));
        exit(1);
    }
    return st;
}

static struct book *read_books(sqlite3_stmt *st, size_t *n)
{
    size_t cap = 0;
    struct book *books = NULL;
    *n = 0;
    while (sqlite3_step(st) == SQLITE_ROW) {
        if (*n == cap) {
            cap = cap ? cap * 2 : 1024;
            books = realloc(books, cap * sizeof *books);
            if (!books)
                abort();
        }
        read_book(st, &books[(*n)++]);
    }
    return books;
}

static int64_t fetch(void)
{
    int64_t sum = 0;
    size_t n;
    sqlite3_stmt *st = prepare("SELECT " COLUMNS " FROM bench_book");
    struct book *books = read_books(st, &n);
    for (size_t i = 0; i < n; i++)
        sum += take(&books[i]);
    free(books);
    sqlite3_finalize(st);
    return sum;
}

static int64_t lookup(void)
{
    int64_t sum = 0;
    sqlite3_stmt *st = prepare("SELECT " COLUMNS " FROM bench_book WHERE id = ?");
    for (int i = 1; i <= n_books; i++) {
        struct book b;
        sqlite3_bind_int(st, 1, i);
        if (sqlite3_step(st) == SQLITE_ROW) {
            read_book(st, &b);
            sum += take(&b);
        }
        sqlite3_reset(st);
    }
    sqlite3_finalize(st);
    return sum;
}

static int64_t inside_of(int64_t (*work)(void))
{
    sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
    int64_t sum = work();
    sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    return sum;
}

static int64_t inside(void)
{
    return inside_of(lookup);
}

struct author {
    int64_t id;
    char *name;
    struct book **books;
    size_t n_books;
};

/* The books of n authors, whose keys are to be bound from 2 on. */
static sqlite3_stmt *prepare_children(size_t n)
{
    char *sql = malloc(200 + 2 * n), *p;
    if (!sql)
        abort();
    p = sql + sprintf(sql, "SELECT " COLUMNS " FROM bench_book WHERE id <= ? AND author_id IN (");
    for (size_t i = 0; i < n; i++)
        p += sprintf(p, i ? ",?" : "?");
    sprintf(p, ")");
    sqlite3_stmt *st = prepare(sql);
    sqlite3_bind_int(st, 1, n_prefetched);
    free(sql);
    return st;
}

static int64_t prefetch(void)
{
    int64_t sum = 0;
    size_t n = 0, n_read;
    struct author *authors = calloc((size_t)n_authors, sizeof *authors);
    sqlite3_stmt *st = prepare("SELECT id, name FROM bench_author");
    while (authors && n < (size_t)n_authors && sqlite3_step(st) == SQLITE_ROW) {
        authors[n].id = sqlite3_column_int64(st, 0);
        authors[n].name = strdup((const char *)sqlite3_column_text(st, 1));
        authors[n++].books = malloc(32 * sizeof(struct book *));
    }
    sqlite3_finalize(st);
    st = prepare_children(n);
    for (size_t i = 0; i < n; i++)
        sqlite3_bind_int64(st, (int)i + 2, authors[i].id);
    struct book *books = read_books(st, &n_read);
    for (size_t i = 0; i < n_read; i++) { /* keys run from 1 */
        struct author *a = &authors[books[i].author_id - 1];
        if (a->n_books < 32)
            a->books[a->n_books++] = &books[i];
    }
    for (size_t i = 0; i < n; i++) {
        sum += authors[i].id;
        for (size_t k = 0; k < authors[i].n_books; k++)
            sum += take(authors[i].books[k]);
        free(authors[i].name);
        free(authors[i].books);
    }
    sqlite3_finalize(st);
    free(books);
    free(authors);
    return sum;
}

/* ---- bare --------------------------------------------------------------------------------------------------------------- */

static void step_through(sqlite3_stmt *st)
{
    while (sqlite3_step(st) == SQLITE_ROW)
        ;
    sqlite3_reset(st);
}

static int64_t bare_fetch(void)
{
    sqlite3_stmt *st = prepare("SELECT " COLUMNS " FROM bench_book");
    step_through(st);
    sqlite3_finalize(st);
    return 0;
}

static int64_t bare_lookup(void)
{
    sqlite3_stmt *st = prepare("SELECT " COLUMNS " FROM bench_book WHERE id = ?");
    for (int i = 1; i <= n_books; i++) {
        sqlite3_bind_int(st, 1, i);
        step_through(st);
    }
    sqlite3_finalize(st);
    return 0;
}

static int64_t bare_inside(void)
{
    return inside_of(bare_lookup);
}

static int64_t bare_prefetch(void)
{
    sqlite3_stmt *st = prepare("SELECT id, name FROM bench_author");
    step_through(st);
    sqlite3_finalize(st);
    st = prepare_children((size_t)n_authors);
    for (int i = 0; i < n_authors; i++)
        sqlite3_bind_int64(st, i + 2, i + 1);
    step_through(st);
    sqlite3_finalize(st);
    return 0;
}

const struct side side_sqlite = {"hand", open_db, fetch, lookup, inside, prefetch, NULL, NULL, close_db};
const struct side bare_sqlite = {"bare",        open_bare, bare_fetch, bare_lookup, bare_inside,
                                 bare_prefetch, NULL,      NULL,       close_db};
