#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/message.h"

static gboolean wants_help;

const GOptionEntry n1_command_common[] = {
    {"help", 'h', 0, G_OPTION_ARG_NONE, &wants_help, "show this help", NULL},
    G_OPTION_ENTRY_NULL,
};

static void print_options(const GOptionEntry *entry)
{
    for (; entry->long_name; entry++) {
        char left[64];
        if (entry->flags & G_OPTION_FLAG_HIDDEN)
            continue;
        if (entry->short_name)
            snprintf(left, sizeof left, "-%c, --%s%s%s", entry->short_name, entry->long_name,
                     entry->arg_description ? " " : "", entry->arg_description ? entry->arg_description : "");
        else
            snprintf(left, sizeof left, "    --%s%s%s", entry->long_name, entry->arg_description ? " " : "",
                     entry->arg_description ? entry->arg_description : "");
        printf("  %-26s %s\n", left, entry->description);
    }
}

void n1_command_help(const struct n1_command *command)
{
    printf("n1prof %s: %s\n\nExamples:\n%s\n", command->name, command->summary, command->examples);
    printf("Usage: n1prof %s [OPTION]... %s\n\nOptions:\n", command->name, command->arguments);
    print_options(command->options);
    print_options(n1_command_common);
    if (command->print_more)
        command->print_more();
    if (command->details)
        printf("\n%s", command->details);
}

/* GLib's message names the option; its first letter is made small, because it stands behind "n1prof run: ". */
static int refuse(const struct n1_command *command, const char *message)
{
    char *text = g_strdup(message);
    text[0] = g_ascii_tolower(text[0]);
    int status = n1_complain(command->failure, "%s: %s; see n1prof %s --help", command->name, text, command->name);
    g_free(text);
    return status;
}

int n1_command_execute(const struct n1_command *command, char **argv)
{
    char **rest = g_strdupv(argv);
    GOptionContext *context = g_option_context_new(NULL);
    GError *error = NULL;
    int status;
    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_set_strict_posix(context, command->takes_program);
    g_option_context_add_main_entries(context, command->options, NULL);
    g_option_context_add_main_entries(context, n1_command_common, NULL);
    if (!g_option_context_parse_strv(context, &rest, &error)) {
        status = refuse(command, error->message);
        g_error_free(error);
    } else if (wants_help) {
        n1_command_help(command);
        status = fflush(stdout) == 0 ? 0 : command->failure;
    } else {
        char **first = rest + 1;
        if (*first && strcmp(*first, "--") == 0)
            first++;
        status = command->run(command, (int)g_strv_length(first), first);
    }
    g_option_context_free(context);
    g_strfreev(rest);
    return status;
}
