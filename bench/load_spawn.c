/* load_spawn COUNT PROGRAM: starts PROGRAM and waits for it, COUNT times; the figures are those of its children. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: load_spawn COUNT PROGRAM\n");
        return 2;
    }
    long count = atol(argv[1]);
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (long i = 0; i < count; i++) {
        pid_t pid;
        int status;
        char *child[] = {argv[2], NULL};
        if (posix_spawn(&pid, argv[2], NULL, NULL, child, environ) != 0 || waitpid(pid, &status, 0) != pid ||
            status != 0) {
            fprintf(stderr, "load_spawn: %s failed\n", argv[2]);
            return 1;
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    long long cpu_us =
        (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000LL + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    printf("{\"statements\": %ld, \"cpu_ns\": %lld, \"wall_ns\": %lld}\n", count, cpu_us * 1000,
           (to.tv_sec - from.tv_sec) * 1000000000LL + to.tv_nsec - from.tv_nsec);
    return 0;
}
