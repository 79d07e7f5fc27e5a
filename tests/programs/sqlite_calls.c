/* A program that uses SQLite in many ways, one a name: the subject of tests/unit/preload_sqlite.c. Prints what it computed, so
 * that a run under the recorder can be compared with a plain one. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static sqlite3 *open_library(void)
{
    sqlite3 *db;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK)
        exit(3);
    sqlite3_exec(db,
                 "CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT);"
                 "CREATE TABLE book(id INTEGER PRIMARY KEY, author_id INTEGER, title TEXT, price REAL);"
                 "INSERT INTO author VALUES (1, 'Asha'), (2, 'Bela'), (3, 'Cira');"
                 "INSERT INTO book VALUES (10, 1, 'River', 9.5), (11, 2, 'Stone', 7.25), (12, 3, 'Wind', 8)",
                 NULL, NULL, NULL);
    return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        exit(4);
    return statement;
}

/* The N+1: a cursor over books, an author for each. */
static void loop(void)
{
    sqlite3 *db = open_library();
    sqlite3_stmt *books = prepare(db, "SELECT id, author_id, title, price FROM book ORDER BY id");
    sqlite3_stmt *author = prepare(db, "SELECT name FROM author WHERE id = ?");
    while (sqlite3_step(books) == SQLITE_ROW) {
        sqlite3_bind_int(author, 1, sqlite3_column_int(books, 1));
        if (sqlite3_step(author) == SQLITE_ROW)
            printf("%s: %s %g\n", sqlite3_column_text(author, 0), sqlite3_column_text(books, 2),
                   sqlite3_column_double(books, 3));
        sqlite3_reset(author);
    }
    sqlite3_finalize(author);
    sqlite3_finalize(books);
    sqlite3_close(db);
}

static int on_author(void *db, int n, char **cell, char **name)
{
    (void)n;
    (void)name;
    char sql[80];
    snprintf(sql, sizeof sql, "SELECT title FROM book WHERE author_id = %s", cell[0]);
    char **table;
    int rows, columns;
    sqlite3_get_table(db, sql, &table, &rows, &columns, NULL);
    printf("%s %d %s\n", cell[1], rows, table[1]);
    sqlite3_free_table(table);
    return 0;
}

/* Queries inside a callback, and a table. */
static void callback(void)
{
    sqlite3 *db = open_library();
    sqlite3_exec(db, "SELECT id, name FROM author", on_author, db, NULL);
    sqlite3_close(db);
}

/* A query inside a function that SQL calls. */
static void count_books(sqlite3_context *context, int n, sqlite3_value **value)
{
    (void)n;
    sqlite3_stmt *statement =
        prepare(sqlite3_context_db_handle(context), "SELECT count(*) FROM book WHERE author_id = ?");
    sqlite3_bind_value(statement, 1, value[0]);
    sqlite3_step(statement);
    sqlite3_result_int(context, sqlite3_column_int(statement, 0));
    sqlite3_finalize(statement);
}

