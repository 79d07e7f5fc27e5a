/* zsh: one call of _arguments a command, and one for the commands themselves. */
#include "cli/completion.h"

#include <string.h>

/* Text between the brackets or behind the colons of an _arguments spec, inside single quotes. */
static void print_quoted(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else if (*text == '[' || *text == ']' || *text == ':' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
}

static void print_action(FILE *out, const struct n1_command *command, const char *placeholder)
{
    char *words = NULL;
    switch (n1_completion_of(command, placeholder, &words)) {
    case N1_COMPLETE_FILES: fputs("_files", out); break;
    case N1_COMPLETE_DIRECTORIES: fputs("_files -/", out); break;
    case N1_COMPLETE_WORDS: fprintf(out, "(%s)", words); break;
    case N1_COMPLETE_TARGETS: {
        /* The names with and without the file: _n1prof_targets does the second half. */
        fprintf(out, "{_n1prof_targets %s}", words);
        break;
    }
    case N1_COMPLETE_NOTHING: fputc(' ', out); break;
    }
    g_free(words);
}

static void print_option(FILE *out, const struct n1_command *command, const GOptionEntry *entry)
{
    const char *equals = entry->arg_description ? "=" : "";
    gboolean repeats = entry->arg == G_OPTION_ARG_FILENAME_ARRAY || entry->arg == G_OPTION_ARG_STRING_ARRAY;
    if ((entry->flags & G_OPTION_FLAG_HIDDEN) || strchr(entry->long_name, '='))
        return; /* _arguments knows no --name=value of fixed value */
    for (int is_short = 0; is_short < (entry->short_name ? 2 : 1); is_short++) {
        fputs("        '", out);
        if (repeats)
            fputc('*', out);
        else if (entry->short_name)
            fprintf(out, "(--%s -%c)", entry->long_name, entry->short_name);
        if (is_short)
            fprintf(out, "-%c%s[", entry->short_name, *equals ? "+" : "");
        else
            fprintf(out, "--%s%s[", entry->long_name, equals);
        print_quoted(out, entry->description);
        fputc(']', out);
        if (entry->arg_description) {
            fprintf(out, ":%s:", entry->arg_description);
            print_action(out, command, entry->arg_description);
        }
        fputs("' \\\n", out);
    }
}

static void print_command(FILE *out, const struct n1_command *command)
{
    char *argument = n1_completion_argument(command);
    fprintf(out, "    %s)\n        _arguments -s -S \\\n", command->name);
    for (const GOptionEntry *entry = n1_command_common; entry->long_name; entry++)
        print_option(out, command, entry);
    for (const GOptionEntry *entry = command->options; entry->long_name; entry++)
        print_option(out, command, entry);
    if (command->takes_program) {
        fputs("        '(-)1:PROGRAM:_command_names -e' \\\n        '*::ARGUMENT:_normal'\n", out);
    } else if (argument) {
        fprintf(out, "        '*:%s:", argument);
        print_action(out, command, argument);
        fputs("'\n", out);
    } else {
        fputs("        '*: : '\n", out);
    }
    fputs("        ;;\n", out);
    g_free(argument);
}

void n1_completion_zsh(FILE *out)
{
    fputs("#compdef n1prof\n# Completion of n1prof for zsh; made by: n1prof completion zsh\n\n"
          "# NAME or NAME=FILE\n"
          "_n1prof_targets() {\n"
          "    if compset -P '*='; then\n        _files\n    else\n"
          "        compadd -S '' -- \"$@\"\n    fi\n}\n\n"
          "_n1prof() {\n"
          "    local context state state_descr line curcontext=$curcontext\n"
          "    typeset -A opt_args\n"
          "    if (( CURRENT == 2 )); then\n"
          "        local -a commands\n        commands=(\n",
          out);
    for (size_t i = 0; n1_commands[i]; i++) {
        fprintf(out, "            '%s:", n1_commands[i]->name);
        print_quoted(out, n1_commands[i]->summary);
        fputs("'\n", out);
    }
    fputs("        )\n        _describe -t commands command commands\n"
          "        compadd -- --help --version\n        return\n    fi\n"
          "    local command=$words[2]\n"
          "    shift words\n    (( CURRENT-- ))\n"
          "    case $command in\n",
          out);
    for (size_t i = 0; n1_commands[i]; i++)
        print_command(out, n1_commands[i]);
    fputs("    esac\n}\n\nif [ \"$funcstack[1]\" = _n1prof ]; then\n    _n1prof \"$@\"\nelse\n    compdef _n1prof "
          "n1prof\nfi\n",
          out);
}
