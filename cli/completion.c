#include "cli/completion.h"

#include <string.h>

enum n1_completion n1_completion_of(const struct n1_command *command, const char *placeholder, char **words)
{
    static const struct {
        const char *placeholder;
        enum n1_completion what;
    } usual[] = {
        {"FILE", N1_COMPLETE_FILES},
        {"TRACE", N1_COMPLETE_DIRECTORIES},
        {"TRACE_A", N1_COMPLETE_DIRECTORIES},
        {"DIR", N1_COMPLETE_DIRECTORIES},
    };
    *words = placeholder && command->words ? command->words(placeholder) : NULL;
    if (*words)
        return strchr(*words, '=') ? N1_COMPLETE_TARGETS : N1_COMPLETE_WORDS;
    for (size_t i = 0; placeholder && i < G_N_ELEMENTS(usual); i++)
        if (strcmp(placeholder, usual[i].placeholder) == 0)
            return usual[i].what;
    return N1_COMPLETE_NOTHING;
}

char *n1_completion_argument(const struct n1_command *command)
{
    const char *start = command->arguments;
    while (*start && !g_ascii_isupper(*start))
        start++;
    const char *end = start;
    while (g_ascii_isupper(*end) || *end == '_')
        end++;
    return end == start ? NULL : g_strndup(start, (gsize)(end - start));
}
