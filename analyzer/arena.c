#include "analyzer/arena.h"

#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK_BYTES = 64 * 1024, ALIGNMENT = _Alignof(max_align_t) };

struct n1_arena_block {
    struct n1_arena_block *next;
    size_t size_bytes;
    max_align_t data[];
};

void n1_arena_init(struct n1_arena *arena)
{
    *arena = (struct n1_arena){0};
}

void n1_arena_release(struct n1_arena *arena)
{
    while (arena->block != NULL) {
        struct n1_arena_block *next = arena->block->next;
        g_free(arena->block);
        arena->block = next;
    }
    arena->used_bytes = 0;
}

void *n1_arena_alloc(struct n1_arena *arena, size_t bytes)
{
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (arena->block == NULL || arena->block->size_bytes - arena->used_bytes < bytes) {
        size_t size = MAX(bytes, BLOCK_BYTES);
        struct n1_arena_block *block = g_malloc0(sizeof *block + size);
        block->size_bytes = size;
        block->next = arena->block;
        arena->block = block;
        arena->used_bytes = 0;
    }
    void *at = (char *)arena->block->data + arena->used_bytes;
    arena->used_bytes += bytes;
    return at;
}

char *n1_arena_strdup(struct n1_arena *arena, const char *text)
{
    if (text == NULL)
        return NULL;
    size_t bytes = strlen(text) + 1;
    return memcpy(n1_arena_alloc(arena, bytes), text, bytes);
}

char *n1_arena_printf(struct n1_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = g_strdup_vprintf(format, args);
    va_end(args);
    char *copy = n1_arena_strdup(arena, text);
    g_free(text);
    return copy;
}

char *n1_arena_clean(struct n1_arena *arena, const char *text)
{
    if (text == NULL)
        return NULL;
    char *valid = g_utf8_make_valid(text, -1);
    for (char *c = valid; *c != '\0'; c++) {
        if (((unsigned char)*c < 0x20 && *c != '\n' && *c != '\t') || *c == 0x7f)
            *c = ' ';
    }
    char *copy = n1_arena_strdup(arena, valid);
    g_free(valid);
    return copy;
}
