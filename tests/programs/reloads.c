/* reloads PLUGIN:PLUGIN: two plugins (tests/programs/sqlite_calls.c as modules), each linked with a copy of SQLite, loaded and unloaded in
 * turns. An address that was one copy's is the other's then, or nobody's. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    char both[1024], *rest = both;
    snprintf(both, sizeof both, "%s", argc > 1 ? argv[1] : "");
    const char *path[2] = {strsep(&rest, ":"), rest};
    for (int i = 0; i < 12 && path[1]; i++) {
        void *plugin = dlopen(path[i % 3 == 0], RTLD_NOW | RTLD_LOCAL);
        int (*run)(int, char **) = plugin ? (int (*)(int, char **))dlsym(plugin, "main") : NULL;
        char program[] = "sqlite_calls", way[] = "loop", *words[] = {program, way, NULL};
        printf("%d\n", run ? run(2, words) : -1);
        if (!run)
            printf("%s\n", dlerror());
        if (plugin)
            dlclose(plugin);
    }
    return fflush(stdout) == 0 && path[1] ? 0 : 1;
}
