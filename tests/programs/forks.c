/* forks DATABASE OURS THEIRS: OURS look-ups here, then two children with THEIRS each on connections of their own, of
 * which the second ends by _exit; then OURS look-ups here again. */
#include "shop_loop.h"

#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    int ours = atoi(argv[2]), theirs = atoi(argv[3]);
    sqlite3 *db = shop_open(argv[1]);
    shop_loop(db, ours, NULL);
    for (int child = 0; child < 2; child++) {
        pid_t pid = fork();
        if (pid < 0)
            return 1;
        if (pid == 0) {
            shop_loop(shop_open(argv[1]), theirs, NULL);
            if (child == 1)
                _exit(0);
            exit(0);
        }
        int status;
        if (waitpid(pid, &status, 0) != pid || status != 0)
            return 1;
    }
    shop_loop(db, ours, NULL);
    sqlite3_close(db);
    return 0;
}
