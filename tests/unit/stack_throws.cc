/* C++ exceptions that pass C frames, with stacks taken by destructors on their way, where they are caught, and behind it. */
extern "C" {
#include "stack_shapes.h"
}

namespace
{

/* Takes a stack while frames are taken away above it. */
struct witness {
    stack_game *game;
    ~witness()
    {
        stack_take(game);
    }
};

[[gnu::noinline]] void thrown(stack_game *game)
{
    witness here{game};
    throw game->depth;
}

} // namespace

extern "C" {

void stack_throw(struct stack_game *game)
{
    thrown(game);
}

int stack_catch(struct stack_game *game, stack_shape *play)
{
    const uint32_t depth = game->depth;
    try {
        witness outer{game};
        play(game);
    } catch (uint32_t) {
        game->depth = depth;
        stack_take(game);
        return 1;
    }
    stack_take(game);
    return 0;
}
}
