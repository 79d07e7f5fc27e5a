/* Statement texts: from what the program wrote to an id and the values that stood in it.
 *
 * Two tables. A thread's own cache (in its slot) knows exact texts by their hash, so that a repeated text costs a hash. Behind
 * it the process's table knows redacted texts, so that texts that differ in literals only have one id. At most
 * N1_TEXTS_MAX redacted texts have ids; later ones get id 0 and are counted as N1_LOST_DICTIONARY.
 *
 * The literals of a text that is found: from the cache when they are few and no real values are recorded, else decoded anew.
 */
#ifndef N1_PRELOAD_TEXT_H
#define N1_PRELOAD_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/base/arena.h"
#include "trace/encode.h"
#include "trace/format.h"

enum { N1_TEXTS_MAX = 8192, N1_TEXT_CACHE = 256, N1_TEXT_CACHE_LITERALS = 6 };

struct n1_text_entry {
    uint64_t hash; /* of the exact text, dialect and flags; 0: empty */
    uint32_t sql;
    uint16_t n_literals;
    uint8_t is_script; /* more than one statement */
    struct n1_value literal[N1_TEXT_CACHE_LITERALS];
};
struct n1_text_cache {
    struct n1_text_entry entry[N1_TEXT_CACHE];
};

struct n1_text_span {
    const char *text;
    size_t length;
};

/* What the thread's cache has of a text; NULL: ask n1_text_find. */
const struct n1_text_entry *n1_text_known(struct n1_text_cache *cache, enum n1_dialect dialect, unsigned flags,
                                          const char *text, size_t length);

/* Filled by n1_text_find. */
struct n1_text {
    uint32_t sql;        /* id, or 0 */
    uint32_t n_literals; /* given in params */
    bool is_script;
};

/* Looks a statement up, makes its dictionary entry when it is new. Writes at most capacity literal values to params; with
 * real values their texts go to *arena, which is advanced (arena may be NULL otherwise). Keeps errno. */
struct n1_text n1_text_find(struct n1_text_cache *cache, enum n1_dialect dialect, unsigned flags, const char *text,
                            size_t length, struct n1_encode_value *params, uint32_t capacity, struct n1_arena *arena);

void n1_text_after_fork(void);

/* What the recorder knows of a text's result columns; NULL for id 0. Any thread may fill it: `state` goes 0 → 1 (being
 * written) → 2. */
struct n1_text_columns {
    _Atomic uint32_t state;
    uint32_t count;
    uint64_t keys; /* bit i: column i is kept beyond the first rows */
};
struct n1_text_columns *n1_text_columns(uint32_t sql);

#endif
