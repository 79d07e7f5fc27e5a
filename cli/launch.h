/* Runs a program as if it had been started without us: same terminal, same process group, same signals, same descriptors.
 *
 * While it runs, SIGINT and SIGQUIT of the terminal are its own affair (it gets them too; we only wait), and SIGTERM, SIGHUP,
 * SIGUSR1 and SIGUSR2 that reach us are passed on.
 */
#ifndef N1_CLI_LAUNCH_H
#define N1_CLI_LAUNCH_H

struct n1_launch {
    int status;     /* the program's own, or 128 + N when signal N ended it */
    int exec_errno; /* not 0: the program could not be started, status is 126 or 127 */
    int has_run;
};

/* argv and environment as for execve(). 0, or -1 with errno when no process could be made or waited for. */
int n1_launch(struct n1_launch *launch, const char *path, char **argv, char **environment);

#endif
