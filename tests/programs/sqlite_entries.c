/* SQLite's rarer entrances, one a name: the subject of tests/unit/preload_entries.c. Prints what it computed. */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sqlite3 *open_library(void)
{
    sqlite3 *db;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
        sqlite3_exec(db, "CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT, picture BLOB)", NULL, NULL, NULL) ||
        sqlite3_exec(db, "INSERT INTO author VALUES (1, 'Asha', x'01020304'), (2, 'Bela', NULL)", NULL, NULL, NULL))
        exit(3);
    return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        exit(4);
    return statement;
}

/* As PHP's class SQLite3 does it: run, then fetch. */
static int run(sqlite3_stmt *statement)
{
    const int rc = sqlite3_step(statement);
    sqlite3_reset(statement);
    return rc;
}

static int fetch(sqlite3_stmt *statement)
{
    int rows = 0;
    while (sqlite3_step(statement) == SQLITE_ROW)
        rows += sqlite3_column_int(statement, 0) > 0;
    return rows;
}

static void peeks(void)
{
    sqlite3 *db = open_library();
    sqlite3_stmt *all = prepare(db, "SELECT id, 'all' FROM author");
    sqlite3_stmt *one = prepare(db, "SELECT id FROM author WHERE id = ?");
    sqlite3_stmt *none = prepare(db, "SELECT id FROM author WHERE name = 'nobody'");
    sqlite3_stmt *there = prepare(db, "SELECT 1 FROM author WHERE id = 2");
    sqlite3_stmt *insert = prepare(db, "INSERT INTO author(name) VALUES ('new')");
    for (int i = 0; i < 3; i++) {
        run(all);
        printf("%d ", fetch(all));
        sqlite3_reset(all);
    }
    for (int i = 1; i <= 2; i++) { /* run without fetching; then bound anew */
        sqlite3_bind_int(one, 1, i);
        printf("%d ", run(one));
    }
    printf("%d ", fetch(one));
    run(none);
    printf("%d ", fetch(none));
    sqlite3_reset(none);
    for (int i = 0; i < 4; i++) /* is there one? From one place: four runs */
        printf("%d ", run(there));
    run(insert);
    fetch(insert); /* writes a second row */
    printf("%d\n", (int)sqlite3_last_insert_rowid(db));
    sqlite3_finalize(all);
    sqlite3_finalize(one);
    sqlite3_finalize(none);
    sqlite3_finalize(there);
    sqlite3_finalize(insert);
    sqlite3_close(db);
}

/* Run, reset, and dead: what the library had finished is in the recording. */
static void peek_and_die(void)
{
    sqlite3 *db = open_library();
    printf("%d\n", run(prepare(db, "SELECT id FROM author")));
    fflush(stdout);
    raise(SIGKILL);
}

/* Text by value objects and as blobs; it must read the same afterwards. */
static void value_text(void)
{
    sqlite3 *db = open_library();
    sqlite3_stmt *from = prepare(db, "SELECT name, id, picture, name || '!' FROM author WHERE id = 1");
    sqlite3_stmt *to = prepare(db, "SELECT ?1, ?2, ?3, typeof(?1)");
    sqlite3_step(from);
    for (int i = 0; i < 3; i++)
        sqlite3_bind_value(to, i + 1, sqlite3_column_value(from, i));
    printf("%d ", sqlite3_column_type(from, 3));
    printf("%.*s ", sqlite3_column_bytes(from, 3), (const char *)sqlite3_column_blob(from, 3));
    printf("%d ", sqlite3_column_type(from, 0));
    sqlite3_step(to);
    printf("%s %d %s %s\n", sqlite3_column_text(to, 0), sqlite3_column_int(to, 1), sqlite3_column_text(to, 3),
           sqlite3_column_text(from, 0));
    sqlite3_finalize(to);
    sqlite3_finalize(from);
    sqlite3_close(db);
    /* The same in a database that keeps its text as UTF-16. */
    sqlite3_open(":memory:", &db);
    sqlite3_exec(db, "PRAGMA encoding = 'UTF-16'", NULL, NULL, NULL);
    from = prepare(db, "SELECT 'r\u00e9' AS word");
    sqlite3_step(from);
    sqlite3_value *v = sqlite3_column_value(from, 0);
    to = prepare(db, "SELECT ?");
    sqlite3_bind_value(to, 1, v);
    sqlite3_step(to);
    printf("%s %s %d\n", sqlite3_column_text(to, 0), sqlite3_column_text(from, 0), sqlite3_column_bytes(from, 0));
    sqlite3_finalize(to);
    sqlite3_finalize(from);
    sqlite3_close(db);
}

