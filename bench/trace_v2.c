/* What a program pays that keeps its own log with sqlite3_trace_v2: preloaded, every connection gets a trace that writes each
 * statement and its time to /dev/null. N1_BENCH_TRACE=expanded: with its parameters (sqlite3_expanded_sql). For side_by_side.py. */
#include <dlfcn.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *out;
static bool is_expanded;

static int note(unsigned event, void *context, void *statement, void *detail)
{
    (void)context;
    if (event == SQLITE_TRACE_PROFILE) {
        sqlite3_int64 time_ns;
        memcpy(&time_ns, detail, sizeof time_ns);
        fprintf(out, "%lld ns\n", (long long)time_ns);
    } else if (is_expanded) {
        char *sql = sqlite3_expanded_sql(statement);
        fprintf(out, "%s\n", sql ? sql : "");
        sqlite3_free(sql);
    } else {
        fprintf(out, "%s\n", (const char *)detail);
    }
    return 0;
}

__attribute__((visibility("default"))) int sqlite3_open(const char *name, sqlite3 **db)
{
    int (*real)(const char *, sqlite3 **) = (int (*)(const char *, sqlite3 **))dlsym(RTLD_NEXT, "sqlite3_open");
    const char *how = getenv("N1_BENCH_TRACE");
    is_expanded = how && strcmp(how, "expanded") == 0;
    out = fopen("/dev/null", "w");
    const int rc = real(name, db);
    if (rc == SQLITE_OK && out)
        sqlite3_trace_v2(*db, SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE, note, NULL);
    return rc;
}
