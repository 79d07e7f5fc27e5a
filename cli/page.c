#include "cli/page.h"

#include <glib.h>
#include <string.h>

#define BOLD  "\033[1m"
#define PLAIN "\033[0m"

struct printer {
    FILE *out;
    int width;
    bool use_colour;
    GString *text; /* the paragraph that is being gathered */
    int indent;    /* of its lines behind the first */
};

/* Words of a paragraph; `…` is kept as one word's part, so that code is not torn in its middle. */
static void flush_paragraph(struct printer *p)
{
    int column = 0;
    bool in_code = false;
    char *word = p->text->str;
    while (*word) {
        char *end = word;
        for (; *end && (in_code || *end != ' '); end++)
            if (*end == '`')
                in_code = !in_code;
        in_code = false;
        int length = (int)g_utf8_strlen(word, end - word);
        if (column > 0 && column + 1 + length > p->width)
            column = fprintf(p->out, "\n%*s", p->indent, "") - 1;
        else if (column > 0)
            column += fprintf(p->out, " ");
        fwrite(word, 1, (size_t)(end - word), p->out);
        column += length;
        word = end + strspn(end, " ");
    }
    if (p->text->len > 0)
        fputc('\n', p->out);
    g_string_truncate(p->text, 0);
}

static void print_heading(struct printer *p, const char *line)
{
    line += strspn(line, "# ");
    fprintf(p->out, "%s%s%s\n", p->use_colour ? BOLD : "", line, p->use_colour ? PLAIN : "");
}

/* A line outside of code. */
static void take_line(struct printer *p, const char *line)
{
    bool is_item = g_str_has_prefix(line, "- ");
    if (*line == '\0' || *line == '#' || is_item)
        flush_paragraph(p);
    if (*line == '\0') {
        fputc('\n', p->out);
    } else if (*line == '#') {
        print_heading(p, line);
    } else {
        if (p->text->len == 0)
            p->indent = is_item ? 2 : 0;
        else
            g_string_append_c(p->text, ' ');
        g_string_append(p->text, line + strspn(line, " "));
    }
}

void n1_page_print(FILE *out, const char *markdown, int width, bool use_colour)
{
    struct printer p = {.out = out, .width = width, .use_colour = use_colour, .text = g_string_new(NULL)};
    char **line = g_strsplit(markdown, "\n", -1);
    bool in_code = false;
    for (char **l = line; *l && (l[1] || **l); l++) {
        if (g_str_has_prefix(*l, "```")) {
            flush_paragraph(&p);
            in_code = !in_code;
        } else if (in_code) {
            fprintf(out, "%s%s\n", **l ? "    " : "", *l);
        } else {
            take_line(&p, *l);
        }
    }
    flush_paragraph(&p);
    g_strfreev(line);
    g_string_free(p.text, TRUE);
}