static void function(void)
{
    sqlite3 *db = open_library();
    sqlite3_create_function(db, "count_books", 1, SQLITE_UTF8, NULL, count_books, NULL, NULL);
    sqlite3_stmt *statement = prepare(db, "SELECT id, count_books(id) FROM author");
    while (sqlite3_step(statement) == SQLITE_ROW)
        printf("%d %d\n", sqlite3_column_int(statement, 0), sqlite3_column_int(statement, 1));
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

static void failures(void)
{
    sqlite3 *db = open_library();
    sqlite3_stmt *statement = NULL;
    printf("%d", sqlite3_prepare_v2(db, "SELECT nothing FROM nowhere WHERE x = 'secret'", -1, &statement, NULL));
    printf(" %s\n", sqlite3_errmsg(db));
    printf("%d\n", sqlite3_prepare16_v2(db, u"SELECT '\u00e9' FROM nowhere", -1, &statement, NULL));
    printf("%d", sqlite3_exec(db, "INSERT INTO author VALUES (1, 'again')", NULL, NULL, NULL));
    printf(" %s\n", sqlite3_errmsg(db));
    statement = prepare(db, "INSERT INTO author VALUES (?, ?)");
    sqlite3_bind_int64(statement, 1, 2);
    sqlite3_bind_text(statement, 2, "twice", -1, SQLITE_STATIC);
    printf("%d", sqlite3_step(statement));
    printf(" %d\n", sqlite3_extended_errcode(db));
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

/* Every spelling of values; a step after DONE runs again; unfinished statements; transfer and clear. */
static void values(void)
{
    sqlite3 *db = open_library();
    sqlite3_stmt *s = prepare(db, "SELECT ?1, ?2, ?3, ?4, ?5, ?6, 42, 'lit'");
    sqlite3_bind_int(s, 1, 7);
    sqlite3_bind_text(s, 2, "7", 1, SQLITE_TRANSIENT);
    sqlite3_bind_double(s, 3, 7.0);
    sqlite3_bind_text16(s, 4, u"7", -1, SQLITE_STATIC);
    sqlite3_bind_blob(s, 5, "0123456789abcdef", 16, SQLITE_STATIC);
    sqlite3_bind_null(s, 6);
    printf("%d %d\n", sqlite3_step(s), sqlite3_step(s));
    printf("%d\n", sqlite3_step(s)); /* after DONE: again from the start */
    sqlite3_stmt *t = prepare(db, "SELECT ?1, ?2, ?3, ?4, ?5, ?6");
    sqlite3_reset(s);
    printf("%d\n", sqlite3_transfer_bindings(s, t));
    sqlite3_step(t);
    sqlite3_reset(t);
    sqlite3_clear_bindings(t);
    sqlite3_step(t);
    printf("%s\n", sqlite3_column_text(t, 0) ? "text" : "null");
    sqlite3_finalize(t);
    sqlite3_finalize(s);
    sqlite3_close_v2(db);
}

/* Bindings that are cleared while the statement runs, before its reset. */
static void cleared(void)
{
    sqlite3 *db = open_library();
    sqlite3_stmt *s = prepare(db, "SELECT name FROM author WHERE id = ?1 OR name = ?2 ORDER BY id");
    for (int i = 1; i <= 2; i++) {
        sqlite3_bind_int(s, 1, i);
        sqlite3_bind_text(s, 2, "Chen", -1, SQLITE_STATIC);
        printf("%d", sqlite3_step(s));
        printf(" %s", (const char *)sqlite3_column_text(s, 0));
        printf(" %d", sqlite3_clear_bindings(s));
        sqlite3_reset(s);
    }
    printf(" %d\n", sqlite3_step(s));
    sqlite3_finalize(s);
    sqlite3_close(db);
}

/* Statements that are kept while the schema changes: SQLite prepares them anew in their next step. */
static void reprepared(void)
{
    sqlite3 *db = open_library();
    sqlite3_stmt *s = prepare(db, "SELECT name FROM author ORDER BY id");
    for (int i = 0; i < 3; i++) {
        char change[64];
        snprintf(change, sizeof change, "CREATE TABLE more%d (id INTEGER)", i);
        printf("%d", sqlite3_exec(db, change, NULL, NULL, NULL));
        while (sqlite3_step(s) == SQLITE_ROW)
            printf(" %s", (const char *)sqlite3_column_text(s, 0));
        printf(" %d\n", sqlite3_reset(s));
    }
    sqlite3_finalize(s);
    sqlite3_close(db);
}

/* The old interface, UTF-16 and a script. */
static void prepares(void)
{
    sqlite3 *db = open_library();
    const char *sql = "SELECT 1; -- one\nSELECT 2; SELECT ?";
    sqlite3_stmt *s;
    while (*sql) {
        sqlite3_prepare(db, sql, -1, &s, &sql);
        if (s)
            printf("%d ", sqlite3_step(s));
        sqlite3_finalize(s);
    }
    sqlite3_prepare16(db, u"SELECT 16", -1, &s, NULL);
    printf("%d ", sqlite3_step(s));
    printf("%d ", sqlite3_column_bytes16(s, 0));
    sqlite3_finalize(s);
    sqlite3_prepare16_v3(db, u"SELECT '\U0001f600' AS face", -1, SQLITE_PREPARE_PERSISTENT, &s, NULL);
    printf("%d ", sqlite3_step(s));
    const unsigned char *face = sqlite3_column_text16(s, 0);
    printf("%02x%02x\n", face[0], face[1]);
    sqlite3_finalize(s);
    sqlite3_prepare_v3(db, "SELECT 3", 8, 0, &s, NULL);
    sqlite3_step(s);
    printf("%lld\n", sqlite3_value_int64(sqlite3_column_value(s, 0)));
    sqlite3_finalize(s);
    sqlite3_close(db);
}

/* More rows than every cell is kept of. */
static void many(void)
{
    sqlite3 *db = open_library();
    sqlite3_stmt *s = prepare(db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
                                  "SELECT i AS id, 'name' || i AS name FROM n");
    long sum = 0;
    while (sqlite3_step(s) == SQLITE_ROW)
        sum += sqlite3_column_int(s, 0) + (long)strlen((const char *)sqlite3_column_text(s, 1));
    printf("%ld\n", sum);
    sqlite3_finalize(s);
    sqlite3_close(db);
}

static void *work(void *data)
{
    sqlite3 *db = open_library();
    sqlite3_stmt *s = prepare(db, "SELECT name FROM author WHERE id = ?");
    for (int i = 0; i < 500; i++) {
        sqlite3_bind_int(s, 1, i % 3 + 1);
        sqlite3_step(s);
        *(long *)data += sqlite3_column_text(s, 0)[0];
        sqlite3_reset(s);
    }
    sqlite3_finalize(s);
    sqlite3_close(db);
    return NULL;
}

static void threads(void)
{
    pthread_t thread[4];
    long sum[4] = {0};
    for (int i = 0; i < 4; i++)
        pthread_create(&thread[i], NULL, work, &sum[i]);
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    for (int i = 0; i < 40; i++) { /* threads that come and go take over slots */
        pthread_create(&thread[0], NULL, work, &sum[0]);
        pthread_join(thread[0], NULL);
    }
    printf("%ld %ld\n", sum[0], sum[3]);
}

static sqlite3_stmt *shared;
static void *go_on(void *data)
{
    while (sqlite3_step(shared) == SQLITE_ROW)
        *(int *)data += sqlite3_column_int(shared, 0);
    return NULL;
}

/* A statement that hops from one thread to another in mid-execution. */
static void hop(void)
{
    sqlite3 *db = open_library();
    pthread_t thread;
    int sum = 0;
    shared = prepare(db, "SELECT id FROM author ORDER BY id");
    sqlite3_step(shared);
    sum += sqlite3_column_int(shared, 0);
    pthread_create(&thread, NULL, go_on, &sum);
    pthread_join(thread, NULL);
    printf("%d\n", sum);
    sqlite3_finalize(shared);
    sqlite3_close(db);
}

static void forked(void)
{
    sqlite3 *db = open_library();
    sqlite3_close(db);
    for (int i = 0; i < 2; i++) {
        const pid_t pid = fork();
        if (pid == 0) {
            long sum = 0;
            work(&sum);
            _exit(sum > 0 ? 0 : 1);
        }
        int status;
        waitpid(pid, &status, 0);
        printf("%d\n", WEXITSTATUS(status));
    }
    loop();
}

static void killed(void)
{
    loop();
    fflush(stdout);
    raise(SIGKILL);
}

/* Daemons close everything that they did not open. */
static void closes(void)
{
    loop();
    for (int fd = 3; fd < 5000; fd++)
        close(fd);
    FILE *mine = tmpfile();
    fputs("mine", mine);
    for (int fd = 0; fd < 64; fd++)
        dup(fileno(mine));
    loop();
    fflush(mine);
    printf("%ld\n", (long)lseek(fileno(mine), 0, SEEK_END));
}

static void limited(void)
{
    const struct rlimit none = {0, RLIM_INFINITY};
    loop();
    setrlimit(RLIMIT_FSIZE, &none);
    errno = 77;
    loop();
    printf("errno %d\n", errno);
    sigset_t set;
    pthread_sigmask(SIG_BLOCK, NULL, &set);
    printf("blocked %d\n", sigismember(&set, SIGXFSZ));
    sigpending(&set);
    printf("pending %d\n", sigismember(&set, SIGXFSZ));
}

static void replaced(void)
{
    loop();
    fflush(stdout);
    execl("/proc/self/exe", "sqlite_calls", "loop", (char *)NULL);
}

/* Enough statements for many drains. */
static void long_run(void)
{
    long sum = 0;
    for (int i = 0; i < 200; i++)
        work(&sum);
    printf("%ld\n", sum);
}

/* As many statements as an argument says, for timing; 0 rows is an error. */
static void lookups(long n)
{
    sqlite3 *db = open_library();
    sqlite3_stmt *s = prepare(db, "SELECT name FROM author WHERE id = ?");
    long sum = 0;
    for (long i = 0; i < n; i++) {
        sqlite3_bind_int(s, 1, (int)(i % 3) + 1);
        sqlite3_step(s);
        sum += sqlite3_column_text(s, 0)[0];
        sqlite3_step(s);
        sqlite3_reset(s);
    }
    printf("%ld\n", sum);
    sqlite3_finalize(s);
    sqlite3_close(db);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } ways[] = {{"loop", loop},         {"callback", callback},    {"function", function},
                {"failures", failures}, {"values", values},        {"prepares", prepares},
                {"many", many},         {"threads", threads},      {"hop", hop},
                {"forked", forked},     {"killed", killed},        {"closes", closes},
                {"limited", limited},   {"replaced", replaced},    {"long_run", long_run},
                {"cleared", cleared},   {"reprepared", reprepared}};
    for (size_t i = 0; argc > 1 && i < sizeof ways / sizeof *ways; i++) {
        if (strcmp(argv[1], ways[i].name) == 0) {
            ways[i].run();
            return fflush(stdout) == 0 ? 0 : 1;
        }
    }
    if (argc > 2 && strcmp(argv[1], "lookups") == 0) {
        lookups(atol(argv[2]));
        return 0;
    }
    fprintf(stderr, "usage: sqlite_calls WAY\n");
    return 2;
}
