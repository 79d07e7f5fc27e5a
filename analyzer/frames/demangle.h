/* demangle: names of C++ and Rust functions as a person reads them. "_ZN5Table6lookupERK4Name" is Table::lookup: namespaces,
 * classes and template arguments stay, because they tell functions apart; parameters, the return type and Rust's hash go, because a
 * call path shall be readable and survive a recompilation.
 *
 * The work is done by the C++ run-time's own __cxa_demangle, loaded when the first such name comes, so that nothing of C++ is needed
 * to build n1prof. Without a libstdc++.so.6 names stay as they are.
 */
#ifndef N1_ANALYZER_FRAMES_DEMANGLE_H
#define N1_ANALYZER_FRAMES_DEMANGLE_H

#include <stdbool.h>

/* The readable name, to be freed by g_free(); NULL when symbol is not mangled or cannot be read. */
char *n1_demangle(const char *symbol);

/* Whether there is a run-time to ask. */
bool n1_demangle_is_possible(void);

#endif
