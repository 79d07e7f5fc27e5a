/* How processes come, change and go, one a name: a subject of tests/e2e/case_processes.py. Each "work" is N look-ups by key; the
 * program prints how many look-ups it made in all its processes. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static char self_path[4096];

static sqlite3 *open_library(sqlite3_stmt **look_up)
{
    sqlite3 *db;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
        sqlite3_exec(db, "CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT)", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, "INSERT INTO author VALUES (1, 'Asha'), (2, 'Bela')", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "SELECT name FROM author WHERE id = ?", -1, look_up, NULL) != SQLITE_OK)
        _exit(3);
    return db;
}

static void look_up(sqlite3_stmt *statement, int n)
{
    for (int i = 0; i < n; i++) {
        sqlite3_bind_int(statement, 1, i % 2 + 1);
        if (sqlite3_step(statement) != SQLITE_ROW || !sqlite3_column_text(statement, 0))
            _exit(4);
        sqlite3_reset(statement);
    }
}

static void work(int n)
{
    sqlite3_stmt *statement;
    sqlite3 *db = open_library(&statement);
    look_up(statement, n);
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

static void *work_of_thread(void *n)
{
    work(*(int *)n);
    return NULL;
}

static void wait_for_all(void)
{
    int status;
    while (wait(&status) > 0 || errno == EINTR)
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            _exit(5);
}

static int spawned(void)
{
    char *const argv[] = {self_path, (char *)"work", NULL};
    pid_t pid;
    work(10);
    for (int i = 0; i < 3; i++)
        if (posix_spawn(&pid, self_path, NULL, NULL, argv, environ) != 0)
            return -1;
    wait_for_all();
    work(10);
    return 20 + 3 * 10;
}

static int vforked(void)
{
    work(10);
    for (int i = 0; i < 3; i++) {
        const pid_t pid = vfork();
        if (pid == 0) {
            if (i < 2)
                execl(self_path, self_path, "work", (char *)NULL);
            _exit(0);
        }
    }
    work(10);
    wait_for_all();
    return 20 + 2 * 10;
}

/* The child shares the parent's memory, and must not begin the parent's recording in its own name. */
static int vforked_rights(void)
{
    pthread_t thread[4];
    int n = 500;
    if (vfork() == 0) {
        (void)!setuid(geteuid());
        _exit(0);
    }
    wait_for_all();
    for (int i = 0; i < 4; i++)
        if (pthread_create(&thread[i], NULL, work_of_thread, &n) != 0)
            return -1;
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    return 4 * n;
}

/* Double fork, a session of its own, another directory, no descriptors; and a worker of its own. */
static int daemonised(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    work(10);
    if (fork() == 0) {
        setsid();
        if (fork() != 0)
            _exit(0);
        if (chdir("/") != 0)
            _exit(6);
        for (int fd = 0; fd < 8192; fd++)
            close(fd);
        for (int i = 0; i < 3; i++)
            open("/dev/null", O_RDWR);
        work(10);
        if (fork() == 0) {
            work(10);
            _exit(0);
        }
        wait_for_all();
        _exit(0);
    }
    wait_for_all();
    return 30;
}

/* The files cannot be opened by their names any more: what is open must do. `is_early`: nothing was recorded before. */
static int confined(int (*confine)(void), int is_early)
{
    pthread_t thread;
    int n = 10;
    if (!is_early)
        work(10);
    if (confine() != 0)
        return -1;
    for (int i = 0; i < 3; i++) { /* a slot of its own for each */
        pthread_create(&thread, NULL, work_of_thread, &n);
        work(10);
        pthread_join(thread, NULL);
    }
    work(9000); /* more than a slot holds */
    return 9060 + !is_early * 10;
}

static int to_nobody(void)
{
    return setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0;
}

/* For a while only, as servers do that take a user's rights for each request. */
static int to_nobody_yet(void)
{
    return setgroups(0, NULL) != 0 || setegid(65534) != 0 || seteuid(65534) != 0;
}

