/* ormsh: Django query expressions, one a line, over the models of a database. */
#include <dlfcn.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "orm/driver/sqlite_options.h"
#include "orm/shell/shell.h"

static const char usage[] =
    "usage: ormsh --db URL [--inspect | --models FILE] [--json] [--sql] [--rollback] [EXPRESSION]\n"
    "Evaluates Django query expressions, one a line from standard input, or the one given.\n"
    "  --db URL     sqlite:///absolute/path, sqlite://relative, sqlite::memory: or postgresql://...\n"
    "  --inspect    models from the database's own tables and foreign keys, named as Django's inspectdb names them\n"
    "  --models FILE  the models of a shared library (cc -shared models.c): a program's own\n"
    "  --json       one JSON object a line\n"
    "  --sql        also the statements that ran (at a terminal always)\n"
    "  --rollback   each line in a transaction that is rolled back\n";

struct options {
    const char *url, *expression, *models;
    bool inspect, json, sql, rollback;
};

struct session {
    struct shell shell;
    struct options options;
    struct orm_buf statements; /* of the line, as JSON texts or as lines */
    size_t n_statements;
    struct orm_buf last; /* the statement that is repeated, for a person */
    size_t n_repeated;
};

/* A loop's hundred equal statements are one line. */
static void put_repeated(struct session *x)
{
    if (x->n_repeated)
        orm_putf(&x->statements, "    %s", x->last.p);
    if (x->n_repeated > 1)
        orm_putf(&x->statements, "   (%zu times)", x->n_repeated);
    if (x->n_repeated)
        orm_put(&x->statements, "\n");
    x->n_repeated = 0;
}

static void note_statement(void *context, const char *sql)
{
    struct session *x = context;
    x->n_statements++;
    if (!x->options.json) {
        if (!x->n_repeated || strcmp(x->last.p, sql) != 0) {
            put_repeated(x);
            x->last.len = 0;
            orm_put(&x->last, sql);
        }
        x->n_repeated++;
        return;
    }
    orm_put(&x->statements, x->n_statements > 1 ? ", " : "");
    shell_put_json_text(&x->statements, sql);
}

/* ^C ends the statement that runs, not the shell. */
static volatile int interrupts;
static orm_db *interrupted;

static void on_interrupt(int signal)
{
    (void)signal;
    interrupts++;
    orm_interrupt(interrupted);
}

static void put_error(struct session *x, struct orm_buf *b)
{
    orm_db *db = x->shell.db;
    const char *name = orm_status_name(orm_status_of(db)), *message = orm_errmsg(db);
    if (!x->options.json) {
        orm_putf(b, "%s: %s\n", name, message);
        return;
    }
    orm_putf(b, "{\"error\": \"%s\", \"message\": ", name);
    shell_put_json_text(b, message);
}

static bool evaluate(struct session *x, const char *line, struct orm_buf *b)
{
    orm_db *db = x->shell.db;
    ORM_GUARD(db, false);
    struct shell_value v;
    return (!x->options.rollback || orm_begin(db) == ORM_OK) && shell_run(&x->shell, line, &v) &&
           (x->options.json ? shell_put_json : shell_put_table)(&x->shell, b, &v) && orm_status_of(db) == ORM_OK;
}

/* The answer in b, whole: a line that failed gives its error. False: there is not even memory for that. */
static bool answer(struct session *x, const char *line, struct orm_buf *b)
{
    ORM_GUARD(x->shell.db, false);
    orm_put(b, "");
    orm_put(&x->statements, "");
    if (!evaluate(x, line, b)) {
        b->len = 0;
        put_error(x, b);
    }
    put_repeated(x);
    if (x->options.json && x->options.sql)
        orm_putf(b, ", \"sql\": [%s]", x->statements.p);
    if (x->options.json)
        orm_put(b, "}\n");
    else if (x->options.sql)
        orm_putf(b, "%s", x->statements.p);
    return true;
}

/* Runs one line and prints what came of it. */
static void run_line(struct session *x, const char *line, struct orm_arena *scratch)
{
    orm_db *db = x->shell.db;
    struct orm_buf b = {.arena = scratch};
    x->statements = x->last = (struct orm_buf){.arena = scratch};
    x->n_repeated = 0;
    x->n_statements = 0;
    size_t mark = orm_mark(db);
    if (answer(x, line, &b))
        fwrite(b.p, 1, b.len, stdout);
    else
        puts(x->options.json ? "{\"error\": \"MemoryError\", \"message\": \"out of memory\"}"
                             : "MemoryError: out of memory");
    if (!x->options.json && x->n_statements)
        printf("-- %zu quer%s\n", x->n_statements, x->n_statements == 1 ? "y" : "ies");
    fflush(stdout);
    interrupts = 0; /* what it ended has ended */
    orm_clear(db);
    if (db->depth)
        orm_rollback(db);
    orm_clear(db);
    if (x->shell.n_variables == 0)
        orm_rewind(db, mark);
    orm_arena_release(scratch);
}

/* Blank lines and comments are no lines. */
static const char *code_of(char *line)
{
    size_t n = strlen(line);
    while (n && strchr(" \t\r\n", line[n - 1]))
        line[--n] = '\0';
    line += strspn(line, "> ");
    return *line && *line != '#' ? line : NULL;
}

/* ---- where lines come from ------------------------------------------------------------------------------------------- */

