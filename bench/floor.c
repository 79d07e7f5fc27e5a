/* The least that a recorder in the program's own process can cost, for `overhead.py --floor`: hooks on the functions of a
 * look-up, or of the rows of a scan, that do nothing (N1_FLOOR=forward), read the clock at the begin and the end of each
 * execution (clock), or also store 24 bytes a statement into a ring of shared memory that is never emptied (record). No
 * statement state, no parameters, no stack, nothing is safe: what the recorder costs above it is what it is for. */
#include <dlfcn.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <x86intrin.h>

#define RING_WORDS 32768U

static int (*real_step)(sqlite3_stmt *);
static int (*real_reset)(sqlite3_stmt *);
static int (*real_column_int)(sqlite3_stmt *, int);
static int (*real_bind_int64)(sqlite3_stmt *, int, sqlite3_int64);
static uint64_t *ring;
static uint64_t start, last, value;
static uint32_t used;
static int has_clock, is_running;

__attribute__((constructor)) static void resolve(void)
{
    const char *what = getenv("N1_FLOOR");
    *(void **)&real_step = dlsym(RTLD_NEXT, "sqlite3_step");
    *(void **)&real_reset = dlsym(RTLD_NEXT, "sqlite3_reset");
    *(void **)&real_column_int = dlsym(RTLD_NEXT, "sqlite3_column_int");
    *(void **)&real_bind_int64 = dlsym(RTLD_NEXT, "sqlite3_bind_int64");
    has_clock = what && strcmp(what, "forward") != 0;
    if (what && strcmp(what, "record") == 0) {
        ring = mmap(NULL, RING_WORDS * sizeof *ring, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (ring == MAP_FAILED)
            abort();
    }
}

__attribute__((visibility("default"))) int sqlite3_bind_int64(sqlite3_stmt *statement, int index, sqlite3_int64 v)
{
    value = (uint64_t)v * 0x9e3779b97f4a7c15ULL;
    return real_bind_int64(statement, index, v);
}

__attribute__((visibility("default"))) int sqlite3_step(sqlite3_stmt *statement)
{
    if (has_clock && !is_running)
        start = __rdtsc();
    is_running = 1;
    const int rc = real_step(statement);
    if (rc == SQLITE_ROW)
        return rc;
    is_running = 0;
    if (has_clock)
        last = __rdtsc();
    if (ring) {
        uint64_t *at = ring + used;
        at[0] = start;
        at[1] = last - start;
        at[2] = value;
        used = (used + 3) % (RING_WORDS - 3);
    }
    return rc;
}

__attribute__((visibility("default"))) int sqlite3_column_int(sqlite3_stmt *statement, int column)
{
    value = (uint64_t)column;
    return real_column_int(statement, column);
}

__attribute__((visibility("default"))) int sqlite3_reset(sqlite3_stmt *statement)
{
    is_running = 0;
    return real_reset(statement);
}
