/* The calls that give rights up, good and bad ones, each in a child of its own with a statement before and behind it: the hooks
 * begin a recording in them. As root or as anybody. */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534 };

static void ask(void)
{
    sqlite3 *db;
    sqlite3_open(":memory:", &db);
    printf("%d ", sqlite3_exec(db, "SELECT 1", NULL, NULL, NULL));
    sqlite3_close(db);
}

static int set_user(void)
{
    return setuid(NOBODY);
}

static int set_user_back(void)
{
    return setuid(NOBODY) == 0 ? setuid(0) : -1;
}

static int set_effective(void)
{
    return setreuid((uid_t)-1, NOBODY);
}

static int set_effective_back(void)
{
    return seteuid(NOBODY) == 0 ? seteuid(0) : -1;
}

static int set_all(void)
{
    return setresuid(NOBODY, NOBODY, NOBODY);
}

static int set_none(void)
{
    return setresuid((uid_t)-1, (uid_t)-1, (uid_t)-1);
}

static int root_of_nowhere(void)
{
    return chroot("/nowhere-at-all");
}

static int same_root(void)
{
    return chroot("/");
}

int main(void)
{
    static int (*const ways[])(void) = {set_user, set_user_back, set_effective,   set_effective_back,
                                        set_all,  set_none,      root_of_nowhere, same_root};
    for (size_t i = 0; i < 2 * sizeof ways / sizeof *ways; i++) {
        fflush(stdout);
        if (fork() == 0) {
            if (i % 2)
                ask();
            const int rc = ways[i / 2]();
            const int why = rc ? errno : 0;
            printf("way %zu: %d %d ", i, rc, why);
            ask();
            puts("");
            exit(0);
        }
        int status;
        wait(&status);
        printf("%d\n", status);
    }
    return 0;
}
