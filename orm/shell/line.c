/* The line editor: libedit, with history and completion of model names and methods. */
#include <editline/readline.h>
#include <locale.h>
#include <stdlib.h>
#include <wchar.h>

#include "orm/shell/shell.h"

static struct shell *completing; /* libedit's callbacks have no context */

/* The next name that begins with text; state 0 starts over. */
static char *next_name(const char *text, int state)
{
    static size_t at;
    if (state == 0)
        at = 0;
    size_t n_methods, n_models = completing->db->registry.n_metas, n = strlen(text);
    const char *const *methods = shell_queryset_methods(&n_methods);
    static const char *const words[] = {"objects", "Q(", "F(", "Count(", "Avg(", "Sum(", "Min(", "Max("};
    const size_t n_words = sizeof words / sizeof *words;
    while (at < n_models + n_methods + n_words) {
        size_t i = at++;
        const char *name = i < n_models               ? completing->db->registry.metas[i]->name
                           : i < n_models + n_methods ? methods[i - n_models]
                                                      : words[i - n_models - n_methods];
        if (strncmp(name, text, n) == 0)
            return strdup(name);
    }
    return NULL;
}

static char **complete(const char *text, int start, int end)
{
    (void)start;
    (void)end;
    rl_attempted_completion_over = 1; /* file names are no names here */
    return rl_completion_matches(text, next_name);
}

/* The editor's keys, as characters. An end of input (^D) that was typed while the terminal was still in line mode arrives as
 * NUL, which libedit takes for "quote the next key": it is what it was. */
static int next_key(FILE *from)
{
    mbstate_t state = {0};
    wchar_t key;
    for (;;) {
        const int c = getc(from);
        if (c == EOF || c == 0)
            return c == 0 ? 'D' - '@' : EOF;
        const size_t used = mbrtowc(&key, &(char){(char)c}, 1, &state);
        if (used == (size_t)-2)
            continue;
        return used == (size_t)-1 ? c : (int)key;
    }
}

void shell_lines_open(struct shell *s)
{
    static char breaks[] = " \t\n\"'`@$><=;|&{(.,[";
    setlocale(LC_CTYPE, "");
    completing = s;
    rl_getc_function = next_key;
    rl_initialize();
    using_history();
    rl_attempted_completion_function = complete;
    rl_completer_word_break_characters = breaks;
    rl_completion_append_character = '\0';
}

char *shell_line_read(const char *prompt)
{
    char *line = readline(prompt);
    if (line && *line)
        add_history(line);
    return line;
}

void shell_lines_close(void)
{
    clear_history();
}
