/* Texts of several statements in one sqlite3_exec or sqlite3_get_table, one way a name: the subject of
 * tests/unit/preload_scripts.c, against the system's library and against a copy that binds its calls to itself. Prints what it
 * computed, its own trace callback's events among it. */
#include <setjmp.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sqlite3 *open_library(void)
{
    sqlite3 *db;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
        sqlite3_exec(db,
                     "-- the tables\nCREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT);;\n"
                     "/* of books */ CREATE TABLE book(id INTEGER PRIMARY KEY, author_id INTEGER, title TEXT);"
                     "CREATE TABLE log(what TEXT);"
                     "CREATE TRIGGER logged AFTER INSERT ON book BEGIN INSERT INTO log VALUES ('a book'); "
                     "UPDATE author SET name = name; END;\n"
                     "INSERT INTO author VALUES (1, 'Asha'), (2, 'Bela');"
                     "INSERT INTO book VALUES (10, 1, 'River'), (11, 2, 'Stone'), (12, 2, 'Wind'); -- done",
                     NULL, NULL, NULL) != SQLITE_OK)
        exit(3);
    return db;
}

static int show(void *data, int count, char **cells, char **names)
{
    (void)data;
    for (int i = 0; i < count; i++)
        printf("%s=%s ", names[i], cells[i] ? cells[i] : "NULL");
    return 0;
}

static void run(sqlite3 *db, const char *sql, int (*callback)(void *, int, char **, char **), void *data)
{
    char *message = NULL;
    printf("%d", sqlite3_exec(db, sql, callback, data, &message));
    printf(" %s, %s\n", message ? message : "-", sqlite3_errmsg(db));
    sqlite3_free(message);
}

static void several(sqlite3 *db)
{
    char **table;
    int rows, columns;
    run(db, "SELECT id, name FROM author; SELECT title, NULL FROM book WHERE author_id = 2;SELECT count(*) FROM log",
        show, NULL);
    run(db, "SELECT title FROM book; DELETE FROM log", NULL, NULL);
    run(db, "", show, NULL);
    run(db, " -- nothing\n;", show, NULL);
    printf("%d", sqlite3_get_table(db, "SELECT id, name FROM author; SELECT id, title FROM book", &table, &rows,
                                   &columns, NULL));
    printf(" %d %d %s\n", rows, columns, table[2 * rows + 1]);
    sqlite3_free_table(table);
}

static void errors(sqlite3 *db)
{
    run(db, "SELECT 1; SELECT nothing FROM nowhere; SELECT 2", show, NULL);
    run(db, "UPDATE log SET what = 'x'; INSERT INTO author VALUES (1, 'twice'); SELECT 3", show, NULL);
    run(db, "SELEC 4", NULL, NULL);
    run(db, "SELECT abs(-9223372036854775808)", NULL, NULL);
}

static int enough(void *data, int count, char **cells, char **names)
{
    show(data, count, cells, names);
    return ++*(int *)data == 2;
}

static void given_up(sqlite3 *db)
{
    int rows = 0;
    run(db, "SELECT id FROM author; SELECT id FROM book", enough, &rows);
}

static int titles(void *db, int count, char **cells, char **names)
{
    (void)count, (void)names;
    char sql[120];
    snprintf(sql, sizeof sql, "SELECT title FROM book WHERE author_id = %s; SELECT count(*) FROM book", cells[0]);
    return sqlite3_exec(db, sql, show, NULL, NULL);
}

static void nested(sqlite3 *db)
{
    run(db, "SELECT id FROM author; SELECT id + 1 FROM author WHERE id = 1", titles, db);
}

/* Full-text search keeps its index by statements of its own. */
static void full_text(sqlite3 *db)
{
    run(db,
        "CREATE VIRTUAL TABLE word USING fts4(text); INSERT INTO word VALUES ('river stone'); INSERT INTO word VALUES "
        "('wind');"
        "SELECT text FROM word WHERE word MATCH 'stone'; VACUUM; SELECT 5",
        show, NULL);
}

static int traced(unsigned event, void *data, void *statement, void *text)
{
    printf("[%u %s %s]", event, (const char *)data,
           event == SQLITE_TRACE_CLOSE  ? ""
           : event == SQLITE_TRACE_STMT ? (const char *)text
                                        : sqlite3_sql(statement));
    return 0;
}

