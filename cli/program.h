/* The program to be recorded: where it is, and what about its file keeps a preloaded library out. */
#ifndef N1_CLI_PROGRAM_H
#define N1_CLI_PROGRAM_H

struct n1_program {
    char *path;         /* what will be executed */
    char *obstacle;     /* why the shim cannot be loaded into it, for a person; NULL: nothing found */
    char *sanitizer;    /* file name of the sanitizer run-time that it is linked with, or NULL */
    int cannot_preload; /* the dynamic linker would complain on the program's standard error: do not even try */
};

/* Looks name up as execvp() does. 0; 127: not found; 126: found but not to be executed; errno says why.
 * Of a script the interpreter is examined. */
int n1_program_find(struct n1_program *program, const char *name);
void n1_program_release(struct n1_program *program);

#endif
