#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "orm/orm.h"

ORM_DECLARE(Author);
ORM_DECLARE(Book);
struct Author {
    orm_row row;
    int64_t id;
    const char *name;
};
struct Book {
    orm_row row;
    int64_t id;
    FK(Author) author;
    const char *title;
    int64_t pages;
    double price;
    bool published;
    int64_t views;
    orm_datetime created;
};
ORM_FK_GETTER(Book, author, Author)
ORM_SET_GETTER(Author, books)

MODEL(Author, "bench_author", FIELD(id, AutoField), FIELD(name, CharField, .max_length = 100));
MODEL(Book, "bench_book", FIELD(id, AutoField), FIELD(author, ForeignKey, .to = &Author_model, .related_name = "books"),
      FIELD(title, CharField, .max_length = 200), FIELD(pages, IntegerField), FIELD(price, FloatField),
      FIELD(published, BooleanField), FIELD(views, BigIntegerField), FIELD(created, DateTimeField));

static orm_db *db;

static bool open_db(const char *url)
{
    db = orm_open(url);
    return db && orm_status_of(db) == ORM_OK;
}

static void close_db(void)
{
    if (orm_status_of(db) != ORM_OK)
        fprintf(stderr, "bench_orm: %s\n", orm_errmsg(db));
    orm_close(db);
}

static int64_t sum_of(const Book *b)
{
    return b->id + b->author.id + b->pages + (int64_t)b->price + b->published + b->views + b->created.us % 1000 +
           b->title[0];
}

static int64_t fetch(void)
{
    int64_t sum = 0;
    size_t mark = orm_mark(db);
    orm_each(Book, b, orm_all(db, Book)) sum += sum_of(b);
    orm_rewind(db, mark);
    return sum;
}

static int64_t lookup(void)
{
    int64_t sum = 0;
    size_t mark = orm_mark(db);
    for (int64_t i = 1; i <= n_books; i++) {
        Book *b = orm_get(Book, orm_from(db, Book, filter("id=?", i)));
        sum += b ? sum_of(b) : 0;
        orm_rewind(db, mark);
    }
    return sum;
}

static int64_t inside(void)
{
    orm_begin(db);
    int64_t sum = lookup();
    orm_end(db);
    return sum;
}

static int64_t prefetch_books(void)
{
    int64_t sum = 0;
    size_t mark = orm_mark(db);
    orm_qs *first = orm_from(db, Book, filter("id__lte=?", n_prefetched));
    orm_each(Author, a, orm_from(db, Author, prefetch("books", .queryset = first)))
    {
        sum += a->id;
        orm_each(Book, b, Author_books(a)) sum += sum_of(b);
    }
    orm_rewind(db, mark);
    return sum;
}

static int64_t authors_of(orm_qs *books)
{
    int64_t sum = 0;
    orm_each(Book, b, books) sum += Book_author(b)->name[7] + b->id;
    return sum;
}

static int64_t lazy(int n)
{
    return authors_of(orm_from(db, Book, order_by("id"), limit(n)));
}

static int64_t joined(int n)
{
    return authors_of(orm_from(db, Book, order_by("id"), limit(n), select_related("author")));
}

bool bench_seed(const char *url)
{
    if (!open_db(url))
        return false;
    orm_create_tables(db);
    orm_begin(db);
    orm_delete(orm_all(db, Book));
    orm_delete(orm_all(db, Author));
    orm_row **rows = calloc((size_t)n_books, sizeof *rows);
    char text[64];
    for (int i = 0; rows && i < n_authors; i++) {
        Author *a = orm_new(db, Author);
        snprintf(text, sizeof text, "Author %d", i + 1);
        a->id = i + 1;
        orm_set(&a->row, "name", ORM_V((const char *)text));
        rows[i] = &a->row;
    }
    if (rows)
        orm_bulk_create(db, rows, (size_t)n_authors);
    for (int i = 0; rows && i < n_books; i++) {
        Book *b = orm_new(db, Book);
        snprintf(text, sizeof text, "A book whose number is %d", i + 1);
        b->id = i + 1;
        b->author.id = i % n_authors + 1;
        orm_set(&b->row, "title", ORM_V((const char *)text));
        b->pages = i % 900;
        b->price = i % 5000 / 100.0;
        b->published = i % 3 != 0;
        b->views = (int64_t)i * 7919;
        b->created = orm_utc(2020 + i % 6, i % 12 + 1, i % 28 + 1, i % 24, i % 60, 0);
        rows[i] = &b->row;
    }
    if (rows)
        orm_bulk_create(db, rows, (size_t)n_books);
    free(rows);
    bool ok = orm_end(db) == ORM_OK;
    close_db();
    return ok;
}

const struct side side_orm = {"orm", open_db, fetch, lookup, inside, prefetch_books, lazy, joined, close_db};
