#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/completion.h"
#include "cli/message.h"

static const struct {
    const char *name;
    void (*print)(FILE *out);
} shells[] = {
    {"bash", n1_completion_bash},
    {"zsh", n1_completion_zsh},
};

static const GOptionEntry entries[] = {
    G_OPTION_ENTRY_NULL,
};

static char *words(const char *placeholder)
{
    if (strcmp(placeholder, "SHELL") != 0)
        return NULL;
    return g_strdup("bash zsh");
}

static int run(const struct n1_command *command, int argc, char **argv)
{
    if (argc != 1)
        return n1_complain(command->failure,
                           "completion: name one shell: n1prof completion bash, n1prof completion zsh");
    for (size_t i = 0; i < G_N_ELEMENTS(shells); i++) {
        if (strcmp(argv[0], shells[i].name) != 0)
            continue;
        shells[i].print(stdout);
        return fflush(stdout) == 0 ? 0 : n1_complain(command->failure, "standard output: cannot write it");
    }
    return n1_complain(command->failure, "there is no completion for '%s'; shells: bash, zsh", argv[0]);
}

const struct n1_command n1_command_completion = {
    .name = "completion",
    .arguments = "SHELL",
    .summary = "a completion script for bash or zsh",
    .examples = "  source <(n1prof completion bash)            in ~/.bashrc\n"
                "  n1prof completion zsh > ~/.zfunc/_n1prof    in a folder of $fpath\n",
    .details = "An installed n1prof has brought both to the usual places.\n",
    .options = entries,
    .failure = 2,
    .run = run,
    .words = words,
};
