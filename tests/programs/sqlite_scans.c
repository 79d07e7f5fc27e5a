/* Scans of many shapes, read in many ways (scan_shapes.h): the subject of tests/unit/preload_scans.c. Prints the sum of what it
 * read. */
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scan_shapes.h"

static sqlite3 *db;
static int64_t sum;

static void cell(sqlite3_context *context, int n, sqlite3_value **arguments)
{
    (void)n;
    const int row = sqlite3_value_int(arguments[1]);
    const struct scan_cell c = scan_cell(sqlite3_value_int(arguments[0]), row, sqlite3_value_int(arguments[2]));
    char text[32];
    snprintf(text, sizeof text, "code-%d", row);
    switch (c.kind) {
    case SCAN_NULL: sqlite3_result_null(context); break;
    case SCAN_INTEGER: sqlite3_result_int64(context, c.integer); break;
    case SCAN_TEXT: sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT); break;
    }
}

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *s;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s\n", sqlite3_errmsg(db));
        exit(1);
    }
    return s;
}

static void read_cell(sqlite3_stmt *s, int scan, int column)
{
    const int type = sqlite3_column_type(s, column);
    if (type == SQLITE_TEXT) {
        sum += (int64_t)strlen((const char *)sqlite3_column_text(s, column));
        return;
    }
    if (scan_way(scan) == SCAN_MIX && type == SQLITE_INTEGER && column == 2)
        sum += (int64_t)sqlite3_column_double(s, column);
    else
        sum += sqlite3_column_int64(s, column);
    if (scan_way(scan) == SCAN_TWICE && type == SQLITE_INTEGER) {
        sum += sqlite3_column_int64(s, column);
        sum += (int64_t)strlen((const char *)sqlite3_column_text(s, column));
    }
}

struct walk {
    sqlite3_stmt *statement;
    int scan, row, stop;
    bool is_over; /* another step would begin it anew */
};

static void *walk(void *data)
{
    struct walk *w = data;
    while (w->row < w->stop && !w->is_over) {
        if (sqlite3_step(w->statement) != SQLITE_ROW) {
            w->is_over = true;
            break;
        }
        for (int column = 0; column < SCAN_COLUMNS; column++)
            if (scan_is_read(w->scan, w->row, column))
                read_cell(w->statement, w->scan, column);
        w->row++;
    }
    return NULL;
}

static void walk_elsewhere(struct walk *w, int rows)
{
    pthread_t thread;
    w->stop = w->row + rows;
    pthread_create(&thread, NULL, walk, w);
    pthread_join(thread, NULL);
}

static void walk_here(struct walk *w, int rows)
{
    w->stop = w->row + rows;
    walk(w);
}

static void scan(int number);

static void child_of(struct walk *w)
{
    fflush(stdout);
    const pid_t pid = fork();
    if (pid ==
        0) { /* goes on with what its parent began, runs scans of its own below and behind it, and says nothing */
        walk_here(w, 20);
        scan(SCAN_CHILD + w->scan);
        walk_here(w, SCAN_ROWS_MAX);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
}

static void scan(int number)
{
    struct walk w = {.statement = prepare(SCAN_SQL), .scan = number};
    sqlite3_stmt *inner = prepare("SELECT 1 WHERE 1 = ?");
    sqlite3_bind_int(w.statement, 1, number);
    sqlite3_bind_int(w.statement, 2, scan_rows(number));
    for (int part = 0; !w.is_over; part++) {
        switch (scan_way(number)) {
        case SCAN_NESTED:
            walk_here(&w, part % 3 ? 1 : 1 + part * 7);
            sqlite3_bind_int(inner, 1, part);
            sqlite3_step(inner);
            sqlite3_reset(inner);
            for (int column = 0; !w.is_over && column < SCAN_COLUMNS; column++)
                read_cell(w.statement, number, column); /* the same row once more, behind the child */
            break;
        case SCAN_HOP: part % 2 ? walk_elsewhere(&w, 3 + part) : walk_here(&w, 5 * part + 1); break;
        case SCAN_FORK:
            walk_here(&w, part % 2 ? SCAN_ROWS_MAX : 30);
            if (part == 0 && number >= SCAN_FIRST)
                child_of(&w);
            break;
        case SCAN_CUT:
            walk_here(&w, scan_rows(number) / 2 + 1);
            w.is_over = true;
            break;
        default: walk_here(&w, SCAN_ROWS_MAX + 1); break;
        }
    }
    sqlite3_finalize(w.statement);
    sqlite3_finalize(inner);
}

int main(void)
{
    if (sqlite3_open(":memory:", &db) != SQLITE_OK)
        return 1;
    sqlite3_create_function(db, "cell", 3, SQLITE_UTF8, NULL, cell, NULL, NULL);
    sqlite3_exec(db,
                 "CREATE TABLE n(i INTEGER PRIMARY KEY);"
                 "WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < 2600)"
                 " INSERT INTO n SELECT i FROM c",
                 NULL, NULL, NULL);
    for (int i = SCAN_FIRST; i < SCAN_FIRST + SCANS; i++)
        scan(i);
    sqlite3_close(db);
    printf("%lld\n", (long long)sum);
    return 0;
}