static int to_empty_root(void)
{
    char empty[] = "empty-root-XXXXXX";
    if (!mkdtemp(empty) || chroot(empty) != 0 || chdir("/") != 0)
        return -1;
    return 0;
}

static int nobody(void)
{
    return confined(to_nobody, 0);
}

static int nobody_early(void)
{
    return confined(to_nobody, 1);
}

static int nobody_yet_early(void)
{
    return confined(to_nobody_yet, 1);
}

static int new_root(void)
{
    return confined(to_empty_root, 0);
}

/* … and a child makes files of its own there. */
static int new_root_early(void)
{
    const int n = confined(to_empty_root, 1);
    if (fork() == 0) {
        work(10);
        _exit(0);
    }
    wait_for_all();
    return n < 0 ? n : n + 10;
}

static int churn(void)
{
    pthread_t thread[4];
    int n = 1;
    for (int i = 0; i < 2500; i++) {
        for (int k = 0; k < 4; k++)
            if (pthread_create(&thread[k], NULL, work_of_thread, &n) != 0)
                return -1;
        for (int k = 0; k < 4; k++)
            pthread_join(thread[k], NULL);
    }
    return 10000;
}

static sqlite3_stmt *of_handler;
static sigjmp_buf out_of_step;
static void on_signal(int number)
{
    look_up(of_handler, 1);
    if (number == SIGUSR2)
        siglongjmp(out_of_step, 1);
}

static void raises(sqlite3_context *context, int n, sqlite3_value **value)
{
    (void)n;
    raise(sqlite3_value_int(value[0]));
    sqlite3_result_int(context, 1);
}

/* Queries in a handler, while a step of the same thread is under way; the second time it leaves that step by a jump. */
static int signals(void)
{
    sqlite3_stmt *statement, *look;
    sqlite3 *other = open_library(&of_handler), *db = open_library(&look);
    signal(SIGUSR1, on_signal);
    signal(SIGUSR2, on_signal);
    sqlite3_create_function(db, "raises", 1, SQLITE_UTF8, NULL, raises, NULL, NULL);
    sqlite3_prepare_v2(db, "SELECT raises(?) FROM author", -1, &statement, NULL);
    sqlite3_bind_int(statement, 1, SIGUSR1);
    while (sqlite3_step(statement) == SQLITE_ROW)
        continue;
    look_up(look, 10);
    sqlite3_reset(statement);
    sqlite3_bind_int(statement, 1, SIGUSR2);
    if (sigsetjmp(out_of_step, 1) == 0)
        sqlite3_step(statement);
    sqlite3_stmt *again; /* the database that was jumped out of is lost; another one works */
    open_library(&again);
    look_up(again, 10);
    sqlite3_finalize(of_handler);
    sqlite3_close(other);
    return 2 + 10 + 1 + 10;
}

static int aborts(void)
{
    work(10);
    printf("10\n");
    fflush(stdout);
    abort();
}

static int quits(void)
{
    work(10);
    printf("10\n");
    fflush(stdout);
    _exit(7);
}

static int only_work(void)
{
    work(10);
    return 10;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(void);
    } ways[] = {{"work", only_work},
                {"spawned", spawned},
                {"vforked", vforked},
                {"vforked_rights", vforked_rights},
                {"nobody_yet_early", nobody_yet_early},
                {"daemon", daemonised},
                {"nobody", nobody},
                {"nobody_early", nobody_early},
                {"new_root", new_root},
                {"new_root_early", new_root_early},
                {"churn", churn},
                {"signals", signals},
                {"aborts", aborts},
                {"quits", quits}};
    const ssize_t length = readlink("/proc/self/exe", self_path, sizeof self_path - 1);
    for (size_t i = 0; argc > 1 && length > 0 && i < sizeof ways / sizeof *ways; i++)
        if (strcmp(argv[1], ways[i].name) == 0) {
            const int n = ways[i].run();
            printf("%d\n", n);
            return n < 0;
        }
    return 2;
}
