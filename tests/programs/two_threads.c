/* two_threads DATABASE FIRST SECOND: two threads at once, each with a connection of its own, FIRST and SECOND look-ups. */
#include "shop_loop.h"

#include <pthread.h>

static pthread_barrier_t both;

struct work {
    const char *path;
    int count;
};

static void *run(void *arg)
{
    struct work *work = arg;
    sqlite3 *db = shop_open(work->path);
    pthread_barrier_wait(&both);
    shop_loop(db, work->count, NULL);
    sqlite3_close(db);
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    struct work works[2] = {{argv[1], atoi(argv[2])}, {argv[1], atoi(argv[3])}};
    pthread_t threads[2];
    pthread_barrier_init(&both, NULL, 2);
    for (int i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, run, &works[i]) != 0)
            return 1;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
