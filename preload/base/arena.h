/* Room for real values (--values): the texts that are written behind the hashes, kept until their execution is.
 *
 * An arena is a stretch of memory that is filled from its start; a value's text points into it. It is borrowed from the pool, with
 * room for as many values as an execution can have, or somebody else's. Nothing is kept, and nothing looked at, when no real values are
 * recorded. A text is cut to N1_VALUE_TEXT_MAX; one that finds no room (the pool is used up) is left out, and counted when its
 * execution is written (N1_LOST_VALUES, execution.c).
 *
 *     struct n1_arena arena = n1_arena_borrow();
 *     n1_arena_keep_integer(&arena, &values[0], 5);
 *     ... the values are written, or copied to an arena that lasts
 *     n1_arena_return(&arena);
 *
 * Integers are spelled by their digits, booleans as true and false, 16 bytes as a UUID and other blobs by their hex digits.
 */
#ifndef N1_PRELOAD_ARENA_H
#define N1_PRELOAD_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/encode.h"

struct n1_arena {
    char *at, *end;
    char *block; /* borrowed; NULL: none, or somebody else's memory */
};

/* Empty when no real values are recorded, or without memory. */
struct n1_arena n1_arena_borrow(void);
/* What is in it may be overwritten from here on. */
static inline void n1_arena_rewind(struct n1_arena *arena)
{
    arena->at = arena->block;
}
void n1_arena_return(struct n1_arena *arena);

/* Each fills value->text and text_bytes. arena may be NULL: they are left empty. */
void n1_arena_keep(struct n1_arena *arena, struct n1_encode_value *value, const char *text, size_t length);
void n1_arena_keep_integer(struct n1_arena *arena, struct n1_encode_value *value, int64_t v);
void n1_arena_keep_boolean(struct n1_arena *arena, struct n1_encode_value *value, bool v);
void n1_arena_keep_blob(struct n1_arena *arena, struct n1_encode_value *value, const void *bytes, size_t size_bytes);

/* A blob as it is spelled; returns the length. */
size_t n1_arena_spell_blob(char out[N1_VALUE_TEXT_MAX], const void *bytes, size_t size_bytes);

#endif
