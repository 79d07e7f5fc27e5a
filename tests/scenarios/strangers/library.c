/* C: a generic db_query() with a row callback; inner loop through callback; two-level; a cache by hash; early exit */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
typedef void (*each_row)(void *data, sqlite3_stmt *row);
static sqlite3 *db;
__attribute__((noinline)) static int db_query(const char *sql, sqlite3_int64 key, each_row f, void *data)
{
    sqlite3_stmt *st;
    int n = 0;
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL)) {
        fprintf(stderr, "%s\n", sqlite3_errmsg(db));
        exit(3);
    }
    if (key >= 0)
        sqlite3_bind_int64(st, 1, key);
    while (sqlite3_step(st) == SQLITE_ROW) {
        f(data, st);
        n++;
    }
    sqlite3_finalize(st);
    return n;
}
__attribute__((noinline)) static void print_author(void *d, sqlite3_stmt *r)
{
    (void)d;
    printf("   %s\n", sqlite3_column_text(r, 0));
}
__attribute__((noinline)) static void print_chapter(void *d, sqlite3_stmt *r)
{
    (void)d;
    printf("  %s\n", sqlite3_column_text(r, 1));
    sqlite3_int64 id = sqlite3_column_int64(r, 0);
    db_query("SELECT text FROM footnote WHERE chapter_id = ?", id, print_author, NULL); // @library_1
}
__attribute__((noinline)) static void print_book(void *d, sqlite3_stmt *r)
{
    (void)d;
    printf("%s\n", sqlite3_column_text(r, 1));
    db_query("SELECT name FROM author WHERE id = ?", sqlite3_column_int64(r, 2), print_author, NULL); // @library_2
    sqlite3_int64 id = sqlite3_column_int64(r, 0);
    db_query("SELECT id, title FROM chapter WHERE book_id = ?", id, print_chapter, NULL); // @library_3
}
__attribute__((noinline)) static void count(void *d, sqlite3_stmt *r)
{
    *(int *)d += sqlite3_column_int(r, 0);
}
int main(void)
{
    int n = 0;
    sqlite3_open(getenv("SCENARIO_DB"), &db);
    sqlite3_exec(db,
                 "CREATE TABLE book(id INTEGER PRIMARY KEY, title TEXT, author_id INT); CREATE TABLE author(id INTEGER "
                 "PRIMARY KEY, name TEXT); CREATE TABLE chapter(id INTEGER PRIMARY KEY, book_id INT, title TEXT); "
                 "CREATE TABLE footnote(id INTEGER PRIMARY KEY, chapter_id INT, text TEXT);"
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<12) INSERT INTO book SELECT i, "
                 "'b'||i, i*5%8+1 FROM n; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<8) "
                 "INSERT INTO author SELECT i, 'a'||i FROM n;"
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<40) INSERT INTO chapter SELECT "
                 "i, i%12+1, 'c'||i FROM n; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<60) "
                 "INSERT INTO footnote SELECT i, i%40+1, 'f'||i FROM n;",
                 0, 0, 0);
    db_query("SELECT id, title, author_id FROM book ORDER BY title", -1, print_book, NULL);
    for (int year = 0; year < 4; year++)
        db_query("SELECT count(*) FROM chapter WHERE book_id = ?", year + 1, count, &n);
    db_query("SELECT name FROM author WHERE id = ?", 3, print_author, NULL);
    printf("%d\n", n);
    sqlite3_close(db);
    return 0;
}
