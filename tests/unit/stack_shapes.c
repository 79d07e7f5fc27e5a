#include "stack_shapes.h"

#include <alloca.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define NAME(prefix) NAME_(prefix, N1_SHAPES)
#define NAME_(a, b)  NAME__(a, b)
#define NAME__(a, b) a##_##b
#define NOINLINE     __attribute__((noinline, noclone))

static NOINLINE void plain(struct stack_game *game)
{
    stack_play(game);
    game->sink++;
}

static NOINLINE void twice(struct stack_game *game)
{
    stack_play(game);
    game->sink += 3;
    stack_play(game);
    game->sink++;
}

static NOINLINE void large(struct stack_game *game)
{
    char bytes[3000];
    memset(bytes, (int)stack_random(game), sizeof bytes);
    stack_play(game);
    game->sink += (uint64_t)bytes[stack_random(game) % sizeof bytes];
}

static NOINLINE void varying(struct stack_game *game)
{
    const size_t size_bytes = 16 + stack_random(game) % 600;
    char *bytes = alloca(size_bytes);
    memset(bytes, 7, size_bytes);
    stack_play(game);
    game->sink += (uint64_t)bytes[size_bytes / 2];
}

static NOINLINE void aligned(struct stack_game *game)
{
    _Alignas(64) volatile uint64_t words[16];
    for (uint32_t i = 0; i < 16; i++)
        words[i] = stack_random(game);
    stack_play(game);
    game->sink += words[game->sink % 16];
}

static NOINLINE void aligned_and_varying(struct stack_game *game)
{
    _Alignas(128) volatile uint64_t words[16];
    volatile char *bytes = alloca(stack_random(game) % 400 + 1);
    bytes[0] = 1;
    words[0] = 2;
    stack_play(game);
    game->sink += words[0] + (uint64_t)bytes[0];
}

static NOINLINE uint64_t many(struct stack_game *game, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                              uint64_t f, uint64_t g, uint64_t h, uint64_t i)
{
    stack_play(game);
    return a + b * c + d * e + f * g + h * i;
}

/* More values alive over the calls than there are callee-saved registers, and arguments on the stack. */
static NOINLINE void crowded(struct stack_game *game)
{
    const uint64_t a = stack_random(game), b = stack_random(game), c = stack_random(game), d = stack_random(game);
    const uint64_t e = stack_random(game), f = stack_random(game), g = stack_random(game);
    game->sink += many(game, a, b, c, d, e, f, g, a ^ b, c ^ d);
    game->sink += many(game, g, f, e, d, c, b, a, e ^ f, g);
    game->sink += a + b + c + d + e + f + g;
}

static _Thread_local struct stack_game *sorting;

static int compare(const void *a, const void *b)
{
    struct stack_game *game = sorting;
    if (stack_random(game) % 8 == 0)
        stack_play(game);
    sorting = game;
    return *(const int *)a - *(const int *)b;
}

static NOINLINE void sorted(struct stack_game *game)
{
    int numbers[12];
    for (int i = 0; i < 12; i++)
        numbers[i] = (int)(stack_random(game) % 1000);
    sorting = game;
    qsort(numbers, 12, sizeof *numbers, compare);
    game->sink += (uint64_t)numbers[0];
}

static NOINLINE void leap(struct stack_game *game, jmp_buf *target)
{
    const uint32_t depth = game->depth;
    stack_play(game);
    game->depth = depth;
    longjmp(*target, 1);
}

static NOINLINE void jumping(struct stack_game *game)
{
    jmp_buf target;
    const uint32_t depth = game->depth;
    if (setjmp(target) == 0)
        leap(game, &target);
    game->depth = depth;
    stack_play(game);
    game->sink++;
}

static NOINLINE uint64_t listed(struct stack_game *game, int count, ...)
{
    va_list list;
    uint64_t sum = 0;
    va_start(list, count);
    stack_play(game);
    for (int i = 0; i < count; i++)
        sum += va_arg(list, uint64_t);
    va_end(list);
    return sum;
}

static NOINLINE void variadic(struct stack_game *game)
{
    game->sink += listed(game, 3, stack_random(game), stack_random(game), stack_random(game));
    game->sink++;
}

stack_shape *const NAME(stack_shapes)[N1_STACK_SHAPES] = {
    plain, twice, large, varying, aligned, aligned_and_varying, crowded, sorted, jumping, variadic,
};
