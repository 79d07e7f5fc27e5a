/* bash: three tables as case statements (options of a command, what completes an option, what completes an argument), and a
 * function that reads them. Needs no bash-completion package. */
#include "cli/completion.h"

static const char function[] =
    "# _n1prof_reply WHAT [WORD...]: completes $cur\n"
    "_n1prof_reply() {\n"
    "    local what=$1\n"
    "    shift\n"
    "    case $what in\n"
    "    files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
    "    directories) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\") ;;\n"
    "    words | targets) mapfile -t COMPREPLY < <(compgen -W \"$*\" -- \"$cur\") ;;\n"
    "    esac\n"
    "    if [ \"$what\" = targets ]; then compopt -o nospace 2>/dev/null; fi\n"
    "}\n"
    "\n"
    "_n1prof() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} i what\n"
    "    COMPREPLY=()\n"
    "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
    "        _n1prof_reply words \"$(_n1prof_commands) --help --version\"\n"
    "        return\n"
    "    fi\n"
    "    # A program's command line completes as it does without us.\n"
    "    if _n1prof_takes_program \"$command\"; then\n"
    "        for ((i = 2; i < COMP_CWORD; i++)); do\n"
    "            case ${COMP_WORDS[i]} in\n"
    "            --) i=$((i + 1)); break ;;\n"
    "            -*) what=$(_n1prof_value \"$command\" \"${COMP_WORDS[i]}\")\n"
    "                if [ -n \"$what\" ] && [ \"${COMP_WORDS[i + 1]}\" = = ]; then i=$((i + 1)); fi\n"
    "                if [ -n \"$what\" ]; then i=$((i + 1)); fi\n"
    "                if [ \"${COMP_WORDS[i + 1]}\" = = ]; then i=$((i + 2)); fi ;;\n"
    "            *) break ;;\n"
    "            esac\n"
    "        done\n"
    "        if [ \"$i\" -lt \"$COMP_CWORD\" ] || { [ \"$i\" -eq \"$COMP_CWORD\" ] && [ \"$prev\" = -- ]; }; then\n"
    "            if declare -F _command_offset >/dev/null; then _command_offset \"$i\"\n"
    "            elif [ \"$i\" -eq \"$COMP_CWORD\" ]; then mapfile -t COMPREPLY < <(compgen -c -- \"$cur\")\n"
    "            else _n1prof_reply files; fi\n"
    "            return\n"
    "        fi\n"
    "    fi\n"
    "    # --option=value comes as three words; FORMAT=FILE too.\n"
    "    if [ \"$cur\" = = ]; then cur=; elif [ \"$prev\" = = ]; then prev=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
    "    case $prev in\n"
    "    -*) what=$(_n1prof_value \"$command\" \"$prev\") ;;\n"
    "    *) if [ \"${COMP_WORDS[COMP_CWORD]}\" = = ] || [ \"${COMP_WORDS[COMP_CWORD - 1]}\" = = ]; then what=files; fi "
    ";;\n"
    "    esac\n"
    "    if [ -z \"$what\" ] && [[ $cur == -* ]]; then\n"
    "        what=\"words $(_n1prof_options \"$command\")\"\n"
    "    fi\n"
    "    if [ -z \"$what\" ]; then what=$(_n1prof_argument \"$command\"); fi\n"
    "    # shellcheck disable=SC2086\n"
    "    _n1prof_reply $what\n"
    "}\n"
    "complete -F _n1prof n1prof\n";

static void print_completion(FILE *out, const struct n1_command *command, const char *placeholder)
{
    static const char *const names[] = {"nothing", "files", "directories", "words", "targets"};
    char *words = NULL;
    enum n1_completion what = n1_completion_of(command, placeholder, &words);
    fprintf(out, "echo '%s%s%s'", names[what], words ? " " : "", words ? words : "");
    g_free(words);
}

static void print_names(FILE *out, const GOptionEntry *entry)
{
    for (; entry->long_name; entry++)
        if (!(entry->flags & G_OPTION_FLAG_HIDDEN)) {
            fprintf(out, " --%s", entry->long_name);
            if (entry->short_name)
                fprintf(out, " -%c", entry->short_name);
        }
}

static void print_tables(FILE *out)
{
    fputs("_n1prof_commands() { echo '", out);
    for (size_t i = 0; n1_commands[i]; i++)
        fprintf(out, "%s%s", i ? " " : "", n1_commands[i]->name);
    fputs("'; }\n\n_n1prof_takes_program() {\n    case $1 in\n", out);
    for (size_t i = 0; n1_commands[i]; i++)
        if (n1_commands[i]->takes_program)
            fprintf(out, "    %s) return 0 ;;\n", n1_commands[i]->name);
    fputs("    esac\n    return 1\n}\n\n_n1prof_options() {\n    case $1 in\n", out);
    for (size_t i = 0; n1_commands[i]; i++) {
        fprintf(out, "    %s) echo '", n1_commands[i]->name);
        print_names(out, n1_command_common);
        print_names(out, n1_commands[i]->options);
        fputs("' ;;\n", out);
    }
    fputs("    esac\n}\n\n_n1prof_value() {\n    case \"$1 $2\" in\n", out);
    for (size_t i = 0; n1_commands[i]; i++)
        for (const GOptionEntry *entry = n1_commands[i]->options; entry->long_name; entry++) {
            if (!entry->arg_description || (entry->flags & G_OPTION_FLAG_HIDDEN))
                continue;
            fprintf(out, "    '%s --%s'", n1_commands[i]->name, entry->long_name);
            if (entry->short_name)
                fprintf(out, " | '%s -%c'", n1_commands[i]->name, entry->short_name);
            fputs(") ", out);
            print_completion(out, n1_commands[i], entry->arg_description);
            fputs(" ;;\n", out);
        }
    fputs("    esac\n}\n\n_n1prof_argument() {\n    case $1 in\n", out);
    for (size_t i = 0; n1_commands[i]; i++) {
        char *argument = n1_completion_argument(n1_commands[i]);
        fprintf(out, "    %s) ", n1_commands[i]->name);
        print_completion(out, n1_commands[i], argument);
        fputs(" ;;\n", out);
        g_free(argument);
    }
    fputs("    esac\n}\n\n", out);
}

void n1_completion_bash(FILE *out)
{
    fputs("# Completion of n1prof for bash; made by: n1prof completion bash\n", out);
    fputs("# shellcheck shell=bash\n\n", out);
    print_tables(out);
    fputs(function, out);
}
