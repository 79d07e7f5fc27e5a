/* SIGKILL at random moments: what the client library had finished is in the recording, however far its record had come. The
 * program counts in shared memory what has finished; the recording must hold that, and at most one statement a thread more
 * (finished and recorded, but not counted yet). preload_kill [ROUNDS]; without a number fewer on a machine that is too busy for them. */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "preload_recording.h"

enum { THREADS = 2, LEAST_ROUNDS = 20, SECONDS = 60 };
static int rounds = 200, seconds = SECONDS;

static uint64_t seed = 20261122;
static uint32_t random_below(uint32_t n)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(seed >> 33) % n;
}

static void sleep_us(uint32_t us)
{
    nanosleep(&(struct timespec){.tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000}, NULL);
}

static pid_t start(const struct recording *r, const char *truth)
{
    pid_t pid = fork();
    if (pid == 0) {
        recording_enter(r, false);
        setenv("LD_PRELOAD", N1_TEST_SHIM, 1);
        execl(N1_TEST_COUNTS, N1_TEST_COUNTS, truth, (char *)NULL);
        _exit(127);
    }
    assert_true(pid > 0);
    return pid;
}

/* Finished statements by thread, in the order of their first event. */
static size_t count_by_thread(const struct recording *r, uint64_t counts[THREADS])
{
    uint32_t tids[THREADS] = {0};
    size_t n = 0;
    struct n1_event ev;
    struct n1_trace *trace = recording_open(r);
    while (n1_trace_next(trace, &ev)) {
        if (ev.type != N1_EVENT_EXEC && ev.type != N1_EVENT_END)
            continue;
        size_t i = 0;
        while (i < n && tids[i] != ev.tid)
            i++;
        assert_true(i < THREADS);
        if (i == n)
            tids[n++] = ev.tid;
        counts[i]++;
    }
    assert_int_equal(trace->damaged_bytes, 0);
    n1_trace_close(trace);
    return n;
}

static void sort_pair(uint64_t pair[THREADS])
{
    if (pair[0] > pair[1]) {
        uint64_t swap = pair[0];
        pair[0] = pair[1];
        pair[1] = swap;
    }
}

static void one_round(uint64_t *statements)
{
    struct recording r;
    char truth[160];
    recording_make(&r);
    snprintf(truth, sizeof truth, "%s/truth", r.directory);
    int fd = open(truth, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(ftruncate(fd, 4096), 0);
    volatile uint64_t *finished = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    assert_true((const void *)(uintptr_t)finished != MAP_FAILED);
    close(fd);
    pid_t pid = start(&r, truth);
    for (int waited = 0; (finished[0] == 0 || finished[1] == 0) && waited < 20000; waited++)
        sleep_us(500);
    sleep_us(random_below(40000));
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &r.status, 0), pid);
    assert_true(WIFSIGNALED(r.status));

    uint64_t truths[THREADS] = {finished[0], finished[1]}, counts[THREADS] = {0};
    assert_int_equal(count_by_thread(&r, counts), THREADS);
    sort_pair(truths);
    sort_pair(counts);
    for (int i = 0; i < THREADS; i++) {
        assert_true(counts[i] >= truths[i]);
        assert_true(counts[i] <= truths[i] + 1);
        *statements += truths[i];
    }
    munmap((void *)(uintptr_t)finished, 4096);
    recording_remove(&r);
}

static void test_nothing_that_finished_is_missing(void **state)
{
    (void)state;
    uint64_t statements = 0;
    const time_t start = time(NULL);
    int done = 0;
    for (; done < rounds && (done < LEAST_ROUNDS || time(NULL) - start < seconds); done++)
        one_round(&statements);
    printf("%d kills, %llu statements, none missing\n", done, (unsigned long long)statements);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        rounds = atoi(argv[1]);
        seconds = INT_MAX;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing_that_finished_is_missing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
