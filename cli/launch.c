#include "cli/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t child;

static volatile sig_atomic_t last_passed_on;

static void pass_on(int signal_number)
{
    int kept = errno;
    last_passed_on = signal_number;
    if (child > 0)
        kill((pid_t)child, signal_number);
    errno = kept;
}

static void swallow(int signal_number)
{
    (void)signal_number;
}

static const struct {
    int number;
    void (*handler)(int);
} handled[] = {
    {SIGINT, SIG_IGN}, {SIGQUIT, SIG_IGN}, {SIGTERM, pass_on},
    {SIGHUP, pass_on}, {SIGUSR1, pass_on}, {SIGUSR2, pass_on},
};
#define HANDLED (sizeof handled / sizeof handled[0])

/* What the program inherits must be what we inherited: `before` is put back in it. A signal that was ignored stays so. */
static void take_signals(struct sigaction before[HANDLED])
{
    for (size_t i = 0; i < HANDLED; i++) {
        struct sigaction action = {.sa_handler = handled[i].handler, .sa_flags = SA_RESTART};
        sigemptyset(&action.sa_mask);
        sigaction(handled[i].number, NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(handled[i].number, &action, NULL);
    }
}

static void give_signals_back(const struct sigaction before[HANDLED])
{
    for (size_t i = 0; i < HANDLED; i++)
        sigaction(handled[i].number, &before[i], NULL);
}

/* Whoever ends a program by signalling it and then its whole group (timeout does, and CI systems do) means the program, and the
 * second signal finds us writing the report: one more of the kind that ended the program is let pass, the next one counts. */
static void expect_echo(int signal_number)
{
    struct sigaction action = {.sa_handler = swallow, .sa_flags = SA_RESTART | (int)SA_RESETHAND}, now;
    sigemptyset(&action.sa_mask);
    if (sigaction(signal_number, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
        sigaction(signal_number, &action, NULL);
}

/* A script without a #! line runs under sh, as execvp() and every shell do it. */
static void run(const char *path, char **argv, char **environment)
{
    execve(path, argv, environment);
    if (errno != ENOEXEC)
        return;
    size_t n = 0;
    while (argv[n])
        n++;
    char **shell = calloc(n + 3, sizeof *shell);
    if (!shell)
        return;
    shell[0] = (char *)(uintptr_t)(const void *)"/bin/sh";
    shell[1] = (char *)(uintptr_t)path;
    for (size_t i = 1; i < n; i++)
        shell[i + 1] = argv[i];
    execve(shell[0], shell, environment);
}

int n1_launch(struct n1_launch *launch, const char *path, char **argv, char **environment)
{
    int report[2]; /* closes with a successful exec, carries errno otherwise */
    struct sigaction before[HANDLED];
    sigset_t all, mask;
    memset(launch, 0, sizeof *launch);
    if (pipe2(report, O_CLOEXEC) != 0)
        return -1;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &mask);
    take_signals(before);
    pid_t pid = fork();
    if (pid == 0) {
        give_signals_back(before);
        sigprocmask(SIG_SETMASK, &mask, NULL);
        run(path, argv, environment);
        int error = errno;
        (void)!write(report[1], &error, sizeof error);
        _exit(127);
    }
    int error = errno;
    child = pid > 0 ? (sig_atomic_t)pid : 0;
    sigprocmask(SIG_SETMASK, &mask, NULL);
    close(report[1]);
    int status = 0;
    ssize_t got = 0;
    if (pid > 0) {
        do
            got = read(report[0], &launch->exec_errno, sizeof launch->exec_errno);
        while (got < 0 && errno == EINTR);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            continue;
        child = 0;
    }
    close(report[0]);
    sigprocmask(SIG_SETMASK, &all, NULL);
    give_signals_back(before);
    if (last_passed_on)
        expect_echo(last_passed_on);
    if (pid > 0 && WIFSIGNALED(status) && (WTERMSIG(status) == SIGTERM || WTERMSIG(status) == SIGHUP))
        expect_echo(WTERMSIG(status));
    sigprocmask(SIG_SETMASK, &mask, NULL);
    if (pid < 0) {
        errno = error;
        return -1;
    }
    if (got == (ssize_t)sizeof launch->exec_errno)
        launch->status = launch->exec_errno == ENOENT ? 127 : 126;
    else
        launch->has_run = 1;
    if (launch->has_run)
        launch->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return 0;
}
