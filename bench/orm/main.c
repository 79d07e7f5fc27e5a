/* bench_orm [-n BOOKS] URL seed | URL orm|hand|bare fetch|lookup|inside|prefetch [ROUNDS] | URL orm lazy|joined N
 * One line: the best time of the rounds in microseconds on the clock, the least of this process's own, and the sum that the
 * sides must agree on (bare has none: 0). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

int n_books = 100000, n_authors = 1000, n_prefetched = 20000;

/* "2026-01-02 03:04:05[.678][+00]" into microseconds since 1970. */
int64_t bench_read_datetime(const char *s)
{
    int part[6], at = 0;
    for (int i = 0; i < 6; i++) {
        int v = 0;
        while (s[at] >= '0' && s[at] <= '9')
            v = v * 10 + (s[at++] - '0');
        part[i] = v;
        at += s[at] != '\0';
    }
    int64_t fraction = 0;
    if (at && s[at - 1] == '.')
        for (int64_t unit = 100000; s[at] >= '0' && s[at] <= '9'; unit /= 10)
            fraction += (s[at++] - '0') * unit;
    int64_t y = part[0] - (part[1] <= 2), era = y / 400, yoe = y - era * 400;
    int64_t doy = (153 * (part[1] + (part[1] > 2 ? -3 : 9)) + 2) / 5 + part[2] - 1;
    int64_t days = era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
    return ((days * 24 + part[3]) * 60 + part[4]) * 60000000 + (int64_t)part[5] * 1000000 + fraction;
}

static int64_t now_us(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t run(const struct side *side, const char *what, int n)
{
    const struct {
        const char *name;
        int64_t (*work)(void);
    } works[] = {
        {"fetch", side->fetch}, {"lookup", side->lookup}, {"inside", side->inside}, {"prefetch", side->prefetch}};
    for (size_t i = 0; i < sizeof works / sizeof *works; i++)
        if (strcmp(what, works[i].name) == 0)
            return works[i].work();
    if (strcmp(what, "lazy") == 0 && side->lazy)
        return side->lazy(n);
    if (strcmp(what, "joined") == 0 && side->joined)
        return side->joined(n);
    fprintf(stderr, "bench_orm: no such work: %s\n", what);
    exit(2);
}

static const struct side *side_named(const char *name, bool is_sqlite)
{
    if (strcmp(name, "orm") == 0)
        return &side_orm;
    if (strcmp(name, "bare") == 0)
        return is_sqlite ? &bare_sqlite : &bare_libpq;
    return is_sqlite ? &side_sqlite : &side_libpq;
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "-n") == 0) {
        n_books = atoi(argv[2]) / 100 * 100;
        n_authors = n_books / 100;
        n_prefetched = 20 * n_authors;
        argc -= 2;
        argv += 2;
    }
    if (argc == 3 && strcmp(argv[2], "seed") == 0)
        return bench_seed(argv[1]) ? 0 : 1;
    if (argc < 4) {
        fputs("usage: bench_orm [-n BOOKS] URL seed | URL orm|hand|bare fetch|lookup|inside|prefetch "
              "[ROUNDS] | URL orm lazy|joined N\n",
              stderr);
        return 2;
    }
    const struct side *side = side_named(argv[2], strncmp(argv[1], "sqlite:", 7) == 0);
    int n = argc > 4 ? atoi(argv[4]) : 3;
    int rounds = strcmp(argv[3], "lazy") == 0 || strcmp(argv[3], "joined") == 0 ? 1 : n;
    int64_t best = INT64_MAX, least = INT64_MAX, sum = 0;
    if (!side->open(argv[1])) {
        fprintf(stderr, "bench_orm: cannot open %s\n", argv[1]);
        return 1;
    }
    for (int i = 0; i < rounds; i++) {
        int64_t start = now_us(CLOCK_MONOTONIC), own = now_us(CLOCK_PROCESS_CPUTIME_ID);
        sum = run(side, argv[3], n);
        own = now_us(CLOCK_PROCESS_CPUTIME_ID) - own;
        int64_t took = now_us(CLOCK_MONOTONIC) - start;
        best = took < best ? took : best;
        least = own < least ? own : least;
    }
    side->close();
    printf("%" PRId64 " %" PRId64 " %" PRId64 "\n", best, least, sum);
    return 0;
}
