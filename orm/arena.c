#include <stdio.h>
#include <stdlib.h>

#include "orm/base.h"

/* ORM_ARENA_EXACT: a block for each piece, so that a sanitizer sees its end and a test can fail each of them. */
#ifdef ORM_ARENA_EXACT
enum { BLOCK_BYTES = 0, MAX_BLOCK_BYTES = 0 };
#else
enum { BLOCK_BYTES = 16 * 1024, MAX_BLOCK_BYTES = 1024 * 1024 };
#endif
enum { MAX_SPARE_BYTES = 32 * 1024 * 1024 };

void orm_push_block(struct orm_arena *a, size_t need)
{
    size_t size = a->top ? a->top->size * 2 : BLOCK_BYTES;
    if (size > MAX_BLOCK_BYTES)
        size = MAX_BLOCK_BYTES;
    if (size < need)
        size = need;
    struct orm_block *b = a->spare;
    if (b && b->size >= need) {
        a->spare = b->below;
        a->spare_bytes -= b->size;
        memset(b->data, 0, b->used);
        b->used = 0;
        b->below = a->top;
        b->base = a->used_bytes;
        a->top = b;
        return;
    }
    b = calloc(1, sizeof *b + size);
    if (!b)
        orm_out_of_memory(a);
    b->below = a->top;
    b->base = a->used_bytes;
    b->size = size;
    a->top = b;
}

char *orm_copy_text(struct orm_arena *a, const char *s, size_t n)
{
    char *p = orm_alloc(a, n + 1);
    if (n)
        memcpy(p, s, n);
    return p;
}

char *orm_printf(struct orm_arena *a, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = orm_alloc(a, (size_t)(n < 0 ? 0 : n) + 1);
    if (n > 0)
        vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}

/* The lowest block stays where it is: a loop that rewinds an arena to nothing takes no block from anywhere. */
static bool stays(const struct orm_block *b)
{
    return !b->below && b->size <= MAX_BLOCK_BYTES;
}

void orm_arena_rewind(struct orm_arena *a, size_t mark)
{
    while (a->top && a->top->base >= mark && !stays(a->top)) {
        struct orm_block *b = a->top;
        a->used_bytes = b->base;
        a->top = b->below;
        if (BLOCK_BYTES == 0 || a->spare_bytes + b->size > MAX_SPARE_BYTES) {
            free(b);
            continue;
        }
        b->below = a->spare;
        a->spare = b;
        a->spare_bytes += b->size;
    }
    if (a->top && a->used_bytes > mark) {
        size_t keep = mark - a->top->base;
        memset(a->top->data + keep, 0, a->top->used - keep);
        a->top->used = keep;
        a->used_bytes = mark;
    }
}

void orm_arena_release(struct orm_arena *a)
{
    orm_arena_rewind(a, 0);
    free(a->top);
    while (a->spare) {
        struct orm_block *b = a->spare;
        a->spare = b->below;
        free(b);
    }
    *a = (struct orm_arena){.guard = a->guard};
}

void *orm_grow(struct orm_arena *a, void *old, size_t n, size_t item_bytes)
{
    if (n != 0 && (n < 4 || (n & (n - 1)) != 0))
        return old;
    void *p = orm_alloc(a, (n < 4 ? 4 : n * 2) * item_bytes);
    if (n)
        memcpy(p, old, n * item_bytes);
    return p;
}

void orm_put_n(struct orm_buf *b, const char *s, size_t n)
{
    if (b->len + n + 1 > b->cap) {
        size_t cap = b->cap ? b->cap * 2 : 256;
        while (cap < b->len + n + 1)
            cap *= 2;
        char *p = orm_alloc(b->arena, cap);
        if (b->len)
            memcpy(p, b->p, b->len);
        b->p = p;
        b->cap = cap;
    }
    if (n)
        memcpy(b->p + b->len, s, n);
    b->len += n;
    b->p[b->len] = '\0';
}

void orm_put(struct orm_buf *b, const char *s)
{
    orm_put_n(b, s, strlen(s));
}

void orm_putf(struct orm_buf *b, const char *fmt, ...)
{
    char small[256];
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < sizeof small) {
        orm_put_n(b, small, (size_t)n);
    } else if (n >= 0) {
        char *p = orm_alloc(b->arena, (size_t)n + 1);
        vsnprintf(p, (size_t)n + 1, fmt, again);
        orm_put_n(b, p, (size_t)n);
    }
    va_end(again);
}
