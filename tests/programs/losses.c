/* A program whose recording has no room: losses HOW [COUNT]. It goes on as if nothing were, and prints how many executions it ran.
 *   slot         the disk is full when a second thread wants its slot
 *   disk         … after the first statements
 *   file_size    files may not grow beyond 400 KB (RLIMIT_FSIZE)
 *   descriptors  no descriptor is left when recording would begin
 *   read_only    the recording's folder cannot be written
 *   disk_again, descriptors_again   there is room again after a while; statements of both times go on
 * The full disk is this program's own writev() and fallocate(), which the recorder finds before libc's. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static bool is_full;
static unsigned refused; /* writes */
static unsigned executions;
static long long sum;
static sqlite3 *db;

EXPORT ssize_t writev(int fd, const struct iovec *parts, int count)
{
    if (is_full) {
        refused++;
        errno = ENOSPC;
        return -1;
    }
    return syscall(SYS_writev, fd, parts, count);
}

EXPORT int fallocate(int fd, int mode, off_t offset, off_t size)
{
    if (is_full) {
        errno = ENOSPC;
        return -1;
    }
    return (int)syscall(SYS_fallocate, fd, mode, offset, size);
}

static void check(bool is_right, const char *what)
{
    if (is_right)
        return;
    fprintf(stderr, "losses: %s: %s\n", what, db ? sqlite3_errmsg(db) : strerror(errno));
    exit(1);
}

static sqlite3_stmt *prepared(const char *sql)
{
    sqlite3_stmt *statement = NULL;
    check(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK, sql);
    return statement;
}

/* Steps to the end. errno and the number of rows are the program's own. */
static void run(sqlite3_stmt *statement, int rows)
{
    int seen = 0;
    errno = ERANGE;
    while (sqlite3_step(statement) == SQLITE_ROW) {
        sum += sqlite3_column_int(statement, 0);
        seen++;
    }
    check(seen == rows && errno == ERANGE, "rows");
    executions++;
    sqlite3_reset(statement);
}

static int on_row(void *data, int count, char **cells, char **names)
{
    (void)data, (void)count, (void)names;
    sum += atoi(cells[0]);
    return 0;
}

static void *without_a_slot(void *inherited)
{
    sqlite3_stmt *own = prepared("SELECT x FROM t WHERE x > 0"), *bad = NULL;
    char **table = NULL;
    for (int i = 0; i < 3; i++) {
        run(own, 9);
        run(inherited, 1);
    }
    check(sqlite3_step(own) == SQLITE_ROW, "step");
    executions++; /* given up after a row */
    sqlite3_finalize(own);
    check(sqlite3_prepare_v2(db, "SELECT nothing FROM nowhere", -1, &bad, NULL) != SQLITE_OK, "prepare");
    executions++;
    check(sqlite3_exec(db, "SELECT x FROM t; SELECT 1", on_row, NULL, NULL) == SQLITE_OK, "exec");
    executions += 2;
    check(sqlite3_get_table(db, "SELECT x FROM t", &table, NULL, NULL, NULL) == SQLITE_OK, "get_table");
    executions++;
    sqlite3_free_table(table);
    return NULL;
}

static void many(unsigned count)
{
    sqlite3_stmt *by_key = prepared("SELECT x FROM t WHERE x = ?");
    for (unsigned i = 0; i < count; i++) {
        sqlite3_bind_int(by_key, 1, (int)(i % 10));
        run(by_key, 1);
    }
    check(sqlite3_step(NULL) == SQLITE_MISUSE, "step of nothing"); /* Python does it behind a script's last statement */
    sqlite3_finalize(by_key);
    sqlite3_int64 size_bytes = 0;
    sqlite3_free(sqlite3_serialize(db, "main", &size_bytes, 0)); /* steps statements of the library's own */
    check(size_bytes > 0, "serialize");
}

static void limit(int which, rlim_t value)
{
    const struct rlimit limits = {value, RLIM_INFINITY};
    struct rlimit before;
    getrlimit(which, &before);
    before.rlim_cur = limits.rlim_cur < before.rlim_max ? limits.rlim_cur : before.rlim_max;
    check(setrlimit(which, &before) == 0, "setrlimit");
}

/* New and old statements from a new place, after a second: the recorder has looked again by then. */
static void when_there_is_room(sqlite3_stmt *old)
{
    sleep(1);
    run(old, 1); /* the recorder finds the room with this one or has found it */
    sqlite3_stmt *fresh = prepared("SELECT x + 1 FROM t WHERE x < 5");
    for (int i = 0; i < 100; i++) {
        run(old, 1);
        run(fresh, 5);
    }
    sqlite3_finalize(fresh);
}

static void seed(void)
{
    check(sqlite3_open(":memory:", &db) == SQLITE_OK, "open");
    check(sqlite3_exec(db, "CREATE TABLE t (x INTEGER)", NULL, NULL, NULL) == SQLITE_OK, "create");
    check(sqlite3_exec(db,
                       "WITH RECURSIVE n(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n WHERE x < 9) "
                       "INSERT INTO t SELECT x FROM n",
                       NULL, NULL, NULL) == SQLITE_OK,
          "insert");
    executions += 2;
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "", *folder = getenv("N1PROF_TRACE_DIR");
    struct rlimit descriptors;
    getrlimit(RLIMIT_NOFILE, &descriptors);
    if (strncmp(how, "descriptors", 11) == 0)
        limit(RLIMIT_NOFILE, 3);
    if (strcmp(how, "read_only") == 0 &&
        folder) { /* root may write anyway: not as nobody, whom the hooks do not see coming */
        check(chmod(folder, 0500) == 0, "chmod");
        if (geteuid() == 0)
            check(syscall(SYS_setresuid, -1, 65534, -1) == 0, "setresuid");
    }
    seed();
    if (strcmp(how, "file_size") == 0)
        limit(RLIMIT_FSIZE, 400000);
    is_full = strncmp(how, "disk", 4) == 0;
    sqlite3_stmt *old = prepared("SELECT max(x) FROM t"); /* its text finds no room */
    run(old, 1);
    many(argc > 2 ? (unsigned)atoi(argv[2]) : 60000);
    if (strstr(how, "_again")) {
        is_full = false;
        check(setrlimit(RLIMIT_NOFILE, &descriptors) == 0, "setrlimit");
        when_there_is_room(old);
    }
    sqlite3_finalize(old);
    if (strcmp(how, "slot") == 0) {
        pthread_t thread;
        sqlite3_stmt *statement = prepared("SELECT count(*) FROM t");
        is_full = true;
        check(pthread_create(&thread, NULL, without_a_slot, statement) == 0, "pthread_create");
        pthread_join(thread, NULL);
        is_full = false;
        run(statement, 1);
        sqlite3_finalize(statement);
    }
    check(refused < 200, "the recorder asks a full disk too often");
    check(sqlite3_close(db) == SQLITE_OK, "close");
    if (strcmp(how, "read_only") == 0 && folder) {
        if (getuid() == 0)
            check(syscall(SYS_setresuid, -1, 0, -1) == 0, "setresuid");
        check(chmod(folder, 0700) == 0, "chmod");
    }
    printf("%u %lld\n", executions, sum);
    return 0;
}
