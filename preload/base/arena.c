#include "preload/base/arena.h"

#include <stdio.h>
#include <string.h>

#include "preload/base/memory.h"
#include "preload/base/process.h"

enum { BORROWED_BYTES = N1_PARAMS_MAX * N1_VALUE_TEXT_MAX, UUID_BYTES = 16 };

struct n1_arena n1_arena_borrow(void)
{
    char *block = n1_process.has_values ? n1_pool_take(BORROWED_BYTES) : NULL;
    return (struct n1_arena){block, block ? block + BORROWED_BYTES : NULL, block};
}

void n1_arena_return(struct n1_arena *arena)
{
    n1_pool_give(arena->block, BORROWED_BYTES);
    *arena = (struct n1_arena){0};
}

void n1_arena_keep(struct n1_arena *arena, struct n1_encode_value *value, const char *text, size_t length)
{
    value->text = NULL;
    value->text_bytes = 0;
    if (!arena || !n1_process.has_values)
        return;
    if (length > N1_VALUE_TEXT_MAX)
        length = N1_VALUE_TEXT_MAX;
    if ((size_t)(arena->end - arena->at) < length)
        return;
    if (length)
        memcpy(arena->at, text, length);
    value->text = arena->at;
    value->text_bytes = (uint32_t)length;
    arena->at += length;
}

void n1_arena_keep_integer(struct n1_arena *arena, struct n1_encode_value *value, int64_t v)
{
    char digits[24];
    const bool is_kept = arena && n1_process.has_values;
    const int length = is_kept ? snprintf(digits, sizeof digits, "%lld", (long long)v) : 0;
    n1_arena_keep(arena, value, digits, (size_t)length);
}

void n1_arena_keep_boolean(struct n1_arena *arena, struct n1_encode_value *value, bool v)
{
    const char *word = v ? "true" : "false";
    n1_arena_keep(arena, value, word, strlen(word));
}

size_t n1_arena_spell_blob(char out[N1_VALUE_TEXT_MAX], const void *bytes, size_t size_bytes)
{
    static const char hex[] = "0123456789abcdef";
    const uint8_t *in = bytes;
    const bool is_uuid = size_bytes == UUID_BYTES; /* as n1_value_blob has it */
    size_t n = 0;
    for (size_t i = 0; i < size_bytes && n + 2 <= N1_VALUE_TEXT_MAX; i++) {
        if (is_uuid && (i == 4 || i == 6 || i == 8 || i == 10))
            out[n++] = '-';
        out[n++] = hex[in[i] >> 4];
        out[n++] = hex[in[i] & 0xf];
    }
    return n;
}

void n1_arena_keep_blob(struct n1_arena *arena, struct n1_encode_value *value, const void *bytes, size_t size_bytes)
{
    char spelled[N1_VALUE_TEXT_MAX];
    const bool is_kept = arena && n1_process.has_values;
    n1_arena_keep(arena, value, spelled, is_kept ? n1_arena_spell_blob(spelled, bytes, size_bytes) : 0);
}
