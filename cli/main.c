#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/message.h"
#include "trace/format.h"

static int usage(FILE *out)
{
    fputs("n1prof finds, proves and mends N+1 database queries.\n\n"
          "Examples:\n"
          "  n1prof run -- python3 manage.py test     record a program, then print the report\n"
          "  n1prof record -o shop.trace -- ./shop    only record\n"
          "  n1prof report shop.trace                 the report of a recording\n\n"
          "Usage: n1prof COMMAND [OPTION]... [ARGUMENT]...\n\n"
          "Commands:\n",
          out);
    for (size_t i = 0; n1_commands[i]; i++)
        fprintf(out, "  %-10s %s\n", n1_commands[i]->name, n1_commands[i]->summary);
    fputs("\nn1prof COMMAND --help says more; n1prof --version names the libraries too.\n", out);
    return fflush(out) == 0 ? 0 : 2;
}

/* Letters to insert, drop, replace or swap with their neighbour (optimal string alignment). */
static size_t distance(const char *a, const char *b)
{
    enum { MOST = 32 };
    size_t n = strlen(a), m = strlen(b), row[MOST + 1][MOST + 1];
    if (n > MOST || m > MOST)
        return MOST;
    for (size_t i = 0; i <= n; i++)
        row[i][0] = i;
    for (size_t j = 0; j <= m; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= n; i++)
        for (size_t j = 1; j <= m; j++) {
            size_t best = row[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            best = MIN(best, MIN(row[i - 1][j], row[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = MIN(best, row[i - 2][j - 2] + 1);
            row[i][j] = best;
        }
    return row[n][m];
}

static int unknown(const char *name)
{
    const struct n1_command *nearest = NULL;
    size_t best = 3;
    for (size_t i = 0; n1_commands[i]; i++) {
        size_t d = distance(name, n1_commands[i]->name);
        if (d < best) {
            best = d;
            nearest = n1_commands[i];
        }
    }
    if (nearest)
        return n1_complain(2, "there is no command '%s'; did you mean 'n1prof %s'?", name, nearest->name);
    return n1_complain(2, "there is no command '%s'; to profile a program: n1prof run -- PROGRAM; see n1prof --help",
                       name);
}

static int version(void)
{
    printf("n1prof %s\n"
           "  analyzer   GLib %u.%u.%u, elfutils " N1_LIBDW ", jansson " N1_JANSSON ", xxHash " N1_XXHASH
           ", PostgreSQL %s's parser\n"
           "  hooks      SQLite (headers " N1_SQLITE3 "), libpq (headers " N1_LIBPQ ")\n"
           "  recording  format %d\n",
           N1_VERSION, glib_major_version, glib_minor_version, glib_micro_version, N1_PG_QUERY, N1_FORMAT_VERSION);
    return fflush(stdout) == 0 ? 0 : 2;
}

static int help(char **argv)
{
    if (!argv[0])
        return usage(stdout);
    const struct n1_command *command = n1_command_find(argv[0]);
    if (!command)
        return unknown(argv[0]);
    n1_command_help(command);
    return fflush(stdout) == 0 ? 0 : 2;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return 2;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0)
        return help(argv + 2);
    if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0)
        return version();
    if (name[0] == '-')
        return n1_complain(2, "there is no option '%s' before a command; see n1prof --help", name);
    const struct n1_command *command = n1_command_find(name);
    return command ? n1_command_execute(command, argv + 1) : unknown(name);
}
