#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/kinds.h"
#include "cli/message.h"
#include "cli/page.h"
#include "cli/pager.h"
#include "cli/terminal.h"
#include "reports/words.h"

static const GOptionEntry entries[] = {
    G_OPTION_ENTRY_NULL,
};

/* The action's section of docs/actions.md, g_free() it; NULL: there is none. */
static char *section_of(const char *action)
{
    char *heading = g_strdup_printf("## %s\n", action);
    const char *start = strstr(n1_actions_page, heading), *end = start ? strstr(start + 3, "\n## ") : NULL;
    g_free(heading);
    return !start ? NULL : end ? g_strndup(start, (gsize)(end + 1 - start)) : g_strdup(start);
}

static char *words(const char *placeholder)
{
    if (strcmp(placeholder, "NAME") != 0)
        return NULL;
    GString *list = g_string_new(NULL);
    for (const struct n1_kind_page *page = n1_kind_pages; page->name; page++)
        g_string_append_printf(list, "%s ", page->name);
    for (const char *p = strstr(n1_actions_page, "\n## "); p; p = strstr(p + 1, "\n## "))
        g_string_append_printf(list, "%.*s ", (int)strcspn(p + 4, "\n"), p + 4);
    return g_string_free(list, FALSE);
}

static void print_names(void)
{
    printf("\nNAME, a kind of finding:\n");
    for (size_t i = 0; i < N1_KINDS && n1_kind_pages[i].name; i++)
        printf("  %-20s %s\n", n1_kind_pages[i].name, n1_rule_words[i].summary);
    printf("\nNAME, a mend:\n");
    for (const char *p = strstr(n1_actions_page, "\n## "); p; p = strstr(p + 1, "\n## ")) {
        int length = (int)strcspn(p + 4, "\n");
        const char *line = p + 4 + length + strspn(p + 4 + length, "\n");
        printf("  %-20.*s %.*s\n", length, p + 4, (int)strcspn(line, "\n"), line);
    }
}

/* Markdown for a kind as the JSON report or as SARIF spells it, or for an action; g_free() it. */
static char *find_page(const char *given)
{
    char *name = g_strdelimit(g_ascii_strdown(given, -1), "-", '_'), *text = NULL;
    for (size_t i = 0; i < N1_KINDS && n1_kind_pages[i].name && !text; i++)
        if (strcmp(name, n1_kind_pages[i].name) == 0 || g_ascii_strcasecmp(given, n1_rule_words[i].name) == 0)
            text = g_strdup(n1_kind_pages[i].text);
    if (!text)
        text = section_of(name);
    g_free(name);
    return text;
}

static int run(const struct n1_command *command, int argc, char **argv)
{
    if (argc == 0) {
        n1_command_help(command);
        return fflush(stdout) == 0 ? 0 : command->failure;
    }
    if (argc > 1)
        return n1_complain(command->failure, "explain: one name at a time; what is '%s'?", argv[1]);
    char *text = find_page(argv[0]);
    if (!text) {
        char *list = words("NAME");
        int status = n1_complain(command->failure, "there is nothing named '%s' to explain; names: %s", argv[0],
                                 g_strchomp(list));
        g_free(list);
        return status;
    }
    int width = (int)n1_terminal_columns(stdout, 40, 100);
    bool use_colour = n1_terminal_colour(stdout, NULL);
    n1_pager_start();
    n1_page_print(stdout, text, width, use_colour);
    g_free(text);
    int rc = fflush(stdout) == 0 || n1_pager_is_on() ? 0 : -1;
    n1_pager_finish();
    return rc == 0 ? 0 : n1_complain(command->failure, "standard output: cannot write it");
}

const struct n1_command n1_command_explain = {
    .name = "explain",
    .arguments = "[NAME]",
    .summary = "what a kind of finding is, how it is mended",
    .examples = "  n1prof explain n_plus_one                   what it is, and the mend in five stacks\n"
                "  n1prof explain prefetch_related             a mend that a report names\n",
    .print_more = print_names,
    .options = entries,
    .failure = 2,
    .run = run,
    .words = words,
};
