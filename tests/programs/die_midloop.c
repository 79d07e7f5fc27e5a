/* die_midloop DATABASE COUNT: the shop's loop, ended by SIGKILL after COUNT look-ups, its parent query still open. */
#include "shop_loop.h"

#include <signal.h>
#include <unistd.h>

static void die(void)
{
    kill(getpid(), SIGKILL);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    shop_loop(shop_open(argv[1]), atoi(argv[2]), die);
    return 1;
}
