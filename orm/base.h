/* What every room of the ORM stands on: the arena, the growing text, the sticky error.
 *
 * The arena is a stack of blocks: memory is zeroed, aligned to 16, never freed singly. A mark is the number of bytes
 * handed out so far; rewinding to it frees everything newer. There is always memory: without any the call of the program
 * ends (guard.h). Not thread-safe: one arena, one scope. */
#ifndef ORM_BASE_H
#define ORM_BASE_H

#include <stdarg.h>
#include <string.h>

#include "orm/types.h"

enum { ORM_ALIGN = 16 };
struct orm_block {
    struct orm_block *below;
    size_t base;       /* used_bytes of the arena when this block was pushed */
    size_t size, used; /* of data */
    _Alignas(ORM_ALIGN) unsigned char data[];
};

struct orm_guard;
struct orm_arena {
    struct orm_block *top;
    struct orm_block *spare; /* blocks that a rewind left, the smallest first: a loop that rewinds calls no malloc() */
    size_t spare_bytes;
    size_t used_bytes;        /* handed out so far: the mark */
    struct orm_guard **guard; /* the scope's innermost one: where a failure ends */
};

void orm_push_block(struct orm_arena *a, size_t need_bytes);

/* Never NULL. Here, because a look-up by key asks a dozen times. */
static inline void *orm_alloc(struct orm_arena *a, size_t size_bytes)
{
    size_t need = (size_bytes + ORM_ALIGN - 1) & ~(size_t)(ORM_ALIGN - 1);
    if (need == 0)
        need = ORM_ALIGN;
    if (!a->top || a->top->size - a->top->used < need)
        orm_push_block(a, need);
    void *p = a->top->data + a->top->used;
    a->top->used += need;
    a->used_bytes += need;
    return p;
}
/* Ends the call of the program as a failed orm_alloc() does: for a client library that ran out of memory. */
_Noreturn void orm_out_of_memory(struct orm_arena *a); /* unwind.c */
char *orm_copy_text(struct orm_arena *a, const char *s, size_t n);
char *orm_printf(struct orm_arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void orm_arena_rewind(struct orm_arena *a, size_t mark);
void orm_arena_release(struct orm_arena *a);
#define ORM_NEW(a, T)      ((T *)orm_alloc((a), sizeof(T)))
#define ORM_NEW_N(a, T, n) ((T *)orm_alloc((a), sizeof(T) * (n)))

/* Make room for one more in a growing array of the arena: p = ORM_GROW(a, p, n). Amortised: capacity is the next
 * power of two of n, so no capacity is stored. */
void *orm_grow(struct orm_arena *a, void *old, size_t n, size_t item_bytes);
#define ORM_GROW(a, p, n) orm_grow((a), (p), (n), sizeof *(p))

/* A text that grows in the arena; p is always terminated. */
struct orm_buf {
    struct orm_arena *arena;
    char *p;
    size_t len, cap;
};
void orm_put(struct orm_buf *b, const char *s);
void orm_put_n(struct orm_buf *b, const char *s, size_t n);
void orm_putf(struct orm_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The first error wins until it is cleared. */
struct orm_error {
    orm_status status;
    char sqlstate[6];
    char message[2000];
};
/* Always returns false, so that a function may end with `return orm_fail(...)`. */
bool orm_fail(struct orm_error *e, orm_status status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* With the text and a caret below the place (both cut to a window of the text around pos). */
bool orm_fail_at(struct orm_error *e, orm_status status, const char *text, size_t pos, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

#endif
