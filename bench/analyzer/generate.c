/* generate MIX STATEMENTS DIRECTORY [POSTGRES_LOG [SLOW_LOG]]: a recording, and the same statements as logs ("-": none). */
#include <errno.h>
#include <stdlib.h>

#include "mixes.h"

static int usage(void)
{
    fputs("usage: generate MIX STATEMENTS DIRECTORY [POSTGRES_LOG [SLOW_LOG]]\n", stderr);
    for (size_t i = 0; i < mixes_count; i++)
        fprintf(stderr, "  %-10s %s\n", mixes[i].name, mixes[i].what);
    return 2;
}

static FILE *open_log(int argc, char **argv, int at)
{
    if (at >= argc || strcmp(argv[at], "-") == 0)
        return NULL;
    FILE *file = fopen(argv[at], "w");
    if (file == NULL) {
        fprintf(stderr, "generate: %s: %s\n", argv[at], strerror(errno));
        exit(1);
    }
    return file;
}

static int close_log(FILE *file)
{
    return file != NULL && fclose(file) != 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return usage();
    char *end;
    unsigned long long statements = strtoull(argv[2], &end, 10);
    if (*end != '\0' || statements == 0)
        return usage();
    for (size_t i = 0; i < mixes_count; i++) {
        if (strcmp(mixes[i].name, argv[1]) != 0)
            continue;
        struct logs logs = {open_log(argc, argv, 4), open_log(argc, argv, 5)};
        struct recording *rec = recording_new(argv[3]);
        mixes[i].make(rec, &logs, statements);
        recording_close(rec);
        return close_log(logs.postgres) | close_log(logs.slow);
    }
    return usage();
}
