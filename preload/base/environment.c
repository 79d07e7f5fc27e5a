#include "preload/base/environment.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>

static const char name[] = "GLIBC_TUNABLES=";

/* The kernel's strings lie one behind the other, above the vector and below the program's file name. */
static char *place_of(char **environment, size_t i)
{
    char *const end = (char *)getauxval(AT_EXECFN), *place = NULL;
    const size_t length = strlen(environment[i]) + 1;
    if (i > 0 && environment[i - 1] > (char *)environment && environment[i - 1] < end)
        place = environment[i - 1] + strlen(environment[i - 1]) + 1;
    else if (i == 0 && environment[1] != NULL && environment[1] > (char *)environment + length && environment[1] < end)
        place = environment[1] - length;
    return place != NULL && place + length <= end ? place : NULL;
}

/* glibc has put an end behind each value that it took. */
static bool is_what_is_left(const char *place, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (place[i] != text[i] && !(place[i] == '\0' && text[i] == ':'))
            return false;
    return true;
}

void n1_environment_restore(char **environment)
{
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++) {
        if (strncmp(environment[i], name, sizeof name - 1) != 0)
            continue;
        const size_t length = strlen(environment[i]) + 1;
        char *place = place_of(environment, i);
        if (place == NULL || place == environment[i] || !is_what_is_left(place, environment[i], length))
            return;
        memcpy(place, environment[i], length);
        environment[i] = place;
        return;
    }
}
