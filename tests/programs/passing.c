/* passing LIBRARY: asks a database out of a library that is an interpreter by its symbols, and again when that is unloaded; twice.
 * PASSING_LIBRARY: that library, a CPython in which no thread runs anything. */
#include <sqlite3.h>

int ask(sqlite3_stmt *statement)
{
    int rows = 0;
    while (sqlite3_step(statement) == SQLITE_ROW)
        rows++;
    sqlite3_reset(statement);
    return rows;
}

#ifdef PASSING_LIBRARY
void *PyCode_Type[64], *PyUnicode_Type[64], *PyTuple_Type[64];

const char *Py_GetVersion(void)
{
    return "3.11.2 (passing)";
}

void *PyGILState_GetThisThreadState(void)
{
    return 0;
}

#else
#    include <dlfcn.h>
#    include <stdint.h>
#    include <stdio.h>

typedef int asking(sqlite3_stmt *statement);

int main(int argc, char **argv)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    int rows = 0;
    sqlite3_open(":memory:", &db);
    sqlite3_prepare_v2(db, "SELECT 1", -1, &statement, NULL);
    for (int i = 0; argc > 1 && i < 2; i++) {
        void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
        asking *ask_there = library ? (asking *)(uintptr_t)dlsym(library, "ask") : NULL;
        rows += ask_there ? ask_there(statement) : -100;
        if (library)
            dlclose(library);
        rows += ask(statement);
    }
    printf("%d\n", rows);
    sqlite3_finalize(statement);
    return sqlite3_close(db);
}
#endif
