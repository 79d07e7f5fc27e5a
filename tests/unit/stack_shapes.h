/* Functions whose frames look different, compiled several times with different options (stack.cmake): each does something to
 * its frame and then calls stack_play again. */
#ifndef N1_TESTS_STACK_SHAPES_H
#define N1_TESTS_STACK_SHAPES_H

#include <stdint.h>

/* A run of the game: a pseudo-random sequence that decides which function is called next and where a stack is taken. */
struct stack_game {
    uint64_t seed;
    uint32_t depth, depth_max;
    void (*take)(struct stack_game *game); /* called at the chosen moments */
    volatile uint64_t sink;
};

uint64_t stack_random(struct stack_game *game);
/* Calls some shape, or takes a stack. */
void stack_play(struct stack_game *game);

typedef void stack_shape(struct stack_game *game);
#define N1_STACK_SHAPES 10
extern stack_shape *const stack_shapes_o0[N1_STACK_SHAPES];
extern stack_shape *const stack_shapes_o2[N1_STACK_SHAPES];
extern stack_shape *const stack_shapes_o3[N1_STACK_SHAPES];
extern stack_shape *const stack_shapes_fp[N1_STACK_SHAPES];
extern stack_shape *const stack_shapes_wide[N1_STACK_SHAPES];

/* Takes a stack now, whatever the game's own way is. */
void stack_take(struct stack_game *game);

/* Of stack_throws.cc: throws through whatever lies above, taking a stack on its way; plays and catches: 1 when something was
 * thrown. */
void stack_throw(struct stack_game *game);
int stack_catch(struct stack_game *game, stack_shape *play);

#endif
