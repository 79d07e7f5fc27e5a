/* counts FILE: two threads query until they are killed. Each counts its finished statements in FILE (two 64-bit numbers, shared
 * memory), one step behind what the client library has finished: the truth that a recording is held against. */
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static void *query(void *counter)
{
    _Atomic uint64_t *finished = counter;
    sqlite3 *db;
    sqlite3_stmt *statement;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "SELECT ? + 1", -1, &statement, NULL) != SQLITE_OK)
        return NULL;
    for (int64_t i = 0;; i++) {
        sqlite3_bind_int64(statement, 1, i);
        while (sqlite3_step(statement) == SQLITE_ROW)
            sqlite3_column_int64(statement, 0);
        atomic_fetch_add(finished, 1);
        sqlite3_reset(statement);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    int fd = argc == 2 ? open(argv[1], O_RDWR) : -1;
    _Atomic uint64_t *counters = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd < 0 || (void *)counters == MAP_FAILED)
        return 2;
    close(fd);
    pthread_t other;
    if (pthread_create(&other, NULL, query, (void *)(counters + 1)) != 0)
        return 2;
    query((void *)counters);
    return 1;
}
