/* SQLite that no hook can reach: an object of the process that carries the library in itself without exporting it
 * (better-sqlite3, CPAN's DBD::SQLite, Go and Rust programs with a C toolchain, node:sqlite), or the program itself, whose
 * calls are bound when it is linked.
 *
 * Looked for once, when the process ends by exit(): the constants of its objects are searched for a message that every SQLite
 * has. libc and the dynamic linker are left out, so that a program without further libraries pays nothing; otherwise
 * about 0.1 ms a megabyte of constants. Counted as N1_UNSAFE_STATIC; every report says it.
 */
#ifndef N1_PRELOAD_HIDDEN_H
#define N1_PRELOAD_HIDDEN_H

#include <stdbool.h>

/* True when some object of this process hides an SQLite. Allocates nothing, keeps errno. */
bool n1_hidden_sqlite(void);

#endif
