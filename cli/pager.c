#include "cli/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t pager;

static const char *program(void)
{
    static const char *const variables[] = {"N1PROF_PAGER", "PAGER"};
    for (size_t i = 0; i < G_N_ELEMENTS(variables); i++) {
        const char *value = g_getenv(variables[i]);
        if (value)
            return value;
    }
    char *less = g_find_program_in_path("less");
    g_free(less);
    return less ? "less" : "";
}

void n1_pager_start(void)
{
    const char *name = program();
    int end[2];
    if (pager > 0 || !isatty(STDOUT_FILENO) || g_strcmp0(g_getenv("TERM"), "dumb") == 0 || !*name ||
        strcmp(name, "cat") == 0)
        return;
    fflush(stdout);
    if (pipe2(end, O_CLOEXEC) != 0)
        return;
    pager = fork();
    if (pager == 0) {
        g_setenv("LESS", "FRX", FALSE);
        dup2(end[0], STDIN_FILENO);
        execl("/bin/sh", "sh", "-c", name, (char *)NULL);
        _exit(127);
    }
    if (pager > 0) {
        /* The reader may leave early, and Ctrl-C is the pager's affair: neither is a failure of ours. */
        signal(SIGPIPE, SIG_IGN);
        signal(SIGINT, SIG_IGN);
        dup2(end[1], STDOUT_FILENO);
    }
    close(end[0]);
    close(end[1]);
}

bool n1_pager_is_on(void)
{
    return pager > 0;
}

void n1_pager_finish(void)
{
    int status;
    if (pager <= 0)
        return;
    fflush(stdout);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0) {
        dup2(nowhere, STDOUT_FILENO); /* the pager's end of file */
        close(nowhere);
    } else {
        close(STDOUT_FILENO);
    }
    while (waitpid(pager, &status, 0) < 0 && errno == EINTR)
        continue;
    pager = -1;
    clearerr(stdout);
}
