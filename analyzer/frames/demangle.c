#include "analyzer/frames/demangle.h"

#include <dlfcn.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

enum { SYMBOL_MAX = 4096 }; /* longer ones are templates that nobody reads */

typedef char *demangler(const char *symbol, char *buffer, size_t *size, int *status);

/* Kept for the life of the program: a run-time of C++ is not made to be unloaded. */
static demangler *run_time(void)
{
    static gsize is_loaded;
    static demangler *found;
    if (g_once_init_enter(&is_loaded)) {
        void *library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_LOCAL);
        if (library)
            *(void **)&found = dlsym(library, "__cxa_demangle");
        g_once_init_leave(&is_loaded, 1);
    }
    return found;
}

bool n1_demangle_is_possible(void)
{
    return run_time() != NULL;
}

/* Where the parentheses begin that end at close; 0: nowhere. */
static size_t opening(const char *name, size_t close)
{
    int depth = 0;
    for (size_t i = close + 1; i-- > 0;) {
        depth += (name[i] == ')') - (name[i] == '(');
        if (depth == 0)
            return i;
    }
    return 0;
}

/* "f(int) const" becomes "f". */
static void cut_parameters(char *name)
{
    static const char *const qualifiers[] = {" const", " volatile", " &", " &&", " noexcept"};
    size_t length = strlen(name);
    for (size_t i = 0; i < G_N_ELEMENTS(qualifiers); i++) {
        if (g_str_has_suffix(name, qualifiers[i])) {
            name[length -= strlen(qualifiers[i])] = '\0';
            i = (size_t)-1;
        }
    }
    size_t from = length > 0 && name[length - 1] == ')' ? opening(name, length - 1) : 0;
    /* "operator()" has nothing behind its name: these are no parameters. */
    if (from > 0 && !(from >= 8 && strncmp(name + from - 8, "operator", 8) == 0))
        name[from] = '\0';
}

/* "void f<int>" becomes "f<int>": only functions made of templates tell what they return. */
static const char *behind_return_type(const char *name)
{
    const char *start = name;
    int depth = 0;
    if (strstr(name, "operator"))
        return name;
    for (const char *c = name; *c; c++) {
        depth +=
            (*c == '<' || *c == '(' || *c == '{' || *c == '[') - (*c == '>' || *c == ')' || *c == '}' || *c == ']');
        if (*c == ' ' && depth == 0)
            start = c + 1;
    }
    return *start ? start : name;
}

/* Rust's older names end in a hash of the crate's contents. */
static void cut_hash(char *name)
{
    enum { HASH = 19 }; /* "::h" and 16 digits */
    size_t length = strlen(name);
    if (length > HASH && strncmp(name + length - HASH, "::h", 3) == 0 &&
        strspn(name + length - HASH + 3, "0123456789abcdef") == HASH - 3)
        name[length - HASH] = '\0';
}

char *n1_demangle(const char *symbol)
{
    int status = -1;
    if (strncmp(symbol, "_Z", 2) != 0 || strnlen(symbol, SYMBOL_MAX) == SYMBOL_MAX || !run_time())
        return NULL;
    char *whole = run_time()(symbol, NULL, NULL, &status);
    if (status != 0 || !whole) {
        free(whole);
        return NULL;
    }
    cut_parameters(whole);
    cut_hash(whole);
    char *name = g_strdup(behind_return_type(whole));
    free(whole);
    return name;
}