static int tracing(void *db, int count, char **cells, char **names)
{
    sqlite3_trace_v2(db, SQLITE_TRACE_STMT, traced, "second");
    return show(NULL, count, cells, names);
}

static void own_trace(sqlite3 *db)
{
    sqlite3_trace_v2(db, SQLITE_TRACE_STMT | SQLITE_TRACE_CLOSE, traced, "first");
    run(db, "SELECT id FROM author; INSERT INTO book VALUES (13, 1, 'Sand')", show, NULL);
    run(db, "SELECT 6; SELECT id FROM book WHERE id = 10", tracing, db);
    sqlite3_trace_v2(db, 0, NULL, NULL);
    run(db, "SELECT 7; SELECT 8", show, NULL);
    sqlite3_trace_v2(db, SQLITE_TRACE_CLOSE, traced, "third");
}

static void old_traced(void *data, const char *text)
{
    printf("[%s %s]", (const char *)data, text);
}

static void old_profiled(void *data, const char *text, sqlite3_uint64 ns)
{
    printf("[%s %s%s]", (const char *)data, text, ns > (sqlite3_uint64)60 * 1000000000 ? " late" : "");
}

static void old_trace(sqlite3 *db)
{
    static char one[] = "one", two[] = "two";
    printf("%d", sqlite3_trace(db, old_traced, one) == NULL);
    run(db, "SELECT 1", show, NULL);
    printf("%s", (const char *)sqlite3_trace(db, NULL, NULL));
    sqlite3_profile(db, old_profiled, two);
    run(db, "SELECT 2", show, NULL);
    printf("%s", (const char *)sqlite3_profile(db, NULL, NULL));
    run(db, "SELECT 3; SELECT 4", show, NULL);
    sqlite3_trace(db, old_traced, one);
    run(db,
        " -- a table; a trigger\nCREATE TABLE shelf(i); ; CREATE TRIGGER filled AFTER INSERT ON shelf BEGIN "
        "INSERT INTO log VALUES ('full'); DELETE FROM log; END; INSERT INTO shelf VALUES (1); /* done; */ ",
        NULL, NULL);
    sqlite3_trace(db, NULL, NULL);
}

static jmp_buf back;
static int leaves(void *data, int count, char **cells, char **names)
{
    (void)data, (void)count, (void)cells, (void)names;
    longjmp(back, 1);
}

/* Left by a longjmp, the call never ends; the connection (without a mutex) is used again. */
static void left(sqlite3 *db)
{
    sqlite3 *other;
    (void)db;
    sqlite3_open_v2(":memory:", &other, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    for (int i = 0; i < 3; i++)
        if (setjmp(back) == 0)
            sqlite3_exec(other, "SELECT 1 AS one; SELECT 2", leaves, NULL, NULL);
    run(other, "SELECT 'left' AS how; SELECT 'again' AS how", show, NULL);
    printf("%d\n", sqlite3_close_v2(other));
}

/* Closed by a callback: the connection goes when the call has ended. */
static int closes(void *db, int count, char **cells, char **names)
{
    show(NULL, count, cells, names);
    return sqlite3_close(db) == SQLITE_BUSY ? sqlite3_close_v2(db) : 1;
}

static void closed(sqlite3 *db)
{
    sqlite3 *other;
    (void)db;
    sqlite3_open(":memory:", &other);
    printf("%d\n", sqlite3_exec(other, "SELECT 'closed' AS how", closes, other, NULL));
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(sqlite3 *);
    } ways[] = {{"several", several},     {"errors", errors},       {"given_up", given_up},
                {"nested", nested},       {"full_text", full_text}, {"own_trace", own_trace},
                {"old_trace", old_trace}, {"left", left},           {"closed", closed}};
    for (size_t i = 0; argc > 1 && i < sizeof ways / sizeof *ways; i++) {
        if (strcmp(argv[1], ways[i].name) == 0) {
            sqlite3 *db = open_library();
            ways[i].run(db);
            printf("%d\n", sqlite3_close(db));
            return fflush(stdout) == 0 ? 0 : 1;
        }
    }
    fprintf(stderr, "usage: sqlite_scripts WAY\n");
    return 2;
}
