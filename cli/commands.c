#include <string.h>

#include "cli/command.h"

const struct n1_command *const n1_commands[] = {
    &n1_command_run,
    &n1_command_record,
    &n1_command_report,
    &n1_command_check,
    &n1_command_diff,
    &n1_command_dump,
    &n1_command_baseline,
    &n1_command_doctor,
    &n1_command_explain,
    &n1_command_completion,
    NULL,
};

const struct n1_command *n1_command_find(const char *name)
{
    for (size_t i = 0; n1_commands[i]; i++)
        if (strcmp(n1_commands[i]->name, name) == 0)
            return n1_commands[i];
    return NULL;
}
