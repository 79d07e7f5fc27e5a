/* The program's commands: one table (commands.c), one file a command (cmd_*.c). Only this folder prints messages and exits. */
#ifndef N1_CLI_COMMAND_H
#define N1_CLI_COMMAND_H

#include <glib.h>

struct n1_command {
    const char *name;
    const char *arguments;    /* behind "n1prof NAME [OPTION]…" in the usage line */
    const char *summary;      /* one line, no full stop */
    const char *examples;     /* whole lines, shown first by --help */
    const char *details;      /* paragraphs behind the options, or NULL */
    void (*print_more)(void); /* further help made from tables, before details; or NULL */
    const GOptionEntry *options;
    int failure;            /* exit status of n1prof's own failures and of wrong usage */
    gboolean takes_program; /* options end at the first other argument: what follows is a command line */
    /* argv holds what is left behind the options, NULL-terminated. Returns the exit status. */
    int (*run)(const struct n1_command *command, int argc, char **argv);
    /* The words that may stand for a placeholder of arguments or of an option ("FORMAT"), for completion: separated by blanks,
     * g_free() them; NULL: none are known. May be NULL itself: files for FILE, directories for TRACE. */
    char *(*words)(const char *placeholder);
};

extern const struct n1_command n1_command_run, n1_command_record, n1_command_report, n1_command_check, n1_command_diff,
    n1_command_baseline, n1_command_dump, n1_command_doctor, n1_command_explain, n1_command_completion;
/* All of them in the order of --help, NULL-terminated. */
extern const struct n1_command *const n1_commands[];
/* NULL when there is none of that name. */
const struct n1_command *n1_command_find(const char *name);
/* Options that every command has. */
extern const GOptionEntry n1_command_common[];

/* Parses the options of a command (argv[0] is its name), then runs it. --help is answered here. */
int n1_command_execute(const struct n1_command *command, char **argv);
/* The text of --help, on standard output. */
void n1_command_help(const struct n1_command *command);

#endif
