/* Programs that treat SQLite, threads and processes roughly, one way a name: the subject of tests/unit/preload_lives.c. Prints what it
 * computed. */
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static sqlite3 *open_library(const char *name)
{
    sqlite3 *db;
    if (sqlite3_open(name, &db) != SQLITE_OK ||
        sqlite3_exec(db, "CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT)", NULL, NULL, NULL) ||
        sqlite3_exec(db, "INSERT INTO author VALUES (1, 'Asha'), (2, 'Bela'), (3, 'Cira')", NULL, NULL, NULL))
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

static void look_up(sqlite3 *db, int id)
{
    sqlite3_stmt *statement = prepare(db, "SELECT name FROM author WHERE id = ?");
    sqlite3_bind_int(statement, 1, id);
    printf("%d ", sqlite3_step(statement));
    printf("%s ", sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
}

/* A locked database: the busy callback, inside a step, forks a child that queries a database of its own. */
static int forks(void *unused, int times)
{
    (void)unused;
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        sqlite3 *own = open_library(":memory:");
        look_up(own, 3);
        sqlite3_close(own);
        fflush(stdout);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    printf("%d ", status);
    return times < 1;
}

static void busy(const char *name)
{
    unlink(name);
    sqlite3 *holder = open_library(name), *db;
    sqlite3_exec(holder, "BEGIN EXCLUSIVE", NULL, NULL, NULL);
    sqlite3_open(name, &db);
    sqlite3_busy_handler(db, forks, NULL);
    printf("%d ", sqlite3_exec(db, "UPDATE author SET name = 'nobody'", NULL, NULL, NULL));
    sqlite3_exec(holder, "COMMIT", NULL, NULL, NULL);
    look_up(db, 1);
    printf("%d %d\n", sqlite3_close(db), sqlite3_close(holder));
}

/* Threads that end in the middle of a statement, which another one goes on with or gives up. */
static void *begins(void *statement)
{
    sqlite3_step(statement);
    return NULL;
}

static void open_ends(const char *unused)
{
    (void)unused;
    sqlite3 *db = open_library(":memory:");
    sqlite3_stmt *statement[40];
    int rows = 0;
    for (int i = 0; i < 40; i++) {
        pthread_t thread;
        statement[i] = prepare(db, "SELECT id FROM author ORDER BY id");
        pthread_create(&thread, NULL, begins, statement[i]);
        pthread_join(thread, NULL);
    }
    for (int i = 0; i < 40; i++) {
        for (int k = 0; i % 2 == 0 && sqlite3_step(statement[i]) == SQLITE_ROW; k++)
            rows += sqlite3_column_int(statement[i], 0);
        sqlite3_finalize(statement[i]);
    }
    printf("%d %d\n", rows, sqlite3_close(db));
}

/* The library's own end and beginning. */
static void shut_down(const char *unused)
{
    (void)unused;
    for (int i = 0; i < 3; i++) {
        printf("%d ", sqlite3_initialize());
        sqlite3 *db = open_library(":memory:");
        look_up(db, 2);
        printf("%d %d\n", sqlite3_close(db), sqlite3_shutdown());
    }
}

/* A connection that many threads share, each with a statement of its own. */
static void *shares(void *db)
{
    long sum = 0;
    sqlite3_stmt *statement = prepare(db, "SELECT name FROM author WHERE id = ?");
    for (int i = 0; i < 200; i++) {
        sqlite3_bind_int(statement, 1, i % 3 + 1);
        sqlite3_step(statement);
        sum += sqlite3_column_bytes(statement, 0);
        sqlite3_reset(statement);
        sqlite3_exec(db, "SELECT count(*) FROM author; SELECT 1", NULL, NULL, NULL);
    }
    sqlite3_finalize(statement);
    return (void *)sum;
}

static void shared(const char *unused)
{
    (void)unused;
    sqlite3 *db = open_library(":memory:");
    pthread_t thread[4];
    long sum = 0;
    for (int i = 0; i < 4; i++)
        pthread_create(&thread[i], NULL, shares, db);
    for (int i = 0; i < 4; i++) {
        void *part;
        pthread_join(thread[i], &part);
        sum += (long)part;
    }
    printf("%ld %d\n", sum, sqlite3_close(db));
}

/* Many threads that meet new call paths and old ones, in texts that are new and old: everything that the recorder's threads share. */
static __attribute__((noinline)) long descend(sqlite3 *db, unsigned way, unsigned depth);

static __attribute__((noinline)) long left_branch(sqlite3 *db, unsigned way, unsigned depth)
{
    return descend(db, way / 2, depth - 1) + 1;
}

static __attribute__((noinline)) long right_branch(sqlite3 *db, unsigned way, unsigned depth)
{
    return descend(db, way / 2, depth - 1) + 2;
}

static long descend(sqlite3 *db, unsigned way, unsigned depth)
{
    if (depth)
        return way % 2 ? left_branch(db, way, depth) : right_branch(db, way, depth);
    char text[80];
    snprintf(text, sizeof text, "SELECT id AS id_%u FROM author WHERE name <> 'nobody'", way);
    sqlite3_stmt *statement = prepare(db, text);
    long rows = 0;
    while (sqlite3_step(statement) == SQLITE_ROW)
        rows += sqlite3_column_int(statement, 0) > 0;
    sqlite3_finalize(statement);
    return rows;
}

static void *wanders(void *data)
{
    unsigned seed = *(unsigned *)data;
    long sum = 0;
    sqlite3 *db = open_library(":memory:");
    for (int i = 0; i < 300; i++) {
        seed = seed * 1664525 + 1013904223;
        sum += descend(db, seed >> 20, seed >> 29);
    }
    sqlite3_close(db);
    return (void *)sum;
}

static void paths(const char *unused)
{
    (void)unused;
    long sum = 0;
    for (int round = 0; round < 4; round++) {
        pthread_t thread[6];
        unsigned seed[6];
        for (unsigned i = 0; i < 6; i++) {
            seed[i] = i / 2 + 1; /* two of each */
            pthread_create(&thread[i], NULL, wanders, &seed[i]);
        }
        for (int i = 0; i < 6; i++) {
            void *part;
            pthread_join(thread[i], &part);
            sum += (long)part;
        }
    }
    printf("%ld\n", sum);
}

/* Statements that are prepared, run and finalized again and again: the library gives the same address for the same text, for
 * another text, after the schema changed, to another connection, and to another thread. */
static int run_once(sqlite3 *db, const char *sql, int id)
{
    sqlite3_stmt *statement = prepare(db, sql);
    int columns = 0;
    if (id)
        sqlite3_bind_int(statement, 1, id);
    while (sqlite3_step(statement) == SQLITE_ROW)
        columns += sqlite3_column_count(statement) * (sqlite3_column_int(statement, 0) > 0);
    sqlite3_finalize(statement);
    return columns;
}

static void again(const char *unused)
{
    static const char one[] = "SELECT * FROM author WHERE id = ?", other[] = "SELECT id FROM author WHERE id >= ?";
    (void)unused;
    sqlite3 *db = open_library(":memory:");
    int sum = 0;
    for (int i = 0; i < 30; i++)
        sum += run_once(db, one, i % 4); /* every fourth is not bound, and finds nothing */
    for (int i = 0; i < 30; i++)
        sum += run_once(db, i % 2 ? one : other, 2);
    sqlite3_exec(db, "ALTER TABLE author ADD COLUMN born INTEGER", NULL, NULL, NULL);
    for (int i = 0; i < 4; i++)
        sum += run_once(db, one, 3);
    sqlite3_close(db);
    for (int i = 0; i < 20; i++) { /* a connection each */
        db = open_library(":memory:");
        sum += run_once(db, one, 1);
        sqlite3_close(db);
    }
    printf("%d\n", sum);
}

static void *finalizes(void *statement)
{
    sqlite3_step(statement);
    sqlite3_finalize(statement);
    return NULL;
}

static void again_elsewhere(const char *unused)
{
    static const char sql[] = "SELECT id FROM author WHERE id = ?";
    (void)unused;
    sqlite3 *db = open_library(":memory:");
    int sum = 0;
    for (int i = 0; i < 20; i++) {
        pthread_t thread;
        sqlite3_stmt *statement = prepare(db, sql);
        sqlite3_bind_int(statement, 1, 1);
        pthread_create(&thread, NULL, finalizes, statement);
        pthread_join(thread, NULL);
        sum += run_once(db, sql, 2) + run_once(db, sql, 0);
        sqlite3_finalize(NULL);
    }
    printf("%d %d\n", sum, sqlite3_close(db));
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(const char *);
    } ways[] = {{"busy", busy},
                {"open_ends", open_ends},
                {"shut_down", shut_down},
                {"shared", shared},
                {"paths", paths},
                {"again", again},
                {"again_elsewhere", again_elsewhere}};
    for (size_t i = 0; argc > 1 && i < sizeof ways / sizeof *ways; i++) {
        if (strcmp(argv[1], ways[i].name) == 0) {
            ways[i].run(argc > 2 ? argv[2] : "");
            return fflush(stdout) == 0 ? 0 : 1;
        }
    }
    fprintf(stderr, "usage: sqlite_lives WAY [FILE]\n");
    return 2;
}
