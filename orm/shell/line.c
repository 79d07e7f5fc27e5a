/* The line editor: libedit, with history and completion of models, methods and the names that a query knows. */
#include <editline/readline.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "orm/model/lookup.h"
#include "orm/shell/shell.h"

enum { MAX_HISTORY = 1000 };

static struct shell *completing; /* libedit's callbacks have no context */
static bool is_cancelled;

/* ---- completion --------------------------------------------------------------------------------------------------------- */

static char **found; /* of the word being completed; libedit frees the texts that were handed out */
static size_t n_found;

static void offer(const char *path, size_t path_length, const char *name, const char *word)
{
    char *text;
    size_t n = strlen(word);
    if (asprintf(&text, "%.*s%s", (int)path_length, path, name) < 0)
        return;
    bool is_new = strncmp(text, word, n) == 0;
    for (size_t i = 0; i < n_found && is_new; i++)
        is_new = strcmp(found[i], text) != 0;
    char **more = is_new ? realloc(found, (n_found + 1) * sizeof *found) : NULL;
    if (!more) {
        free(text);
        return;
    }
    found = more;
    found[n_found++] = text;
}

/* The last model that the line names before the word: that of the chain which is being written. */
static const struct orm_meta *model_before(size_t start)
{
    const struct orm_registry *r = &completing->db->registry;
    const struct orm_meta *last = NULL;
    size_t at = 0;
    for (size_t i = 0; i < r->n_metas; i++) {
        const char *s = r->metas[i]->model ? strstr(rl_line_buffer, r->metas[i]->name) : NULL;
        size_t pos = s ? (size_t)(s - rl_line_buffer) : 0;
        if (s && pos < start && (!last || pos > at || (pos == at && strlen(r->metas[i]->name) > strlen(last->name)))) {
            last = r->metas[i];
            at = pos;
        }
    }
    return last;
}

/* author__na: the names behind the last "__", from the model that the path ends at; behind a column its lookups. */
static void offer_paths(const char *word, size_t start)
{
    const struct orm_meta *m = model_before(start);
    const char *name = word, *end;
    bool is_column = false;
    if (*name == '-')
        name++;
    for (; m && (end = strstr(name, "__")); name = end + 2) {
        const struct orm_attr *a = is_column ? NULL : orm_attr_named(m, name, (size_t)(end - name));
        if (!a)
            return;
        is_column = a->relation == ORM_REL_NONE;
        m = is_column ? m : a->to;
    }
    size_t path = (size_t)(name - word);
    for (size_t i = 0; m && !is_column && i < m->n_attrs; i++)
        if (!m->attrs[i]->hidden)
            offer(word, path, m->attrs[i]->name, word);
    for (size_t i = 0; m && path && i < ORM_N_LOOKUPS; i++)
        offer(word, path, orm_lookups[i].name, word);
    for (size_t i = 0; m && path && i < ORM_N_PARTS; i++)
        offer(word, path, orm_parts[i].name, word);
}

static char *next_found(const char *text, int state)
{
    static size_t at;
    (void)text;
    if (state == 0)
        at = 0;
    return at < n_found ? found[at++] : NULL;
}

static char **complete(const char *word, int start, int end)
{
    static const char *const words[] = {"objects", "Q(",     "F(",    "Count(", "Avg(",   "Sum(",    "Min(",
                                        "Max(",    "print(", "list(", "len(",   "Value(", "Exists(", "OuterRef("};
    size_t n_methods;
    const char *const *methods = shell_queryset_methods(&n_methods);
    (void)end;
    n_found = 0;
    for (size_t i = 0; i < completing->db->registry.n_metas; i++)
        if (completing->db->registry.metas[i]->model)
            offer("", 0, completing->db->registry.metas[i]->name, word);
    for (size_t i = 0; i < n_methods; i++)
        offer("", 0, methods[i], word);
    for (size_t i = 0; i < completing->n_variables; i++)
        offer("", 0, completing->variables[i].name, word);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        offer("", 0, words[i], word);
    offer_paths(word, (size_t)start);
    rl_attempted_completion_over = 1; /* file names are no names here */
    return n_found ? rl_completion_matches(word, next_found) : NULL;
}

/* ---- keys --------------------------------------------------------------------------------------------------------------- */

/* Waits for a key. False: ^C came first. It may have come already, between the prompt and the editor's taking the terminal
 * over: so it is looked at with the signal held back, which only the wait lets through. When both are there, ^C is the
 * older one: the terminal forgets the keys before it. */
static bool wait_for_key(FILE *from)
{
    struct pollfd key = {.fd = fileno(from), .events = POLLIN};
    sigset_t interrupt, before;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    sigprocmask(SIG_BLOCK, &interrupt, &before);
    while (!*completing->interrupts && ppoll(&key, 1, NULL, &before) < 0 && errno == EINTR)
        ;
    sigprocmask(SIG_SETMASK, &before, NULL);
    const bool is_key = !*completing->interrupts;
    *completing->interrupts = 0;
    return is_key;
}

/* The editor's keys, as characters. An end of input (^D) that was typed while the terminal was still in line mode arrives as
 * NUL, which libedit takes for "quote the next key": it is what it was. ^C empties the line and ends it. */
static int next_key(FILE *from)
{
    static bool ends_line;
    mbstate_t state = {0};
    wchar_t key;
    if (ends_line) {
        ends_line = false;
        return '\r';
    }
    for (;;) {
        if (!wait_for_key(from)) {
            is_cancelled = ends_line = true;
            return 'U' - '@';
        }
        const int c = getc(from);
        if (c == EOF && *completing->interrupts) {
            clearerr(from);
            continue;
        }
        if (c == EOF || c == 0)
            return c == 0 ? 'D' - '@' : EOF;
        const size_t used = mbrtowc(&key, &(char){(char)c}, 1, &state);
        if (used == (size_t)-2)
            continue;
        return used == (size_t)-1 ? c : (int)key;
    }
}

/* ---- history ------------------------------------------------------------------------------------------------------------ */

/* ORMSH_HISTORY, or .ormsh_history at home; NULL: nowhere. malloc'd. */
static char *history_path(void)
{
    const char *own = getenv("ORMSH_HISTORY"), *home = getenv("HOME");
    char *path = NULL;
    if (own)
        return *own ? strdup(own) : NULL;
    return home && asprintf(&path, "%s/.ormsh_history", home) >= 0 ? path : NULL;
}

void shell_lines_open(struct shell *s)
{
    static char breaks[] = " \t\n\"'`@$><=;|&{(.,[~";
    setlocale(LC_CTYPE, "");
    completing = s;
    rl_getc_function = next_key;
    rl_catch_signals = 0;            /* ^C is ours */
    setvbuf(stdin, NULL, _IONBF, 0); /* a key that was read is a key that was given */
    rl_initialize();
    using_history();
    stifle_history(MAX_HISTORY);
    char *path = history_path();
    if (path)
        read_history(path);
    free(path);
    rl_attempted_completion_function = complete;
    rl_completer_word_break_characters = breaks;
    rl_completion_append_character = '\0';
}

char *shell_line_read(const char *prompt)
{
    is_cancelled = false;
    char *line = readline(prompt);
    if (line && *line)
        add_history(line);
    return line;
}

bool shell_line_was_cancelled(void)
{
    return is_cancelled;
}

/* What was typed is the person's own: nobody else may read it. */
void shell_lines_close(void)
{
    char *path = history_path();
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600) : -1;
    struct stat st;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && fchmod(fd, 0600) == 0)
        write_history(path);
    if (fd >= 0)
        close(fd);
    free(path);
    free(found);
    found = NULL;
    clear_history();
}
