/* arena: memory that is freed all at once. Everything that a report points to lives in one. One thread. Out of memory
 * aborts, as GLib does. */
#ifndef N1_ANALYZER_ARENA_H
#define N1_ANALYZER_ARENA_H

#include <stddef.h>

struct n1_arena_block;

struct n1_arena {
    struct n1_arena_block *block; /* newest first */
    size_t used_bytes;            /* of the newest block */
};

void n1_arena_init(struct n1_arena *arena);
void n1_arena_release(struct n1_arena *arena);

void *n1_arena_alloc(struct n1_arena *arena, size_t bytes);      /* zeroed, aligned for any type */
char *n1_arena_strdup(struct n1_arena *arena, const char *text); /* NULL gives NULL */
char *n1_arena_printf(struct n1_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* As strdup, but what is not UTF-8 becomes U+FFFD and control characters but newline and tab become blanks. */
char *n1_arena_clean(struct n1_arena *arena, const char *text);

#endif