static char *read_terminal(const char *prompt)
{
    return shell_line_read(prompt);
}

static char *read_input(const char *prompt)
{
    (void)prompt;
    char *line = NULL;
    size_t size = 0;
    if (getline(&line, &size, stdin) >= 0)
        return line;
    free(line);
    return NULL;
}

/* A line with the block that it opens, which ends before the first line that is not indented; at a terminal also with a blank
 * line, and there an open bracket goes on on the next line. *next: a line that was read too many. malloc'd. */
static char *read_statement(char *(*read)(const char *prompt), bool is_terminal, char **next)
{
    char *text = *next ? *next : read("orm> ");
    *next = NULL;
    if (!text)
        return NULL;
    bool is_block = shell_opens_block(text);
    while (is_block || (is_terminal && shell_is_open(text))) {
        char *line = read("...  ");
        if (is_terminal && shell_line_was_cancelled()) { /* with all that was typed before */
            text[0] = '\0';
            free(line);
            break;
        }
        bool is_blank = line && line[strspn(line, " \t\r\n")] == '\0';
        bool ends = !line || (is_block && (is_blank ? is_terminal : !shell_continues_block(line)));
        char *longer = NULL;
        if (!ends && asprintf(&longer, "%s\n%s", text, line) < 0)
            longer = NULL;
        if (ends) {
            *next = line && !is_blank ? line : NULL;
            if (!*next)
                free(line);
            break;
        }
        free(line);
        if (!longer)
            break;
        free(text);
        text = longer;
    }
    return text;
}

static void run_all(struct session *x)
{
    struct orm_arena scratch = {.guard = &x->shell.db->guard};
    char *text, *next = NULL;
    const char *code;
    bool is_terminal = isatty(STDIN_FILENO) && !x->options.json;
    if (x->options.expression) {
        text = strdup(x->options.expression);
        if (text && (code = code_of(text)))
            run_line(x, code, &scratch);
        free(text);
        return;
    }
    if (is_terminal) {
        x->options.sql = true;
        interrupted = x->shell.db;
        x->shell.interrupts = &interrupts;
        sigaction(SIGINT, &(struct sigaction){.sa_handler = on_interrupt}, NULL);
        shell_lines_open(&x->shell);
    }
    while ((text = read_statement(is_terminal ? read_terminal : read_input, is_terminal, &next))) {
        if ((code = code_of(text)))
            run_line(x, code, &scratch);
        free(text);
    }
    if (is_terminal)
        shell_lines_close();
}

static int read_options(int argc, char **argv, struct options *o)
{
    enum { DB = 1, INSPECT, MODELS, JSON, SQL, ROLLBACK, HELP, VERSION };
    static const struct option list[] = {{"db", required_argument, NULL, DB},
                                         {"inspect", no_argument, NULL, INSPECT},
                                         {"json", no_argument, NULL, JSON},
                                         {"sql", no_argument, NULL, SQL},
                                         {"models", required_argument, NULL, MODELS},
                                         {"rollback", no_argument, NULL, ROLLBACK},
                                         {"help", no_argument, NULL, HELP},
                                         {"version", no_argument, NULL, VERSION},
                                         {0}};
    int c;
    while ((c = getopt_long(argc, argv, "", list, NULL)) != -1) {
        switch (c) {
        case DB: o->url = optarg; break;
        case INSPECT: o->inspect = true; break;
        case MODELS: o->models = optarg; break;
        case JSON: o->json = true; break;
        case SQL: o->sql = true; break;
        case ROLLBACK: o->rollback = true; break;
        case HELP: fputs(usage, stdout); return 0;
        case VERSION: puts("ormsh " N1_VERSION); return 0;
        default: fputs(usage, stderr); return 2;
        }
    }
    if (optind < argc)
        o->expression = argv[optind++];
    if (o->url && optind == argc && !(o->inspect && o->models))
        return -1;
    fputs(usage, stderr);
    return 2;
}

/* SQLite would make the file; a shell that was pointed at nothing should say so. */
static bool is_missing(const char *url)
{
    if (strncmp(url, "sqlite:", 7) != 0)
        return false;
    const char *options;
    char *path = orm_sqlite_path(url, &options);
    bool is = path && strcmp(path, ":memory:") != 0 && access(path, R_OK) != 0;
    free(path);
    return is;
}

int main(int argc, char **argv)
{
    struct session x = {0};
    int status = read_options(argc, argv, &x.options);
    if (status >= 0)
        return status;
    if (is_missing(x.options.url)) {
        fprintf(stderr, "ormsh: '%s': no such database file\n", x.options.url);
        return 2;
    }
    if (x.options.models && !dlopen(x.options.models, RTLD_NOW)) { /* its constructors register the models */
        fprintf(stderr, "ormsh: %s\n", dlerror());
        return 2;
    }
    orm_db *db = x.shell.db = orm_open(x.options.url);
    if (db && orm_status_of(db) == ORM_OK && x.options.models)
        orm_use_models(db, NULL, 0);
    else if (db && orm_status_of(db) == ORM_OK)
        orm_inspect(db);
    if (!db || orm_status_of(db) != ORM_OK) {
        fprintf(stderr, "ormsh: %s\n", db ? orm_errmsg(db) : "out of memory");
        orm_close(db);
        return 2;
    }
    orm_on_query(db, note_statement, &x);
    run_all(&x);
    orm_close(db);
    return 0;
}
