/* A program that makes no database call at all. */
#include <stdio.h>

int main(void)
{
    puts("no database here");
    return 0;
}
