/* The ORM against hand-written C: the same work on the same tables, once through the ORM, once through the client library.
 * Both fill structs and return a sum over them, so that nothing is optimised away and both did the same. A third side, bare,
 * only sends the statements and lets the client library take the rows in, unread: no library above it can be faster than that,
 * and hand-written C without any reading of cells is. */
#ifndef BENCH_ORM_H
#define BENCH_ORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern int n_books;      /* 100,000; a tenth, a hundredth for a quick look: a multiple of 100 */
extern int n_authors;    /* one for 100 books */
extern int n_prefetched; /* 20 books an author */

/* What hand-written code would keep of a row. */
struct book {
    int64_t id, author_id;
    char *title;
    int64_t pages;
    double price;
    bool published;
    int64_t views;
    int64_t created_us;
};

struct side {
    const char *name;
    bool (*open)(const char *url);
    int64_t (*fetch)(void);    /* all books into structs */
    int64_t (*lookup)(void);   /* every book by its key, one query each */
    int64_t (*inside)(void);   /* the same in one transaction */
    int64_t (*prefetch)(void); /* authors, and of each its first 20 books: two queries */
    int64_t (*lazy)(int n);    /* n books and the author of each: 1 + n queries */
    int64_t (*joined)(int n);  /* the same in one query */
    void (*close)(void);
};

extern const struct side side_orm, side_sqlite, side_libpq, bare_sqlite, bare_libpq;
bool bench_seed(const char *url); /* through the ORM */
int64_t bench_read_datetime(const char *s);

#endif