/* No statements of the program's: incremental blobs, a backup, pointers; errors of misuse. */
static void others(void)
{
    sqlite3 *db = open_library(), *copy;
    sqlite3_blob *blob;
    char bytes[4] = "";
    sqlite3_stmt *statement;
    printf("%d ", sqlite3_blob_open(db, "main", "author", "picture", 1, 1, &blob));
    printf("%d %d ", sqlite3_blob_write(blob, "\x09", 1, 0), sqlite3_blob_read(blob, bytes, 4, 0));
    printf("%02x%02x ", bytes[0], bytes[3]);
    printf("%d ", sqlite3_blob_reopen(blob, 2));
    printf("%d ", sqlite3_blob_close(blob));
    sqlite3_open(":memory:", &copy);
    sqlite3_backup *backup = sqlite3_backup_init(copy, "main", db, "main");
    printf("%d ", sqlite3_backup_step(backup, -1));
    printf("%d ", sqlite3_backup_finish(backup));
    statement = prepare(copy, "SELECT ? IS NULL, hex(picture) FROM author WHERE id = 1");
    sqlite3_bind_pointer(statement, 1, bytes, "bytes", NULL);
    sqlite3_step(statement);
    printf("%s %s\n", sqlite3_column_text(statement, 0), sqlite3_column_text(statement, 1));
    sqlite3_finalize(statement);
    sqlite3_bind_zeroblob64(statement = prepare(copy, "SELECT length(?)"), 1, 12);
    sqlite3_step(statement);
    printf("%d ", sqlite3_column_int(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(copy);
    sqlite3_close(db);
    printf("%d ", sqlite3_prepare_v2(NULL, "SELECT 1", -1, &statement, NULL));
    printf("%d ", sqlite3_step(NULL));
    printf("%d ", sqlite3_reset(NULL));
    printf("%d ", sqlite3_finalize(NULL));
    printf("%d ", sqlite3_exec(NULL, "SELECT 1", NULL, NULL, NULL));
    printf("%d\n", sqlite3_close(NULL));
}

/* The entrances that few programs use: names in UTF-16, lengths of 64 bits, every way to read a cell. */
static void rare(void)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    printf("%d ", sqlite3_open16(u":memory:", &db));
    printf("%d ", sqlite3_close(db));
    printf("%d ", sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, NULL));
    printf("%d ", sqlite3_prepare16_v2(db, u"SELECT ?1, ?2, ?3, ?4, length(?5), 41", -1, &statement, NULL));
    printf("%d ", sqlite3_bind_text64(statement, 1, "river", 5, SQLITE_STATIC, SQLITE_UTF8));
    printf("%d ", sqlite3_bind_text64(statement, 2, (const char *)u"river", 10, SQLITE_STATIC, SQLITE_UTF16LE));
    printf("%d ", sqlite3_bind_blob64(statement, 3, "\1\2\3", 3, SQLITE_TRANSIENT));
    printf("%d ", sqlite3_bind_double(statement, 4, 1.5));
    printf("%d ", sqlite3_bind_zeroblob(statement, 5, 7));
    printf("%d ", sqlite3_step(statement));
    printf("%d ", ((const unsigned char *)sqlite3_column_blob(statement, 2))[2]);
    printf("%c ", *(const char *)sqlite3_column_text16(statement, 1));
    printf("%g ", sqlite3_column_double(statement, 3));
    printf("%lld ", sqlite3_column_int64(statement, 4));
    printf("%d ", sqlite3_value_int(sqlite3_column_value(statement, 5)));
    printf("%s ", sqlite3_column_text(statement, 0));
    printf("%d %d\n", sqlite3_finalize(statement), sqlite3_close_v2(db));
}

/* An extension reaches the library by a table of functions (sqlite3_api_routines) and runs a query in each call. */
static void extension(const char *path)
{
    sqlite3 *db = open_library();
    char *error = NULL;
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
    printf("%d ", sqlite3_load_extension(db, path, NULL, &error));
    sqlite3_stmt *statement = prepare(db, "SELECT id, author_name(id) FROM author ORDER BY id");
    while (sqlite3_step(statement) == SQLITE_ROW)
        printf("%d %s ", sqlite3_column_int(statement, 0), sqlite3_column_text(statement, 1));
    puts(error ? error : "");
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

int main(int argc, char **argv)
{
    const char *way = argc > 1 ? argv[1] : "";
    if (strcmp(way, "peeks") == 0)
        peeks();
    else if (strcmp(way, "peek_and_die") == 0)
        peek_and_die();
    else if (strcmp(way, "value_text") == 0)
        value_text();
    else if (strcmp(way, "others") == 0)
        others();
    else if (strcmp(way, "rare") == 0)
        rare();
    else if (strcmp(way, "extension") == 0 && argc > 2)
        extension(argv[2]);
    else
        return 2;
    return fflush(stdout) == 0 ? 0 : 1;
}
