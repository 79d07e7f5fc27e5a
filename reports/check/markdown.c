/* The verdict for a pull request's comment; the first line is a comment that nobody sees, by which a bot finds its earlier one. */
#include "reports/check/check.h"
#include "reports/escape.h"

/* GitHub's limit of a comment is 65 536 characters. */
enum { BYTES_MOST = 60000, ROWS_MOST = 40 };

static void append_line(GString *out, const char *text)
{
    char *clean = n1_clean_line(text, N1_CLEAN_WORDS);
    n1_append_markdown(out, clean);
    g_free(clean);
}

static void append_code(GString *out, const char *text)
{
    char *clean = n1_clean_label(text);
    n1_append_markdown_code(out, clean);
    g_free(clean);
}

static void append_row(GString *out, const struct n1_verdict *v, const struct n1_check_options *options,
                       const struct n1_verdict_line *line)
{
    char *place = n1_verdict_place(v, options, line);
    g_string_append(out, "| ");
    append_line(out, place ? place : "");
    g_string_append(out, " | ");
    append_code(out, line->subject);
    g_string_append(out, " | ");
    append_line(out, line->before ? line->before : "none");
    g_string_append(out, " | ");
    append_line(out, line->now ? line->now : "none");
    g_string_append(out, " |\n");
    g_free(place);
}

static void append_mends(GString *out, const struct n1_verdict *v, const struct n1_check_options *options, guint first,
                         guint count)
{
    for (guint k = 0; k < count; k++) {
        const struct n1_verdict_line *line = n1_verdict_at(v, first + k);
        char *mend = n1_verdict_mend(v, options, line), *place = mend ? n1_verdict_place(v, options, line) : NULL;
        if (mend) {
            g_string_append(out, "\n- ");
            append_line(out, place ? place : "");
            g_string_append(out, place ? ": " : "");
            append_line(out, mend);
        }
        g_free(place);
        g_free(mend);
    }
    g_string_append_c(out, '\n');
}

static void append_commands(GString *out, const struct n1_verdict *v, guint first, guint count)
{
    GString *commands = g_string_new(NULL);
    for (guint k = 0; k < count; k++) {
        const struct n1_verdict_line *line = n1_verdict_at(v, first + k);
        if (line->fails && line->command)
            g_string_append_printf(commands, "%s\n", line->command);
    }
    if (commands->len > 0) {
        char *clean = n1_clean(commands->str, N1_CLEAN_BODY);
        g_string_append(out, "\nTo accept:\n");
        n1_append_markdown_fence(out, clean, "sh");
        g_free(clean);
    }
    g_string_free(commands, TRUE);
}

static void append_group(GString *out, const struct n1_verdict *v, const struct n1_check_options *options, guint first,
                         guint count)
{
    const struct n1_verdict_line *line = n1_verdict_at(v, first);
    guint shown = MIN(count, ROWS_MOST);
    g_string_append_printf(out, "\n#### %s (%u)\n\n", n1_change_words[line->change].title, count);
    g_string_append(out, "| place | statement | before | now |\n| --- | --- | --- | --- |\n");
    for (guint k = 0; k < shown; k++)
        append_row(out, v, options, n1_verdict_at(v, first + k));
    if (shown < count)
        g_string_append_printf(out, "\nand %u more\n", count - shown);
    append_mends(out, v, options, first, shown);
    append_commands(out, v, first, shown);
}

static int write_markdown(FILE *out, const struct n1_verdict *v, const struct n1_check_options *options)
{
    GString *page = g_string_new(NULL);
    guint count;
    g_string_append_printf(page, "<!-- n1prof-%s -->\n### n1prof: ", n1_verdict_subject_name(v));
    append_line(page, v->headline);
    g_string_append_c(page, '\n');
    for (guint i = 0; n1_verdict_group(v, &i, &count); i += count) {
        if (n1_verdict_at(v, i)->change == N1_CHANGE_CONSTANT)
            continue;
        GString *group = g_string_new(NULL);
        append_group(group, v, options, i, count);
        if (page->len + group->len < BYTES_MOST)
            g_string_append(page, group->str);
        else
            g_string_append_printf(page, "\n%s: %u, too many to show here\n",
                                   n1_change_words[n1_verdict_at(v, i)->change].title, count);
        g_string_free(group, TRUE);
    }
    for (guint i = 0; i < v->note->len; i++) {
        g_string_append_c(page, '\n');
        append_line(page, g_ptr_array_index(v->note, i));
        g_string_append_c(page, '\n');
    }
    fwrite(page->str, 1, page->len, out);
    g_string_free(page, TRUE);
    return ferror(out) ? -1 : 0;
}

const struct n1_check_format n1_check_markdown = {
    .name = "markdown",
    .description = "a pull request's comment, with a marker to find it by",
    .is_for_diff = true,
    .write = write_markdown,
};
