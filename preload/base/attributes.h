/* What the compiler is told of functions and branches, above all where functions lie: a database fills the instruction cache as it
 * is.
 */
#ifndef N1_PRELOAD_ATTRIBUTES_H
#define N1_PRELOAD_ATTRIBUTES_H

#define N1_LIKELY(x)   __builtin_expect(!!(x), 1)
#define N1_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define N1_EXPORT      __attribute__((visibility("default")))
#define N1_COLD        __attribute__((cold, noinline))
#define N1_HOT         __attribute__((hot)) /* of what a look-up runs through: these functions lie side by side */
#define N1_HIDDEN      __attribute__((visibility("hidden"))) /* of what hooks read: no detour by the offset table */
/* A part of the way of a look-up: these functions lie in the order of their places (two digits), from the start of a page on, so
 * that how they meet the database's code in the instruction cache does not hang on what else the library is made of. */
#define N1_WAY(place)         __attribute__((hot, section(N1_WAY_SECTION(place))))
#define N1_WAY_SECTION(place) ".text.sorted.n1." place
/* Runs for every row: next to its like, in as few cache lines as it can. */
#define N1_ROW __attribute__((hot, aligned(64)))

#endif
